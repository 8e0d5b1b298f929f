import { describe, expect, it } from 'vitest';
import { afterVerdict, checkInterval, NO_CHECKS } from './check-interval.js';

const OPTIONS = { intervalMs: 60_000, maxIntervalMs: 1_800_000 };
const HOUR = 3_600_000;

describe('the interval of live checks', () => {
  it.each([
    // priority, hours since live, verdict, misses, unknowns → seconds
    [50, undefined, 'offline', 1, 0, 60],
    [50, undefined, 'offline', 9, 0, 60],
    [50, undefined, 'offline', 10, 0, 120],
    [50, undefined, 'offline', 25, 0, 240],
    [50, undefined, 'offline', 1_000, 0, 1_800],
    [50, 3, 'offline', 1_000, 0, 240],
    [50, 48, 'offline', 1_000, 0, 1_800],
    [100, undefined, 'offline', 25, 0, 120],
    [100, undefined, 'offline', 1, 0, 60],
    [0, undefined, 'offline', 1, 0, 120],
    [50, undefined, 'notFound', 1, 0, 480],
    [50, undefined, 'restricted', 1, 0, 480],
    [50, undefined, 'unknown', 0, 1, 60],
    [50, undefined, 'unknown', 0, 2, 120],
    [50, undefined, 'unknown', 0, 99, 480],
    [50, undefined, 'live', 0, 0, 60],
  ] as const)(
    'priority %i, live %s h ago, %s, %i misses, %i unknowns: %i s',
    (priority, hours, verdict, misses, unknowns, seconds) => {
      const sinceLiveMs = hours === undefined ? undefined : hours * HOUR;
      expect(checkInterval({ priority, sinceLiveMs }, verdict, { misses, unknowns }, OPTIONS)).toBe(seconds * 1_000);
    },
  );

  it('unknown never counts as a miss, and never forgives one; live forgets everything', () => {
    let history = NO_CHECKS;
    for (const verdict of ['offline', 'unknown', 'offline', 'unknown', 'unknown'] as const) {
      history = afterVerdict(history, verdict);
    }
    expect(history).toEqual({ misses: 2, unknowns: 2 });
    expect(afterVerdict(history, 'offline')).toEqual({ misses: 3, unknowns: 0 });
    expect(afterVerdict(history, 'live')).toEqual(NO_CHECKS);
  });
});
