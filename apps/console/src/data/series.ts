import type { Gap, Snapshot } from '../api/types.js';

/** A value at a time, ms (since the epoch, or since the start of a session). */
export interface Point {
  readonly t: number;
  readonly v: number;
}

export interface Interval {
  readonly from: number;
  readonly to: number;
}

export const METRICS = {
  viewers: 'Viewers',
  diamonds: 'Diamonds',
  likes: 'Likes',
  chats: 'Chats',
  gifts: 'Gifts',
  followers: 'Followers',
} as const;
export type Metric = keyof typeof METRICS;

/** A level is as it was stated last; of everything else a snapshot holds what its own interval brought. */
const LEVELS: ReadonlySet<Metric> = new Set(['viewers', 'followers']);

/** One figure over time: levels as stated, all else added up. Snapshots that do not state it are left out. */
export function seriesOf(snapshots: readonly Snapshot[], metric: Metric, origin = 0): Point[] {
  let sum = 0;
  return snapshots.flatMap((snapshot) => {
    const v = snapshot[metric];
    if (v === undefined) return [];
    sum += v;
    return [{ t: Date.parse(snapshot.at) - origin, v: LEVELS.has(metric) ? v : sum }];
  });
}

/** At most about `most` points: of each stretch the lowest and the highest stay, so that no peak is lost. */
export function thin(points: readonly Point[], most: number): readonly Point[] {
  if (points.length <= most) return points;
  const size = Math.ceil(points.length / (most / 2));
  const kept: Point[] = [];
  for (let start = 0; start < points.length; start += size) {
    const stretch = points.slice(start, start + size);
    let low = stretch[0] as Point;
    let high = low;
    for (const point of stretch) {
      if (point.v < low.v) low = point;
      if (point.v > high.v) high = point;
    }
    kept.push(...(low === high ? [low] : low.t < high.t ? [low, high] : [high, low]));
  }
  const last = points[points.length - 1] as Point;
  if (kept[kept.length - 1] !== last) kept.push(last);
  return kept;
}

/** Snapshots come at an even pace; a longer silence than this many of the usual ones is one. */
const SILENT_STEPS = 3;
/** Shorter ones are no news. */
const SHORTEST_SILENCE_MS = 30_000;

/**
 * What of a session was not seen: its gaps. Of one that had gaps before they were kept one by one (or longer ago than they are kept) the
 * stretches without a snapshot. `counted`: gaps that the session says it had.
 */
export function unseen(counted: number, gaps: readonly Gap[], snapshots: readonly Snapshot[]): Interval[] {
  if (gaps.length > 0) return gaps.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) }));
  return counted === 0 ? [] : silences(snapshots);
}

/** What of the intervals lies within `[start, end]`. */
export function within(intervals: readonly Interval[], start: number, end: number): Interval[] {
  return intervals
    .filter(({ from, to }) => from < end && to > start)
    .map(({ from, to }) => ({ from: Math.max(from, start), to: Math.min(to, end) }));
}

/** Stretches without a snapshot. */
function silences(snapshots: readonly Snapshot[]): Interval[] {
  const times = snapshots.map(({ at }) => Date.parse(at));
  const steps = times.slice(1).map((t, index) => t - (times[index] as number));
  if (steps.length < 2) return [];
  const usual = [...steps].sort((a, b) => a - b)[Math.floor(steps.length / 2)] as number;
  const longest = Math.max(usual * SILENT_STEPS, SHORTEST_SILENCE_MS);
  return steps.flatMap((step, index) =>
    step > longest ? [{ from: times[index] as number, to: times[index + 1] as number }] : [],
  );
}

/** Round steps for an axis that begins at 0 and reaches `highest`; 2 to 5 of them. */
export function ticks(highest: number): readonly number[] {
  if (highest <= 0) return [0, 1];
  const rough = highest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= rough) ?? 10;
  const step = Math.max(1, factor * power);
  const count = Math.ceil(highest / step);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** The point nearest to a time; points are in the order of time. */
export function nearest(points: readonly Point[], t: number): number {
  let low = 0;
  let high = points.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((points[middle] as Point).t < t) low = middle + 1;
    else high = middle;
  }
  const before = points[low - 1];
  const at = points[low];
  return before !== undefined && at !== undefined && t - before.t < at.t - t ? low - 1 : low;
}
