import type { Clock, TimerHandle } from '../common/clock.port.js';
import { CrashPoint, type CrashPoints, NO_CRASH_POINTS } from '../common/crash-point.js';
import type { Logger } from '../common/logger.port.js';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import type { Lease, LeaseRenewal, LeaseStore } from './lease-store.port.js';
import { withTimeout } from './with-timeout.js';

/** `taken`: another replica has it, or the streamer was removed. `grace`: the store was away for too long. */
export const LEASE_LOST_REASONS = ['taken', 'grace'] as const;
export type LeaseLostReason = (typeof LEASE_LOST_REASONS)[number];

/** Called synchronously, in order; must not throw. */
export interface LeaseListener {
  gained(leases: readonly Lease[]): void;
  lost(streamerIds: readonly string[], reason: LeaseLostReason): void;
}

export interface LeaseKeeperOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly store: LeaseStore;
  /** Stable over restarts: kept in the data directory. */
  readonly replicaId: string;
  readonly listener: LeaseListener;
  /** Checkpoints whose events are all durable, for the given streamers; those left out keep their stored one. */
  readonly checkpoints: (streamerIds: readonly string[]) => Promise<ReadonlyMap<string, PipelineCheckpoint>>;
  /** These checkpoints are stored now. */
  readonly saved?: (checkpoints: ReadonlyMap<string, PipelineCheckpoint>) => void;
  /** How long a lease lasts without renewal, ms; default 15,000. */
  readonly ttlMs?: number;
  /** Time between renewals and between looks for free leases, ms; default 5,000. */
  readonly renewMs?: number;
  /** How long rooms stay open while the store cannot be reached, ms; default 600,000. */
  readonly graceMs?: number;
  /** Leases taken in one statement; default 500. */
  readonly acquireBatch?: number;
  /** Leases held at most; default 10,000. */
  readonly maxLeases?: number;
  /** Reports the duration of each successful renewal, ms. */
  readonly onRenewed?: (durationMs: number) => void;
  readonly crashPoints?: CrashPoints;
}

export interface LeaseKeeperStatus {
  readonly held: number;
  /** True after the first successful look for leases. */
  readonly started: boolean;
  /** Time since the store last answered a renewal or a taking, ms. */
  readonly sinceContactMs: number;
  /** False when the last call failed, or has had no answer for some seconds, or leases may have run out. */
  readonly healthy: boolean;
  readonly lost: Readonly<Record<LeaseLostReason, number>>;
}

/** Beats between renewals notice a paused process and retry a store that is away. */
const BEAT_MS = 1_000;
/** A store that takes longer for one statement is not well. */
const SLOW_CALL_MS = 3_000;

/**
 * Owns the leases of this replica. Takes its own back at start (raising their epochs) and free ones from then on, renews
 * all of them in one statement with their checkpoints, and says what was gained and lost.
 *
 * A store that is away costs nothing for `graceMs`: leases are held on under their epochs, and on its return those that
 * nobody took are ours still. After a pause of the process `verifyIfStale` has them renewed before anything is appended.
 * Store calls go one at a time and never wait longer than half a lease.
 */
export class LeaseKeeper {
  readonly #options: LeaseKeeperOptions;
  readonly #crashPoints: CrashPoints;
  readonly #ttlMs: number;
  readonly #renewMs: number;
  readonly #graceMs: number;
  /** After a pause of this length a lease may have run out: it was renewed some time before, and that took time, too. */
  readonly #pauseMs: number;
  readonly #held = new Map<string, number>();
  readonly #lost: Record<LeaseLostReason, number> = { taken: 0, grace: 0 };
  #timer: TimerHandle | undefined;
  #chain: Promise<void> = Promise.resolve();
  #acquireQueued = false;
  #renewQueued = false;
  #verification: Promise<void> | undefined;
  #acquiring = true;
  #stopped = false;
  #started = false;
  #reclaim = true;
  #away = false;
  #contactAt: number;
  /** When the call that is under way began. */
  #callSince: number | undefined;
  #renewAt = 0;
  #beat: { mono: number; wall: number };
  #firstContact: (() => void) | undefined;

  constructor(options: LeaseKeeperOptions) {
    this.#options = options;
    this.#crashPoints = options.crashPoints ?? NO_CRASH_POINTS;
    this.#ttlMs = options.ttlMs ?? 15_000;
    this.#renewMs = options.renewMs ?? 5_000;
    this.#graceMs = options.graceMs ?? 600_000;
    this.#pauseMs = Math.max(2 * BEAT_MS, this.#ttlMs - 2 * this.#renewMs);
    this.#contactAt = options.clock.monotonic();
    this.#beat = { mono: options.clock.monotonic(), wall: options.clock.now() };
  }

  /** Starts the beat. Resolves when leases were looked for successfully for the first time; until then it goes on trying. */
  start(): Promise<void> {
    const started = new Promise<void>((resolve) => (this.#firstContact = resolve));
    this.#renewAt = this.#options.clock.monotonic() + this.#renewMs;
    this.#arm();
    this.nudge();
    return started;
  }

  /** Looks for free leases now, for example because streamers were added. Several calls at once make one look. */
  nudge(): void {
    if (this.#acquireQueued || !this.#acquiring || this.#stopped) return;
    this.#acquireQueued = true;
    void this.#enqueue(() => this.#acquire());
  }

  /** Renews now instead of at the next turn, so that new checkpoints are stored soon. Coalesced. */
  renewSoon(): void {
    if (!this.#stopped) void this.#queueRenewal();
  }

  holds(streamerId: string): boolean {
    return this.#held.has(streamerId);
  }

  status(): LeaseKeeperStatus {
    const now = this.#options.clock.monotonic();
    const sinceContactMs = now - this.#contactAt;
    const slow = this.#callSince !== undefined && now - this.#callSince > SLOW_CALL_MS;
    return {
      held: this.#held.size,
      started: this.#started,
      sinceContactMs,
      healthy: this.#started && !this.#away && !slow && sinceContactMs <= this.#ttlMs,
      lost: { ...this.#lost },
    };
  }

  /**
   * Asked before each append. undefined: the process ran on without a pause, append. A promise: the process was paused
   * for so long that leases may have run out; it settles when the leases were renewed and lost ones were reported, or when the
   * store cannot be reached (then the time of grace decides). Never rejects.
   */
  verifyIfStale(): Promise<void> | undefined {
    if (this.#verification !== undefined) return this.#verification;
    if (this.#held.size === 0 || !this.#wasPaused()) return undefined;
    this.#options.logger.warn('leases.verifying', { held: this.#held.size });
    this.#verification = this.#enqueue(() => this.#renew(false)).finally(() => {
      this.#verification = undefined;
      this.#mark();
    });
    return this.#verification;
  }

  /** Gives single leases up, with their last checkpoints. The listener is not called. @throws when the store is away; the lease then expires by itself. */
  async release(checkpoints: ReadonlyMap<string, PipelineCheckpoint | undefined>): Promise<void> {
    const renewals: LeaseRenewal[] = [];
    for (const [streamerId, checkpoint] of checkpoints) {
      const epoch = this.#held.get(streamerId);
      this.#held.delete(streamerId);
      if (epoch !== undefined)
        renewals.push(checkpoint === undefined ? { streamerId, epoch } : { streamerId, epoch, checkpoint });
    }
    if (renewals.length === 0) return;
    await this.#call(() => this.#options.store.release({ replicaId: this.#options.replicaId, renewals }));
  }

  /** From now on no lease is taken; those held are renewed until they are released. */
  stopAcquiring(): void {
    this.#acquiring = false;
  }

  /** Stops renewing and gives up everything with its final checkpoint. Idempotent. A store that is away is logged: leases expire. */
  async drain(checkpoints: ReadonlyMap<string, PipelineCheckpoint>): Promise<void> {
    this.#acquiring = false;
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#chain;
    const all = new Map([...this.#held.keys()].map((id) => [id, checkpoints.get(id)] as const));
    try {
      await this.release(all);
    } catch (error) {
      this.#options.logger.warn('leases.release_failed', { count: all.size, error });
    }
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.setTimeout(() => this.#tick(), Math.min(BEAT_MS, this.#renewMs));
  }

  #tick(): void {
    const now = this.#options.clock.monotonic();
    if (this.verifyIfStale() === undefined) this.#mark();
    if (now >= this.#renewAt || this.#away || !this.#started) {
      this.#renewAt = now + this.#renewMs;
      void this.#queueRenewal();
      this.nudge();
    }
    this.#arm();
  }

  /** Remembers that the process was running at this moment. */
  #mark(): void {
    this.#beat = { mono: this.#options.clock.monotonic(), wall: this.#options.clock.now() };
  }

  /** Stopped processes show in the monotonic clock, suspended machines on some systems only in the other one. */
  #wasPaused(): boolean {
    const mono = this.#options.clock.monotonic() - this.#beat.mono;
    const wall = this.#options.clock.now() - this.#beat.wall;
    return mono > this.#pauseMs || wall - mono > this.#pauseMs;
  }

  #queueRenewal(): Promise<void> {
    if (this.#renewQueued) return this.#chain;
    this.#renewQueued = true;
    return this.#enqueue(() => this.#renew(true));
  }

  #enqueue(work: () => Promise<void>): Promise<void> {
    const turn = this.#chain.then(work);
    this.#chain = turn.catch((error: unknown) => this.#options.logger.error('leases.listener_failed', { error }));
    return this.#chain;
  }

  async #call<T>(work: () => Promise<T>): Promise<T> {
    this.#callSince = this.#options.clock.monotonic();
    try {
      return await withTimeout(work, this.#ttlMs / 2, this.#options.clock, 'The lease store did not answer in time.');
    } finally {
      this.#callSince = undefined;
    }
  }

  /** Without checkpoints while appends wait for this renewal: those would wait for the appends. */
  async #renew(withCheckpoints: boolean): Promise<void> {
    if (withCheckpoints) this.#renewQueued = false;
    if (this.#held.size === 0 || this.#stopped) return;
    const from = this.#options.clock.monotonic();
    const held = new Map(this.#held);
    let checkpoints: ReadonlyMap<string, PipelineCheckpoint> = new Map();
    let lost: readonly string[];
    try {
      if (withCheckpoints) checkpoints = await this.#options.checkpoints([...held.keys()]);
      const renewals = [...held].map(([streamerId, epoch]): LeaseRenewal => {
        const checkpoint = checkpoints.get(streamerId);
        return checkpoint === undefined ? { streamerId, epoch } : { streamerId, epoch, checkpoint };
      });
      this.#crashPoints.reached(CrashPoint.LeasesBeforeRenewal);
      ({ lost } = await this.#call(() =>
        this.#options.store.renew({ replicaId: this.#options.replicaId, ttlMs: this.#ttlMs, renewals }),
      ));
    } catch (error) {
      this.#unreachable(error);
      return;
    }
    this.#crashPoints.reached(CrashPoint.LeasesRenewed);
    this.#reached();
    this.#options.saved?.(checkpoints);
    this.#options.onRenewed?.(this.#options.clock.monotonic() - from);
    this.#drop(
      lost.filter((id) => this.#held.get(id) === held.get(id) && this.#held.has(id)),
      'taken',
    );
  }

  async #acquire(): Promise<void> {
    this.#acquireQueued = false;
    const { acquireBatch = 500, maxLeases = 10_000, replicaId, store } = this.#options;
    for (;;) {
      const room = maxLeases - this.#held.size;
      if (!this.#acquiring || room <= 0) return;
      // Only a keeper that holds nothing may take "its own", all in one statement: a second one would raise their epochs again.
      const reclaim = this.#reclaim;
      const limit = reclaim ? room : Math.min(acquireBatch, room);
      let leases: readonly Lease[];
      try {
        leases = await this.#call(() => store.acquire({ replicaId, ttlMs: this.#ttlMs, limit, reclaim }));
      } catch (error) {
        this.#unreachable(error);
        return;
      }
      if (leases.length > 0) this.#crashPoints.reached(CrashPoint.LeasesTaken);
      this.#reached();
      this.#reclaim = false;
      for (const lease of leases) this.#held.set(lease.streamerId, lease.epoch);
      if (leases.length > 0) this.#options.listener.gained(leases);
      if (leases.length < limit) {
        this.#begin();
        return;
      }
    }
  }

  #begin(): void {
    if (this.#started) return;
    this.#started = true;
    this.#firstContact?.();
  }

  #reached(): void {
    this.#contactAt = this.#options.clock.monotonic();
    if (!this.#away) return;
    this.#away = false;
    this.#options.logger.info('leases.store_back', { held: this.#held.size });
  }

  #unreachable(error: unknown): void {
    if (!this.#away)
      this.#options.logger.warn('leases.store_away', { held: this.#held.size, graceMs: this.#graceMs, error });
    this.#away = true;
    if (this.#held.size === 0 || this.#options.clock.monotonic() - this.#contactAt <= this.#graceMs) return;
    this.#reclaim = true;
    this.#drop([...this.#held.keys()], 'grace');
  }

  #drop(ids: readonly string[], reason: LeaseLostReason): void {
    if (ids.length === 0) return;
    for (const id of ids) this.#held.delete(id);
    this.#lost[reason] += ids.length;
    this.#options.logger.info('leases.lost', { count: ids.length, reason });
    this.#options.listener.lost(ids, reason);
  }
}
