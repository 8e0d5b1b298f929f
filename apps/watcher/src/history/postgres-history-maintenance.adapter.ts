import type { Clock } from '../common/clock.port.js';
import { ADVISORY_LOCKS } from '../persistence/advisory-locks.js';
import type { Database, DatabaseTransaction } from '../persistence/database.js';
import { dropOldPartitions, ensurePartitions, type OldPartitions } from './history-partitions.adapter.js';
import type { HistoryMaintenance, MaintenanceReport } from './history.port.js';
import { prunePeople } from './prune-people.adapter.js';

/** How long rows are kept, ms. */
export interface HistoryRetention {
  /** Snapshots as they were folded; then 5-minute means. */
  readonly snapshotMs: number;
  /** 5-minute means; points of battles over time and gaps, after the end of a session. */
  readonly meansMs: number;
  /** What people gave and whom they supported, after the end of a session; all-time totals after the last gift. */
  readonly gifterMs: number;
  /** Archived events. */
  readonly archiveMs: number;
  /** Who was in a session, after its end. */
  readonly viewerMs: number;
}

export interface PostgresHistoryMaintenanceOptions {
  readonly clock: Clock;
  readonly retention: HistoryRetention;
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
/** Attaching a partition waits for other changes of the table; it must not take long, but try again later. */
const LOCK_TIMEOUT = '5s';
/** No new step begins after this time: the rest is done the next time. Less than a transaction may last. */
const BUDGET_MS = 10_000;

const NOTHING = { done: true, complete: true, partitionsMade: 0, partitionsDropped: 0, rowsPruned: 0 };

/** Partitions ahead of time, retention and pruning, in Postgres. */
export class PostgresHistoryMaintenance implements HistoryMaintenance {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #retention: HistoryRetention;
  readonly #repeatRetentionMs: number;
  readonly #commandRetentionMs: number;
  #first = true;

  constructor(database: Database, options: PostgresHistoryMaintenanceOptions) {
    this.#database = database;
    this.#clock = options.clock;
    this.#retention = options.retention;
    this.#repeatRetentionMs = Math.max(DAY_MS, options.repeatRetentionMs ?? DEFAULT_REPEAT_RETENTION_MS);
    this.#commandRetentionMs = options.commandRetentionMs ?? DEFAULT_COMMAND_RETENTION_MS;
  }

  /** The first run of a process only makes partitions: a start does not wait for what is old. */
  async run(now: Date): Promise<MaintenanceReport> {
    const made = await this.#exclusively(async (tx) => {
      await tx.$executeRawUnsafe(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
      const partitionsMade = await ensurePartitions(tx, [now.getTime()]);
      return { partitionsMade, rowsPruned: await this.#pruneBookkeeping(tx, now.getTime()) };
    });
    if (made === undefined) return { ...NOTHING, done: false };
    const first = this.#first;
    this.#first = false;
    if (first) return { ...NOTHING, ...made, complete: false };
    // This transaction only holds the lock: partitions are detached concurrently, on other connections.
    const old = await this.#exclusively(() => this.#removeOld(now.getTime()));
    if (old === undefined) return { ...NOTHING, ...made };
    return { ...made, ...old, done: true, rowsPruned: made.rowsPruned + old.rowsPruned };
  }

  /** Undefined when another replica is at it. */
  async #exclusively<T>(work: (tx: DatabaseTransaction) => Promise<T>): Promise<T | undefined> {
    return this.#database.transaction(async (tx) => {
      const [lock] = await tx.$queryRaw<
        { taken: boolean }[]
      >`SELECT pg_try_advisory_xact_lock(${ADVISORY_LOCKS.maintenance}) AS taken`;
      return lock?.taken === true ? work(tx) : undefined;
    });
  }

  async #pruneBookkeeping(tx: DatabaseTransaction, now: number): Promise<number> {
    const before = (ageMs: number): Date => new Date(now - ageMs);
    const pruned = [
      // A day longer than the repeats: a streak's maximum must outlive every event that could still be folded.
      await tx.giftStreakRecord.deleteMany({ where: { seenAt: { lt: before(this.#repeatRetentionMs + DAY_MS) } } }),
      await tx.commandRecord.deleteMany({ where: { createdAt: { lt: before(this.#commandRetentionMs) } } }),
      await tx.replicaRecord.deleteMany({ where: { lastSeenAt: { lt: before(REPLICA_RETENTION_MS) } } }),
    ];
    return pruned.reduce((sum, { count }) => sum + count, 0);
  }

  async #removeOld(now: number): Promise<Pick<MaintenanceReport, 'partitionsDropped' | 'rowsPruned' | 'complete'>> {
    const { snapshotMs, meansMs, gifterMs, viewerMs, archiveMs } = this.#retention;
    const end = this.#clock.monotonic() + BUDGET_MS;
    const goOn = (): boolean => this.#clock.monotonic() < end;
    const partitions: OldPartitions[] = [
      { parent: 'folded_events', unit: 'day', before: now - this.#repeatRetentionMs },
      { parent: 'room_snapshots', unit: 'day', before: now - snapshotMs, thin: true },
      { parent: 'archived_events', unit: 'day', before: now - archiveMs },
      { parent: 'room_snapshot_means', unit: 'month', before: now - meansMs },
    ];
    let partitionsDropped = 0;
    for (const old of partitions) partitionsDropped += await dropOldPartitions(this.#database, old, goOn);
    const horizon = { gifters: now - gifterMs, viewers: now - viewerMs, series: now - meansMs };
    const rowsPruned = await prunePeople(this.#database, horizon, goOn);
    return { partitionsDropped, rowsPruned, complete: goOn() };
  }
}
