import type { Database } from '../persistence/database.js';
import { dropFoldedDays, ensurePartitions } from './history-partitions.adapter.js';
import type { HistoryMaintenance, MaintenanceReport } from './history.port.js';

export interface PostgresHistoryMaintenanceOptions {
  /** How long an event's repeats are recognised after it was folded; default 3 days, at least 1. */
  readonly repeatRetentionMs?: number;
  /** How long answered commands are kept; default 7 days. */
  readonly commandRetentionMs?: number;
}

const DAY_MS = 86_400_000;
const DEFAULT_REPEAT_RETENTION_MS = 3 * DAY_MS;
const DEFAULT_COMMAND_RETENTION_MS = 7 * DAY_MS;
/** Replicas that were not seen for this long are forgotten. */
const REPLICA_RETENTION_MS = 7 * DAY_MS;
const MAINTENANCE_LOCK = 1_818_850_403;
/** Dropping a partition waits for the fold; the fold waits behind it. So it must not take long, but try again later. */
const LOCK_TIMEOUT = '5s';

/** Partitions ahead of time, and pruning by age, in Postgres. */
export class PostgresHistoryMaintenance implements HistoryMaintenance {
  readonly #database: Database;
  readonly #repeatRetentionMs: number;
  readonly #commandRetentionMs: number;

  constructor(database: Database, options: PostgresHistoryMaintenanceOptions = {}) {
    this.#database = database;
    this.#repeatRetentionMs = Math.max(DAY_MS, options.repeatRetentionMs ?? DEFAULT_REPEAT_RETENTION_MS);
    this.#commandRetentionMs = options.commandRetentionMs ?? DEFAULT_COMMAND_RETENTION_MS;
  }

  async run(now: Date): Promise<MaintenanceReport> {
    return this.#database.transaction(async (tx) => {
      await tx.$executeRawUnsafe(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
      const [lock] = await tx.$queryRaw<
        { taken: boolean }[]
      >`SELECT pg_try_advisory_xact_lock(${MAINTENANCE_LOCK}) AS taken`;
      if (lock?.taken !== true) return { done: false, partitionsMade: 0, partitionsDropped: 0, rowsPruned: 0 };
      const partitionsMade = await ensurePartitions(tx, [now.getTime()]);
      const partitionsDropped = await dropFoldedDays(tx, now, this.#repeatRetentionMs);
      const before = (ageMs: number): Date => new Date(now.getTime() - ageMs);
      const pruned = [
        // A day longer than the repeats: a streak's maximum must outlive every event that could still be folded.
        await tx.giftStreakRecord.deleteMany({ where: { seenAt: { lt: before(this.#repeatRetentionMs + DAY_MS) } } }),
        await tx.commandRecord.deleteMany({ where: { createdAt: { lt: before(this.#commandRetentionMs) } } }),
        await tx.replicaRecord.deleteMany({ where: { lastSeenAt: { lt: before(REPLICA_RETENTION_MS) } } }),
      ];
      const rowsPruned = pruned.reduce((sum, { count }) => sum + count, 0);
      return { done: true, partitionsMade, partitionsDropped, rowsPruned };
    });
  }
}
