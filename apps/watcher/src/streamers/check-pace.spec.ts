import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterVerdict, delayAfterCheck, NO_CHECKS } from './check-delay.js';
import { delayUntilCheck, FULL_PACE, type PacedStreamer, paceFor, weightOf } from './check-pace.js';
import { HOUR_MS, WEEK_HOURS } from './start-habit.js';

const MONDAY = Date.UTC(2026, 0, 5);
const BOUNDS = { intervalMs: 60_000, maxIntervalMs: 1_800_000 };

const streamer = (rate: number, busy: Readonly<Record<number, number>> = {}, priority = 50): PacedStreamer => {
  const rates = new Float32Array(WEEK_HOURS).fill(rate);
  for (const [hour, busyRate] of Object.entries(busy)) rates[Number(hour)] = busyRate;
  return { rates, weight: weightOf(priority), ...BOUNDS };
};
const seconds = (one: PacedStreamer, pace = FULL_PACE, now = MONDAY): number =>
  Math.round(delayUntilCheck(one, pace, now, 1) / 1_000);

describe('the pace of live checks', () => {
  it.each([
    // starts an hour, priority → seconds
    [1, 50, 60],
    [0.5, 50, 60],
    [0.5 / 8, 50, 120],
    [0.5 / 64, 50, 240],
    [0.5 / 64, 100, 120],
    [0.5 / 64, 0, 480],
    [0.5 / 27_000, 50, 1_800],
    [0, 50, 1_800],
    [1, 0, 95],
  ])('a rate of %f an hour at priority %i: every %i s', (rate, priority, expected) => {
    expect(seconds(streamer(rate, {}, priority))).toBe(expected);
  });

  it('does not sleep over the beginning of a busy hour', () => {
    const evening = streamer(0, { 20: 0.5 });
    const shortBefore = MONDAY + 20 * HOUR_MS - 60_000;
    expect(seconds(evening, FULL_PACE, shortBefore)).toBeLessThan(125);
    expect(seconds(evening, FULL_PACE, MONDAY + 12 * HOUR_MS)).toBe(1_800);
  });

  it('costs what it may, whoever is watched, and no more than is asked for', () => {
    const some = fc.array(fc.tuple(fc.double({ min: 0, max: 2, noNaN: true }), fc.integer({ min: 0, max: 100 })), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(some, fc.double({ min: 1e-6, max: 1, noNaN: true }), (kinds, perMs) => {
        const all = kinds.map(([rate, priority]) => streamer(rate, {}, priority));
        const pace = paceFor(all, perMs, MONDAY);
        const cost = (stretch: number): number =>
          all.reduce((sum, one) => sum + 1 / delayUntilCheck(one, { ...pace, stretch }, MONDAY, 1), 0);
        expect(pace.stretch).toBeGreaterThanOrEqual(1);
        expect(cost(pace.stretch)).toBeLessThanOrEqual(perMs * 1.001);
        // All of what is there is used before anybody waits longer than its habits ask for.
        if (pace.stretch > 1) expect(cost(pace.stretch * 0.99)).toBeGreaterThan(perMs * 0.999);
      }),
    );
  });

  it('lengthens the longest interval when there are too few requests for so many', () => {
    const all = Array.from({ length: 4_000 }, () => streamer(0));
    const pace = paceFor(all, 1 / 1_000, MONDAY);
    expect(seconds(streamer(0), pace)).toBe(6_667);
    expect(paceFor(all.slice(0, 100), 1 / 1_000, MONDAY)).toEqual(FULL_PACE);
  });
});

describe('the time until the next check', () => {
  const ask = (more: Partial<Parameters<typeof delayAfterCheck>[0]>): number =>
    Math.round(
      delayAfterCheck({
        streamer: streamer(0),
        pace: FULL_PACE,
        verdict: 'offline',
        history: NO_CHECKS,
        attentionSince: undefined,
        now: MONDAY,
        jitter: 1,
        ...more,
      }) / 1_000,
    );
  const minutesAgo = (minutes: number): number => MONDAY - minutes * 60_000;

  it('is short after a streamer was added or went offline, and grows', () => {
    expect([0, 10, 30, 50, 90, 200].map((minutes) => ask({ attentionSince: minutesAgo(minutes) }))).toEqual([
      60, 60, 120, 240, 960, 1_800,
    ]);
    expect(ask({ attentionSince: minutesAgo(0), pace: { ...FULL_PACE, stretch: 3 } })).toBe(180);
  });

  it('is short after unknown, for it is never taken for offline', () => {
    expect([1, 2, 3, 4, 99].map((unknowns) => ask({ verdict: 'unknown', history: { unknowns, hopeless: 0 } }))).toEqual(
      [60, 120, 240, 480, 480],
    );
  });

  it.each(['notFound', 'restricted'] as const)('is long after %s, also for one that was just added', (verdict) => {
    const history = { unknowns: 0, hopeless: 1 };
    expect(ask({ verdict, history, attentionSince: MONDAY, streamer: streamer(1) })).toBe(480);
    expect(ask({ verdict, history: { unknowns: 0, hopeless: 10 }, streamer: streamer(1) })).toBe(960);
    expect(ask({ verdict, history: { unknowns: 0, hopeless: 1_000 }, streamer: streamer(1) })).toBe(1_800);
  });

  it('counts what is in a row', () => {
    let history = NO_CHECKS;
    for (const verdict of ['notFound', 'unknown', 'unknown', 'restricted', 'unknown'] as const)
      history = afterVerdict(history, verdict);
    expect(history).toEqual({ unknowns: 1, hopeless: 2 });
    expect(afterVerdict(history, 'offline')).toEqual(NO_CHECKS);
  });
});
