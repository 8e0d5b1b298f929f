import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  habitFromJson,
  HOUR_MS,
  hourOfWeek,
  type StartHabit,
  startRates,
  WEEK_HOURS,
  withStart,
} from './start-habit.js';

/** A Monday, 00:00 UTC. */
const MONDAY = Date.UTC(2026, 0, 5);
const DAY = 24 * HOUR_MS;

const learn = (starts: readonly number[], since = MONDAY): StartHabit | undefined =>
  starts.reduce<StartHabit | undefined>((habit, at) => withStart(habit, at, since), undefined);

describe('the habit of a streamer', () => {
  it('counts hours of the week from Monday', () => {
    expect(hourOfWeek(MONDAY)).toBe(0);
    expect(hourOfWeek(MONDAY + 6 * DAY + 23 * HOUR_MS)).toBe(167);
    expect(hourOfWeek(MONDAY + 7 * DAY)).toBe(0);
  });

  it('expects most at the hours that were used, some beside them and at the same hour of other days, little elsewhere', () => {
    const tuesdays = [0, 1, 2, 3, 4].map((week) => MONDAY + (week * 7 + 1) * DAY + 20 * HOUR_MS);
    const now = MONDAY + 35 * DAY;
    const rates = startRates(learn(tuesdays), MONDAY, now);
    const at = (day: number, hour: number): number => rates[day * 24 + hour] ?? 0;
    expect(at(1, 20)).toBeGreaterThan(0.3);
    expect(at(1, 20)).toBeLessThan(1);
    expect(at(1, 19)).toBeGreaterThan(at(3, 20));
    expect(at(3, 20)).toBeGreaterThan(3 * at(3, 10));
    // All of it together is about what was seen: once a week.
    const sum = rates.reduce((total, rate) => total + rate, 0);
    expect(sum).toBeGreaterThan(0.8);
    expect(sum).toBeLessThan(1.6);
  });

  it('expects less and less of who is watched and never starts', () => {
    const weekly = (weeks: number): number =>
      startRates(undefined, MONDAY, MONDAY + weeks * 7 * DAY).reduce((total, rate) => total + rate, 0);
    expect(weekly(0)).toBeCloseTo(4, 1);
    expect(weekly(1)).toBeLessThan(1);
    expect(weekly(12)).toBeLessThan(weekly(1) / 3);
  });

  it('forgets: after half a year a new hour outweighs an old one', () => {
    const old = [0, 1, 2, 3].map((week) => MONDAY + week * 7 * DAY + 8 * HOUR_MS);
    const fresh = [26, 27, 28].map((week) => MONDAY + week * 7 * DAY + 20 * HOUR_MS);
    const rates = startRates(learn([...old, ...fresh]), MONDAY, MONDAY + 29 * 7 * DAY);
    expect(rates[20]).toBeGreaterThan(3 * (rates[8] ?? 0));
  });

  it('counts a live once, also when it is found again or was interrupted', () => {
    const habit = withStart(undefined, MONDAY + HOUR_MS, MONDAY);
    expect(withStart(habit, MONDAY + HOUR_MS, MONDAY)).toBe(habit);
    expect(withStart(habit, MONDAY + HOUR_MS + 20 * 60_000, MONDAY)).toBe(habit);
    expect(withStart(habit, MONDAY, MONDAY)).toBe(habit);
  });

  it('stays small and sound whatever happens, and survives being stored', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 400 * 24 * 60 }), { maxLength: 300 }), (minutes) => {
        const habit = learn(minutes.map((minute) => MONDAY + minute * 60_000));
        if (habit === undefined) return;
        expect(Object.keys(habit.starts).length).toBeLessThanOrEqual(WEEK_HOURS);
        expect(habitFromJson(JSON.parse(JSON.stringify(habit)))).toEqual(habit);
        const rates = startRates(habit, MONDAY, habit.asOf);
        expect(rates).toHaveLength(WEEK_HOURS);
        expect(rates.every((rate) => Number.isFinite(rate) && rate > 0)).toBe(true);
      }),
    );
  });

  it.each([
    null,
    7,
    {},
    { since: 1, asOf: 1, lastStartAt: 1, starts: { 168: 1 } },
    { since: 1, asOf: 1, lastStartAt: 1, starts: { 1: 'x' } },
    { since: 1, asOf: null, lastStartAt: 1, starts: {} },
  ])('is none when it is %j', (value) => {
    expect(habitFromJson(value)).toBeUndefined();
  });
});
