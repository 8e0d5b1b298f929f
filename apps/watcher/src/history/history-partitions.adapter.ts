import type { Database, DatabaseTransaction } from '../persistence/database.js';

/** Partitions are there this long before they are needed: maintenance may fail for days without harm. */
const DAYS_AHEAD = 7;

/** A partitioned table of history whose old partitions go. */
export interface OldPartitions {
  readonly parent: 'folded_events' | 'room_snapshots' | 'room_snapshot_means' | 'archived_events';
  readonly unit: 'day' | 'month';
  /** Partitions that end at or before this moment, ms since the epoch. */
  readonly before: number;
  /** Snapshots become 5-minute means before they go. */
  readonly thin?: true;
}

/**
 * Makes the partitions for the days of the given times (ms since the epoch), and those for now and ahead by the
 * database's clock. @returns how many were missing
 */
export async function ensurePartitions(tx: DatabaseTransaction, times: readonly number[]): Promise<number> {
  const days = [...new Set(times.map((at) => new Date(at).toISOString().slice(0, 10)))];
  const [made] = await tx.$queryRaw<{ made: number }[]>`
    SELECT (
      livetap_ensure_partitions('folded_events', 'day', today - 1, today + ${DAYS_AHEAD}::int)
      + livetap_ensure_partitions('room_snapshots', 'day', today - 1, today + ${DAYS_AHEAD}::int)
      + livetap_ensure_partitions('archived_events', 'day', today - 1, today + ${DAYS_AHEAD}::int)
      + COALESCE((
          SELECT sum(livetap_ensure_partitions('room_snapshots', 'day', day, day)
            + livetap_ensure_partitions('archived_events', 'day', day, day)) FROM unnest(${days}::date[]) AS day
        ), 0)
    )::int AS made
    FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS today) AS clock`;
  return made?.made ?? 0;
}

/**
 * Drops old partitions one by one until all are gone or `goOn` says no. Nobody who reads or writes the tables waits for it:
 * a partition is detached concurrently (which is why this is no transaction), then dealt with alone. What was interrupted
 * half-way is found again. @returns how many went
 */
export async function dropOldPartitions(database: Database, old: OldPartitions, goOn: () => boolean): Promise<number> {
  const before = new Date(old.before).toISOString().slice(0, 10);
  const found = await database.run(
    (client) => client.$queryRaw<{ name: string; attached: boolean; half_detached: boolean }[]>`
      SELECT name, attached, half_detached FROM livetap_old_partitions(${old.parent}, ${old.unit}, ${before}::date)`,
  );
  let dropped = 0;
  for (const { name, attached, half_detached: half } of found) {
    if (!goOn()) break;
    if (!/^\w+$/.test(name)) continue;
    await database.run(async (client) => {
      if (attached) {
        const how = half ? 'FINALIZE' : 'CONCURRENTLY';
        await client.$executeRawUnsafe(`ALTER TABLE "${old.parent}" DETACH PARTITION "${name}" ${how}`);
      }
      if (old.thin === true) await client.$executeRaw`SELECT livetap_thin_snapshots(${name})`;
      else await client.$executeRawUnsafe(`DROP TABLE "${name}"`);
    });
    dropped += 1;
  }
  return dropped;
}
