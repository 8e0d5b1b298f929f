import type { Clock, Random, TimerHandle } from '../common/clock.port.js';
import { CrashPoint, type CrashPoints, NO_CRASH_POINTS } from '../common/crash-point.js';
import type { Logger } from '../common/logger.port.js';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import { planFarewell } from './fair-share.js';
import { FleetWatch } from './fleet-watch.js';
import { type GivingFigures, HandOverGiver } from './hand-over-giver.js';
import { HandOverTaker } from './hand-over-taker.js';
import type { HandOverRooms } from './hand-over.port.js';
import type { LeaseHints } from './lease-hints.port.js';
import type { Fleet, Lease, LeaseRenewal, LeaseStore } from './lease-store.port.js';
import { StoreLine } from './store-line.js';

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
  readonly random: Random;
  readonly logger: Logger;
  readonly store: LeaseStore;
  /** Makes changes known sooner than the next look; without it everything takes a second or a few longer. */
  readonly hints?: LeaseHints;
  /** Stable over restarts: kept in the data directory. */
  readonly replicaId: string;
  readonly listener: LeaseListener;
  /** How rooms change hands. */
  readonly rooms: HandOverRooms;
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
  /** Hand-overs to other replicas: those that came about, and those that did not (the lease stayed). */
  readonly handOvers: GivingFigures;
  /** Replicas that take leases, this one included, as last seen. */
  readonly replicas: number;
}

/** Beats between renewals notice a paused process and retry a store that is away. */
const BEAT_MS = 1_000;
/** After a hint a replica looks within this time. */
const HINT_SPREAD_MS = 50;
/** Longest pause between two attempts while the store is away. */
const MAX_PAUSE_MS = 3_000;
/**
 * A farewell goes on as long as leases are taken off this replica, and ends when none was for so long: the other has to open
 * a socket first, which takes seconds through a slow proxy, on a busy machine or while the disk of the database is.
 */
const FAREWELL_PATIENCE_MS = 8_000;
/** During it the rows are looked at this often: hints may be missing. */
const FAREWELL_LOOK_MS = 200;

/**
 * Owns the leases of this replica. Takes its own back at start (raising their epochs), then its share of the free ones, renews
 * all of them in one statement with their checkpoints, hands over what is more than its share, and says what was gained
 * and lost.
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
  readonly #line: StoreLine;
  readonly #fleet: FleetWatch;
  readonly #giver: HandOverGiver;
  readonly #taker: HandOverTaker;
  readonly #held = new Map<string, number>();
  readonly #lost: Record<LeaseLostReason, number> = { taken: 0, grace: 0 };
  #timer: TimerHandle | undefined;
  #hintTimer: TimerHandle | undefined;
  #lookQueued = false;
  #renewQueued = false;
  #attendQueued = false;
  #probeQueued = false;
  #verification: Promise<void> | undefined;
  #acquiring = true;
  #stopped = false;
  #started = false;
  #reclaim = true;
  #renewAt = 0;
  /** Every lease that is held runs from here at least; monotonic ms. */
  #renewedAt = 0;
  #beat: { mono: number; wall: number };
  #firstContact: (() => void) | undefined;
  #progressAt = 0;

  constructor(options: LeaseKeeperOptions) {
    const { clock, random, logger, store, replicaId, rooms } = options;
    this.#options = options;
    this.#crashPoints = options.crashPoints ?? NO_CRASH_POINTS;
    this.#ttlMs = options.ttlMs ?? 15_000;
    this.#renewMs = options.renewMs ?? 5_000;
    this.#graceMs = options.graceMs ?? 600_000;
    this.#pauseMs = Math.max(2 * BEAT_MS, this.#ttlMs - 2 * this.#renewMs);
    this.#beat = { mono: clock.monotonic(), wall: clock.now() };
    const timeoutMs = this.#ttlMs / 2;
    this.#line = new StoreLine({ clock, random, logger, timeoutMs, maxPauseMs: Math.min(MAX_PAUSE_MS, this.#renewMs) });
    this.#fleet = new FleetWatch({ replicaId, ttlMs: this.#ttlMs, renewMs: this.#renewMs });
    const onProgress = (): void => void (this.#progressAt = clock.monotonic());
    this.#giver = new HandOverGiver({
      ...{ clock, logger, store, replicaId, rooms, onProgress },
      line: this.#line,
      held: this.#held,
    });
    this.#taker = new HandOverTaker({ rooms, onAnswer: () => this.#attendSoon() });
  }

  /** Starts the beat. Resolves when leases were looked for successfully for the first time; until then it goes on trying. */
  start(): Promise<void> {
    const started = new Promise<void>((resolve) => (this.#firstContact = resolve));
    this.#renewAt = this.#options.clock.monotonic() + this.#renewMs;
    this.#arm();
    this.nudge();
    this.#options.hints?.listen(this.#options.replicaId, () => this.#hinted());
    return started;
  }

  /** Looks for free leases now, for example because streamers were added. Several calls at once make one look. */
  nudge(): void {
    if (this.#lookQueued || !this.#acquiring || this.#stopped) return;
    this.#lookQueued = true;
    void this.#line.enqueue(() => this.#look());
  }

  /** Renews now instead of at the next turn, so that new checkpoints are stored soon. Coalesced. */
  renewSoon(): void {
    if (!this.#stopped) void this.#queueRenewal();
  }

  holds(streamerId: string): boolean {
    return this.#held.has(streamerId);
  }

  status(): LeaseKeeperStatus {
    const { silent, sinceContactMs } = this.#line;
    return {
      held: this.#held.size,
      started: this.#started,
      sinceContactMs,
      healthy: this.#started && !silent && sinceContactMs <= this.#ttlMs,
      lost: { ...this.#lost },
      handOvers: this.#giver.figures,
      replicas: Math.max(1, this.#fleet.members.length),
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
    this.#verification = this.#line
      .enqueue(() => this.#renew(false))
      .finally(() => {
        this.#verification = undefined;
        this.#mark();
      });
    return this.#verification;
  }

  /** Gives single leases up, with their last checkpoints. The listener is not called. @throws when the store is away; the lease then expires by itself. */
  async release(checkpoints: ReadonlyMap<string, PipelineCheckpoint | undefined>): Promise<void> {
    const renewals = this.#letGo(checkpoints);
    if (renewals.length === 0) return;
    await this.#line.call(() => this.#options.store.release({ replicaId: this.#options.replicaId, renewals }));
  }

  #letGo(checkpoints: ReadonlyMap<string, PipelineCheckpoint | undefined>): LeaseRenewal[] {
    const renewals: LeaseRenewal[] = [];
    for (const [streamerId, checkpoint] of checkpoints) {
      const epoch = this.#held.get(streamerId);
      this.#held.delete(streamerId);
      if (epoch !== undefined)
        renewals.push(checkpoint === undefined ? { streamerId, epoch } : { streamerId, epoch, checkpoint });
    }
    return renewals;
  }

  /** From now on no lease is taken; those held are renewed until they are released. */
  stopAcquiring(): void {
    this.#acquiring = false;
    this.#taker.stop();
  }

  /**
   * Takes no more leases and hands those that it holds to the other replicas. Resolves when none is left, when nobody has
   * taken one for some seconds, or after `timeoutMs`; what is left then is still held. At once while the store is away:
   * nobody can be told. Never rejects.
   */
  async farewell(timeoutMs: number): Promise<void> {
    const { clock, logger, store, replicaId } = this.#options;
    this.stopAcquiring();
    if (this.#line.silent) return;
    const until = clock.monotonic() + timeoutMs;
    await this.#line.enqueue(async () => {
      // What was under way before may have found out.
      if (this.#line.away) return;
      try {
        await this.#line.call(() => store.retire(replicaId));
        // The others learn from the rows which rooms to prepare: one that is live since a moment ago is not in its row yet.
        await this.#renew(true);
        if (this.#line.away) return;
        const fleet = await this.#line.call(() => store.beat({ replicaId, ttlMs: this.#ttlMs, takes: false }));
        this.#fleet.saw(fleet, clock.monotonic());
        await this.#giver.give(planFarewell(this.#fleet.members, replicaId, this.#held.size - this.#giver.open), true);
      } catch (error) {
        this.#unreachable(error);
      }
    });
    this.#progressAt = clock.monotonic();
    while (this.#giver.open > 0) {
      const now = clock.monotonic();
      if (now >= until || now - this.#progressAt >= FAREWELL_PATIENCE_MS) break;
      await new Promise<void>((resolve) => void clock.setTimeout(resolve, FAREWELL_LOOK_MS));
      this.#attendSoon();
      await this.#line.idle;
    }
    logger.info('leases.farewell', { ...this.#giver.figures, unanswered: this.#giver.open, left: this.#held.size });
  }

  /** Stops renewing and gives up everything with its final checkpoint. Idempotent. A store that is away is logged: leases expire. */
  async drain(checkpoints: ReadonlyMap<string, PipelineCheckpoint>): Promise<void> {
    this.#acquiring = false;
    this.#stopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#hintTimer?.cancel();
    this.#taker.stop();
    const silenced = this.#options.hints?.stop();
    // What is under way with a store that is away may take half a lease more to find that out.
    if (!this.#line.silent) await this.#line.idle;
    const all = new Map([...this.#held.keys()].map((id) => [id, checkpoints.get(id)] as const));
    await Promise.all([silenced, this.#retire(), this.#releaseAll(all)]);
  }

  /** Whoever is not told counts this replica until its time has run out, and takes what is free a little later. */
  async #retire(): Promise<void> {
    const { replicaId, store, logger } = this.#options;
    await this.#line
      .lastWord(() => store.retire(replicaId))
      .catch((error: unknown) => logger.debug('leases.retire_failed', { error }));
  }

  async #releaseAll(checkpoints: ReadonlyMap<string, PipelineCheckpoint | undefined>): Promise<void> {
    const { replicaId, store, logger } = this.#options;
    const renewals = this.#letGo(checkpoints);
    if (renewals.length === 0) return;
    await this.#line
      .lastWord(() => store.release({ replicaId, renewals }))
      .catch((error: unknown) => logger.warn('leases.release_failed', { count: renewals.length, error }));
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#timer = this.#options.clock.setTimeout(() => this.#tick(), Math.min(BEAT_MS, this.#renewMs));
  }

  #tick(): void {
    const now = this.#options.clock.monotonic();
    if (this.verifyIfStale() === undefined) this.#mark();
    const due = now >= this.#renewAt || (!this.#started && !this.#line.away);
    if (this.#line.away ? this.#line.retryDue : due) {
      this.#renewAt = now + this.#renewMs;
      void this.#queueRenewal();
      this.nudge();
    } else if (!this.#line.away && this.#fleet.alert(now)) {
      this.nudge();
    }
    if (!this.#line.away) {
      if (this.#fleet.company(now) || this.#giver.open > 0) this.#attendSoon();
      else if (this.#started) this.#probe();
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
    if (this.#renewQueued) return this.#line.idle;
    this.#renewQueued = true;
    return this.#line.enqueue(() => this.#renew(true));
  }

  /** Hints come in bursts, and to all replicas at one instant. */
  #hinted(): void {
    const { clock, random } = this.#options;
    this.#hintTimer ??= clock.setTimeout(() => {
      this.#hintTimer = undefined;
      this.nudge();
      this.#attendSoon();
    }, random.next() * HINT_SPREAD_MS);
  }

  /** Looks at the offers now. Coalesced. */
  #attendSoon(): void {
    if (this.#attendQueued || this.#stopped) return;
    this.#attendQueued = true;
    void this.#line.enqueue(() => this.#attend());
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
      ({ lost } = await this.#line.call(() =>
        this.#options.store.renew({ replicaId: this.#options.replicaId, ttlMs: this.#ttlMs, renewals }),
      ));
    } catch (error) {
      this.#unreachable(error);
      return;
    }
    this.#crashPoints.reached(CrashPoint.LeasesRenewed);
    this.#renewedAt = from;
    this.#line.reached(this.#held.size);
    this.#options.saved?.(checkpoints);
    this.#options.onRenewed?.(this.#options.clock.monotonic() - from);
    this.#drop(
      lost.filter((id) => this.#held.get(id) === held.get(id) && this.#held.has(id)),
      'taken',
    );
  }

  /** Looks at the fleet, takes what is ours to take, offers what is more than our share. */
  async #look(): Promise<void> {
    this.#lookQueued = false;
    if (!this.#acquiring) return;
    const { clock, replicaId, store } = this.#options;
    try {
      const fleet: Fleet = await this.#line.call(() => store.beat({ replicaId, ttlMs: this.#ttlMs, takes: true }));
      this.#fleet.saw(fleet, clock.monotonic());
      this.#line.reached(this.#held.size);
      await this.#acquire(this.#fleet.share);
      if (this.#acquiring && this.#giver.open === 0) await this.#giver.give(this.#fleet.gifts(clock.monotonic()));
    } catch (error) {
      this.#unreachable(error);
    }
  }

  /** @throws when the store does not answer */
  async #acquire(share: number): Promise<void> {
    const { acquireBatch = 500, maxLeases = 10_000, clock, replicaId, store } = this.#options;
    for (let left = share; ;) {
      const room = maxLeases - this.#held.size;
      if (!this.#acquiring || room <= 0 || !(await this.#punctual())) return;
      // Only a keeper that holds nothing may take "its own", all in one statement: a second one would raise their epochs again.
      const reclaim = this.#reclaim;
      const limit = reclaim ? room : Math.min(acquireBatch, room);
      const sparing = this.#fleet.sparing(clock.monotonic());
      const request = { replicaId, ttlMs: this.#ttlMs, limit, reclaim, share: Math.min(left, limit), sparing };
      const from = clock.monotonic();
      const leases = await this.#line.call(() => store.acquire(request));
      if (leases.length > 0) this.#crashPoints.reached(CrashPoint.LeasesTaken);
      this.#line.reached(this.#held.size);
      this.#reclaim = false;
      left = Math.max(0, left - leases.length);
      if (this.#held.size === 0) this.#renewedAt = from;
      for (const lease of leases) this.#held.set(lease.streamerId, lease.epoch);
      this.#taker.acquired(leases.map(({ streamerId }) => streamerId));
      if (leases.length > 0) this.#options.listener.gained(leases);
      if (leases.length < limit) {
        this.#begin();
        return;
      }
    }
  }

  /**
   * True when what is held cannot have run out, if need be after a renewal. Leases of its own that ran out while the store
   * was away look free: taken, their epochs would rise and their rooms begin anew; renewed, they go on.
   */
  async #punctual(): Promise<boolean> {
    const late = (): boolean =>
      this.#held.size > 0 && this.#options.clock.monotonic() - this.#renewedAt >= this.#ttlMs / 2;
    if (late()) await this.#renew(false);
    return !late();
  }

  /** Goes on with the offers of this replica and to it. */
  async #attend(): Promise<void> {
    this.#attendQueued = false;
    if (this.#stopped) return;
    const { replicaId, store } = this.#options;
    try {
      const answers = this.#taker.answers();
      if (answers.length > 0) await this.#line.call(() => store.answer({ replicaId, answers }));
      const { made, received } = await this.#line.call(() => store.offers(replicaId));
      if (this.#acquiring && this.#taker.attend(received)) await this.#acquire(0);
      await this.#giver.attend(made);
    } catch (error) {
      this.#unreachable(error);
    }
  }

  /** Alone there is nothing to hand over; the question is asked all the same, so that leases which hang show soon. */
  #probe(): void {
    if (this.#probeQueued) return;
    this.#probeQueued = true;
    void this.#line.enqueue(async () => {
      this.#probeQueued = false;
      if (this.#line.away || this.#stopped) return;
      const { replicaId, store } = this.#options;
      await this.#line.call(() => store.offers(replicaId)).catch((error: unknown) => this.#unreachable(error));
    });
  }

  #begin(): void {
    if (this.#started) return;
    this.#started = true;
    this.#firstContact?.();
  }

  #unreachable(error: unknown): void {
    this.#line.failed(error, { held: this.#held.size, graceMs: this.#graceMs });
    if (this.#held.size === 0 || this.#line.sinceContactMs <= this.#graceMs) return;
    this.#reclaim = true;
    this.#drop([...this.#held.keys()], 'grace');
  }

  #drop(ids: readonly string[], reason: LeaseLostReason): void {
    if (ids.length === 0) return;
    for (const id of ids) {
      this.#held.delete(id);
      this.#giver.lost(id);
    }
    this.#lost[reason] += ids.length;
    this.#options.logger.info('leases.lost', { count: ids.length, reason });
    this.#options.listener.lost(ids, reason);
  }
}
