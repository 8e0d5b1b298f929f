import type { DatabaseTransaction } from '../persistence/database.js';

const DAY_MS = 86_400_000;
/** Partitions are there this long before they are needed: maintenance may fail for days without harm. */
const MONTHS_AHEAD_DAYS = 62;
const DAYS_AHEAD = 7;

/**
 * Makes the partitions for the months of the given times (ms since the epoch), and those for now and ahead by the
 * database's clock. @returns how many were missing
 */
export async function ensurePartitions(tx: DatabaseTransaction, times: readonly number[]): Promise<number> {
  const months = [...new Set(times.map((at) => new Date(at).toISOString().slice(0, 7)))].map((month) => `${month}-01`);
  const [made] = await tx.$queryRaw<{ made: number }[]>`
    SELECT (
      livetap_ensure_partitions('folded_events', 'day', today - 1, today + ${DAYS_AHEAD}::int)
      + livetap_ensure_partitions('room_snapshots', 'month', today - 1, today + ${MONTHS_AHEAD_DAYS}::int)
      + COALESCE((
          SELECT sum(livetap_ensure_partitions('room_snapshots', 'month', month, month))
          FROM unnest(${months}::date[]) AS month
        ), 0)
    )::int AS made
    FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS today) AS clock`;
  return made?.made ?? 0;
}

/** Drops the days of folded events that end `retentionMs` before `now`. @returns how many */
export async function dropFoldedDays(tx: DatabaseTransaction, now: Date, retentionMs: number): Promise<number> {
  const before = new Date(now.getTime() - Math.max(retentionMs, DAY_MS)).toISOString().slice(0, 10);
  const [dropped] = await tx.$queryRaw<{ dropped: number }[]>`
    SELECT livetap_drop_partitions('folded_events', 'day', ${before}::date) AS dropped`;
  return dropped?.dropped ?? 0;
}
