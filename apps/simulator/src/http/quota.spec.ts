import { describe, expect, it } from 'vitest';
import { ManualClock } from '../common/clock.js';
import { Quota } from './quota.js';

describe('Quota', () => {
  it('lets through what its tightest window has left, and again in the next', () => {
    const clock = new ManualClock();
    const quota = new Quota(clock, { minute: 2, hour: 3 });
    expect([quota.take(), quota.take(), quota.take()]).toEqual([true, true, false]);
    expect(quota.tightest()).toMatchObject({ name: 'minute', max: 2, remaining: 0, resetAt: clock.now() + 60_000 });
    clock.advance(60_000);
    expect([quota.take(), quota.take()]).toEqual([true, false]);
    expect(quota.tightest()).toMatchObject({ name: 'hour', remaining: 0 });
  });

  it('counts what it granted, refused, and granted in each minute, however long that is', () => {
    const clock = new ManualClock();
    const quota = new Quota(clock, { minute: 2, hour: 5 }, 1_000);
    for (let second = 0; second < 4; second += 1) {
      for (let request = 0; request < 3; request += 1) quota.take();
      clock.advance(1_000);
    }
    expect(quota.totals()).toEqual({ granted: 5, refused: 7, minutes: [2, 2, 1, 0] });
    clock.advance(56_000);
    expect(quota.take()).toBe(true);
  });

  it('has no limit unless told, and keeps what was used when told', () => {
    const quota = new Quota(new ManualClock(), {});
    for (let index = 0; index < 100; index += 1) expect(quota.take()).toBe(true);
    quota.configure({ day: 100 });
    expect(quota.take()).toBe(false);
  });
});
