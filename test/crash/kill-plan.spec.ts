import { SeededRandom } from '@livetap/testkit';
import { expect, it } from 'vitest';
import { CrashPoint } from '../../apps/watcher/src/common/crash-point.js';
import { FIRST_START, makePlan, RECURRING } from './kill-plan.js';

const plan = (seed: number) =>
  makePlan({
    random: new SeededRandom(seed),
    points: [...FIRST_START, ...RECURRING],
    rounds: 2,
    randomKills: 20,
    stops: 3,
    lifeMs: 500,
  });

it('the same seed makes the same plan: every point as often as asked, so many kills at random moments, so many stops', () => {
  expect(plan(5)).toEqual(plan(5));
  expect(plan(5)).not.toEqual(plan(6));
  const deaths = plan(5).flat();
  const times = (point: CrashPoint): number =>
    deaths.filter((death) => death.kind === 'point' && death.point === point).length;
  expect(FIRST_START.map(times)).toEqual(FIRST_START.map(() => 1));
  expect(RECURRING.map(times)).toEqual(RECURRING.map(() => 2));
  expect(deaths.filter(({ kind }) => kind === 'random')).toHaveLength(20);
  expect(deaths.filter(({ kind }) => kind === 'stop')).toHaveLength(3);
});

it('a start that has nothing to recover is never followed at once by one that is to die in recovery', () => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const [first = [], ...groups] = plan(seed);
    expect(first.map((death) => (death.kind === 'point' ? death.point : death.kind))).toEqual([
      ...FIRST_START,
      'random',
    ]);
    for (const [death, follower] of groups) {
      if (death?.kind !== 'point' || death.point !== CrashPoint.SegmentWithoutHeader) continue;
      expect(follower).toMatchObject({ kind: 'random', from: 'ready' });
    }
  }
});
