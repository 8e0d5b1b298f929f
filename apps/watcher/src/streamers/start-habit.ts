/**
 * When a streamer goes live, as far as the past tells: how many starts fell into each hour of the week (UTC), old ones
 * counting less. At most 168 numbers for each streamer, whatever it does.
 */
export interface StartHabit {
  /** Since when starts would have been seen, ms since the epoch. */
  readonly since: number;
  /** The moment that the weights are of, ms since the epoch. */
  readonly asOf: number;
  /** Weight of the starts by hour of the week (`hourOfWeek`); hours without any are absent. */
  readonly starts: Readonly<Record<number, number>>;
  /** Start of the newest live that was counted, ms since the epoch. */
  readonly lastStartAt: number;
}

/** Expected starts an hour, for each hour of the week. */
export type StartRates = Float32Array;

export const HOUR_MS = 3_600_000;
export const WEEK_HOURS = 168;
const DAY_HOURS = 24;
const WEEK_MS = WEEK_HOURS * HOUR_MS;
/** 1970-01-01 was a Thursday; the week begins on Monday. */
const EPOCH_HOUR = 3 * DAY_HOURS;

/** After so long a start counts half: habits change with seasons and jobs. */
const HALF_LIFE_MS = 4 * WEEK_MS;
/** A live that was interrupted is not another habit: starts closer than this are one. */
const SAME_LIVE_MS = 30 * 60_000;
/** Weights below this are forgotten. */
const MIN_WEIGHT = 0.02;

/** Of somebody of whom nothing is known: so many starts a week, as sure as so many weeks of watching. */
const PRIOR_STARTS = 4;
const PRIOR_WEEKS = 0.25;
/** How far an hour of the day is believed beside the streamer's average: as many days of watching count as much. */
const DAY_PRIOR_HOURS = 4;
/** How far an hour of the week is believed beside the same hour of all days: in weeks of watching. */
const WEEK_PRIOR_HOURS = 1.5;
/** Share of the neighbouring hours in each: nobody starts on the minute, and clocks change in spring. */
const NEIGHBOUR_SHARE = 0.2;

/** 0 is Monday from 00:00 to 01:00 UTC. `at` is ms since the epoch. */
export function hourOfWeek(at: number): number {
  return (Math.floor(at / HOUR_MS) + EPOCH_HOUR) % WEEK_HOURS;
}

/**
 * The habit after one more start; the same object when that start was counted already. `since` matters for the first
 * start only: when watching began. All are ms since the epoch.
 */
export function withStart(habit: StartHabit | undefined, startedAt: number, since: number): StartHabit {
  if (habit !== undefined && startedAt - habit.lastStartAt < SAME_LIVE_MS) return habit;
  const asOf = Math.max(startedAt, habit?.asOf ?? startedAt);
  const starts: Record<number, number> = {};
  for (const [hour, weight] of Object.entries(habit?.starts ?? {})) {
    const faded = weight * fading(asOf - (habit?.asOf ?? asOf));
    if (faded >= MIN_WEIGHT) starts[Number(hour)] = faded;
  }
  const hour = hourOfWeek(startedAt);
  starts[hour] = (starts[hour] ?? 0) + fading(asOf - startedAt);
  return { since: Math.min(habit?.since ?? since, startedAt), asOf, starts, lastStartAt: startedAt };
}

/**
 * Starts an hour that are to be expected in each hour of the week. What one hour of the week says counts as far as it was
 * watched; the rest is filled from the same hour of all days, that from the streamer's average, and that from what is
 * usual. `now` and `since` (when watching began, for those without a habit) are ms since the epoch.
 */
export function startRates(habit: StartHabit | undefined, since: number, now: number): StartRates {
  const weeks = watchedWeeks(now - (habit?.since ?? since));
  const weights = smoothed(habit, now);
  let total = 0;
  const byHourOfDay = new Float64Array(DAY_HOURS);
  weights.forEach((weight, hour) => {
    total += weight;
    byHourOfDay[hour % DAY_HOURS] = (byHourOfDay[hour % DAY_HOURS] ?? 0) + weight;
  });
  const average = (total + PRIOR_STARTS * PRIOR_WEEKS) / ((weeks + PRIOR_WEEKS) * WEEK_HOURS);
  const rates = new Float32Array(WEEK_HOURS);
  weights.forEach((weight, hour) => {
    const ofDay = (byHourOfDay[hour % DAY_HOURS] ?? 0) + DAY_PRIOR_HOURS * average;
    const usual = ofDay / (7 * weeks + DAY_PRIOR_HOURS);
    rates[hour] = (weight + WEEK_PRIOR_HOURS * usual) / (weeks + WEEK_PRIOR_HOURS);
  });
  return rates;
}

/** Reads what `JSON.stringify` made of a habit; undefined for anything else. */
export function habitFromJson(value: unknown): StartHabit | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { since, asOf, starts, lastStartAt } = value as Partial<Record<keyof StartHabit, unknown>>;
  if (!isTime(since) || !isTime(asOf) || !isTime(lastStartAt) || typeof starts !== 'object' || starts === null)
    return undefined;
  const weights = Object.entries(starts).map(([hour, weight]) => [Number(hour), weight as unknown] as const);
  const sound = weights.every(
    ([hour, weight]) =>
      Number.isInteger(hour) && hour >= 0 && hour < WEEK_HOURS && typeof weight === 'number' && weight >= 0,
  );
  return sound
    ? { since, asOf, lastStartAt, starts: Object.fromEntries(weights) as Record<number, number> }
    : undefined;
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

const fading = (ms: number): number => 2 ** (-Math.max(0, ms) / HALF_LIFE_MS);

/** Weeks of watching, faded as the starts are. */
function watchedWeeks(ms: number): number {
  return ((HALF_LIFE_MS / WEEK_MS) * (1 - fading(ms))) / Math.LN2;
}

function smoothed(habit: StartHabit | undefined, now: number): Float64Array {
  const weights = new Float64Array(WEEK_HOURS);
  if (habit === undefined) return weights;
  const faded = fading(now - habit.asOf);
  for (const [key, weight] of Object.entries(habit.starts)) {
    const hour = Number(key);
    for (const [distance, share] of [
      [-1, NEIGHBOUR_SHARE],
      [0, 1 - 2 * NEIGHBOUR_SHARE],
      [1, NEIGHBOUR_SHARE],
    ] as const) {
      const near = (hour + distance + WEEK_HOURS) % WEEK_HOURS;
      weights[near] = (weights[near] ?? 0) + weight * faded * share;
    }
  }
  return weights;
}
