import type { SeededRandom } from '@livetap/testkit';
import { CRASH_POINTS, CrashPoint } from '../../apps/watcher/src/common/crash-point.js';

/** How one life of the watcher ends. */
export type Death =
  /** It kills itself at the k-th passing of a point, counted from `afterMs` on. `stop`: SIGTERM first, that long after it was ready. */
  | {
      readonly kind: 'point';
      readonly point: CrashPoint;
      readonly passing: number;
      readonly afterMs: number;
      readonly stop?: number;
    }
  /** Killed from outside, so long after its process began or after it was ready. */
  | { readonly kind: 'random'; readonly from: 'start' | 'ready'; readonly afterMs: number }
  /** No kill: an orderly stop in the middle of the load. */
  | { readonly kind: 'stop'; readonly afterMs: number };

/** Passed once in the life of a data folder, in this order: the plan begins with them. */
export const FIRST_START: readonly CrashPoint[] = [
  CrashPoint.ReplicaIdBeforeRename,
  CrashPoint.JournalIdentityBeforeRename,
  CrashPoint.JournalIdentityRenamed,
];
/** Passed before the service is ready. */
const AT_START: ReadonlySet<CrashPoint> = new Set([
  CrashPoint.RecoveryBeforeCut,
  CrashPoint.RecoveryCut,
  CrashPoint.LeasesTaken,
  CrashPoint.RoomsBeforeResume,
]);
/** With Kafka, history follows only when the broker has forgotten the killed consumer; these are tried without Kafka. */
export const HISTORY: readonly CrashPoint[] = [
  CrashPoint.HistoryRowsWritten,
  CrashPoint.HistoryPositionWritten,
  CrashPoint.HistoryCommitted,
];
const isDrain = (point: CrashPoint): boolean => point.startsWith('drain.');
/** Passed again and again while events flow, or in the orderly stop. */
export const RECURRING: readonly CrashPoint[] = CRASH_POINTS.filter(
  (point) => !FIRST_START.includes(point) && !HISTORY.includes(point),
);

export interface PlanOptions {
  readonly random: SeededRandom;
  readonly points: readonly CrashPoint[];
  /** How often each point, but those of the first start. */
  readonly rounds: number;
  readonly randomKills: number;
  readonly stops: number;
  /** Length of a typical life after it is ready, ms. */
  readonly lifeMs: number;
}

/** After these the next start makes a segment instead of reading one: recovery is passed in the start after that. */
const NOTHING_TO_RECOVER: ReadonlySet<CrashPoint> = new Set([...FIRST_START, CrashPoint.SegmentWithoutHeader]);

/**
 * Kills at points, kills at random moments and orderly stops in random order, the first start's points first. What has to
 * follow one another on one data folder is a group.
 */
export function makePlan({
  random,
  points,
  rounds,
  randomKills,
  stops,
  lifeMs,
}: PlanOptions): readonly (readonly Death[])[] {
  const length = (): number => Math.round(lifeMs * 2 * random.next());
  const kill = (): Death => ({ kind: 'random', from: 'ready', afterMs: length() });
  const first = FIRST_START.filter((point) => points.includes(point));
  const groups: Death[][] = [];
  let followers = first.length > 0 ? 1 : 0;
  for (const point of points) {
    if (first.includes(point)) continue;
    for (let round = 0; round < rounds; round += 1) {
      const follower = NOTHING_TO_RECOVER.has(point) ? [kill()] : [];
      followers += follower.length;
      groups.push([atPoint(point, random, length()), ...follower]);
    }
  }
  for (let count = followers; count < randomKills; count += 1) {
    // One in five while the process is still starting.
    groups.push([count % 5 === 4 ? { kind: 'random', from: 'start', afterMs: random.integer(0, START_MS) } : kill()]);
  }
  for (let stop = 0; stop < stops; stop += 1) groups.push([{ kind: 'stop', afterMs: lifeMs }]);
  shuffle(groups, random);
  if (first.length === 0) return groups;
  return [[...first.map((point): Death => ({ kind: 'point', point, passing: 1, afterMs: 0 })), kill()], ...groups];
}

/** A process is ready about so long after its start. */
const START_MS = 2_000;
const SHORT_LIFE_MS = 1_000;

function atPoint(point: CrashPoint, random: SeededRandom, lengthMs: number): Death {
  if (AT_START.has(point)) return { kind: 'point', point, passing: 1, afterMs: 0 };
  if (isDrain(point)) return { kind: 'point', point, passing: 1, afterMs: 0, stop: lengthMs };
  // Some points are passed each five seconds only: a short life ends at the first passing.
  const passing = lengthMs < SHORT_LIFE_MS ? 1 : random.integer(1, 3);
  return { kind: 'point', point, passing, afterMs: START_MS + lengthMs };
}

function shuffle<T>(items: T[], random: SeededRandom): void {
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = random.integer(0, index);
    const [left, right] = [items[index], items[other]];
    if (left !== undefined && right !== undefined) [items[index], items[other]] = [right, left];
  }
}
