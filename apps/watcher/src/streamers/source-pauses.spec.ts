import { FakeClock, SeededRandom } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { SourcePauses } from './source-pauses.js';

describe('a source that refuses', () => {
  const setup = (): { clock: FakeClock; pauses: SourcePauses } => {
    const clock = new FakeClock();
    return { clock, pauses: new SourcePauses({ clock, random: new SeededRandom(1) }) };
  };

  it('is left alone after three refusals in a row, longer each time, never longer than ten minutes', async () => {
    const { clock, pauses } = setup();
    const waits: number[] = [];
    for (let n = 0; n < 12; n += 1) {
      pauses.refused('html', '');
      waits.push(pauses.pausedFor('html', ''));
      await clock.advance(pauses.pausedFor('html', ''));
    }
    expect(waits.slice(0, 2)).toEqual([0, 0]);
    waits.slice(2).forEach((wait, n) => {
      const longest = Math.min(600_000, 30_000 * 2 ** n);
      expect(wait).toBeGreaterThanOrEqual(longest / 2);
      expect(wait).toBeLessThanOrEqual(longest);
    });
  });

  it('does not stop the other sources, nor the same source from another address', () => {
    const { pauses } = setup();
    for (let n = 0; n < 3; n += 1) pauses.refused('html', 'http://proxy-1');
    expect(pauses.pausedFor('html', 'http://proxy-1')).toBeGreaterThan(0);
    expect(pauses.pausedFor('apiLive', 'http://proxy-1')).toBe(0);
    expect(pauses.pausedFor('html', '')).toBe(0);
    expect(pauses.paused).toEqual({ html: 1 });
  });

  it('is asked again when it said how long, and forgiven when it answers', async () => {
    const { clock, pauses } = setup();
    pauses.refused('euler', '', 7_000);
    expect(pauses.pausedFor('euler', '')).toBe(7_000);
    await clock.advance(7_000);
    expect(pauses.pausedFor('euler', '')).toBe(0);
    pauses.refused('euler', '');
    pauses.answered('euler', '');
    pauses.refused('euler', '');
    pauses.refused('euler', '');
    expect(pauses.pausedFor('euler', '')).toBe(0);
    expect(pauses.paused).toEqual({});
  });
});
