import type { TimerHandle } from '../common/clock.port.js';
import { CrashPoint, type CrashPoints, NO_CRASH_POINTS } from '../common/crash-point.js';
import { LeaseKeeper, type LeaseKeeperStatus, type LeaseLostReason } from '../leases/lease-keeper.js';
import type { Lease } from '../leases/lease-store.port.js';
import { withTimeout } from '../common/with-timeout.js';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import { LiveWatch, type LiveWatchStats } from '../streamers/live-watch.js';
import { ObservationWriter } from '../streamers/observation-writer.js';
import type { StreamerActivity, StreamerActivitySource, StreamerControl } from '../streamers/streamer-activity.js';
import type { Streamer } from '../streamers/streamer.js';
import { AdmissionQueue } from './admission-queue.js';
import { CheckpointRecovery, type TakenLease } from './checkpoint-recovery.js';
import { ConcurrencyGate } from './concurrency-gate.js';
import { HandOverSockets } from './hand-over-sockets.js';
import { addPipelineCounters, newRoomCounters, type RoomCounters } from './room-counters.js';
import { RoomHandOver } from './room-hand-over.js';
import type { RoomRegistryOptions } from './room-registry-options.js';
import { DEFAULT_ROOM_SETTINGS } from './room-settings.js';
import { ROOM_STATES, type RoomState } from './room-state.js';
import { RoomSupervisor } from './room-supervisor.js';
import type { RoomSupervisorOptions } from './room-supervisor-options.js';
import type { SessionLeaveReason } from './session-pipeline.js';

/** One ticker for all rooms. */
const TICK_MS = 1_000;
/** Leases whose streamers could not be read are tried again after, ms. */
const LOAD_RETRY_MS = 1_000;
/** Longest wait of a stop for what was learned of streamers, ms. */
const OBSERVATIONS_MS = 2_000;
/** Checkpoints of sessions that began or ended are stored this soon, together, ms. */
const SAVE_SOON_MS = 500;
/** A renewal goes without checkpoints when the events before them do not become durable in this time, ms. */
const CHECKPOINT_WAIT_MS = 2_000;
/** While the journal stays full, this share of the rooms that were open is closed each second, least important first. */
const PRESSURE_SHARE = 0.25;
/** A record takes at most this share of the journal, so that the cap holds and it always fits in the end. */
const RECORDS_IN_JOURNAL = 8;
/** A streamer that was removed by name but is still there after so long was not removed after all, ms. */
const REMOVAL_MS = 30_000;
const REFRESH_BATCH = 1_000;

export interface RegistryFigures {
  /** Streamers of this replica by state of their room. */
  readonly rooms: Readonly<Record<RoomState, number>>;
  readonly counters: RoomCounters;
  readonly leases: LeaseKeeperStatus;
  readonly checks: LiveWatchStats;
  /** Bytes received and not durable yet. */
  readonly admissionBytes: number;
  /** Events received or made and not durable yet. */
  readonly pendingEvents: number;
  /** Events thrown away because the lease of their room was lost. */
  readonly discardedEvents: number;
}

/**
 * Everything that this replica does for its streamers: leases, live checks, rooms, and the admission of their events.
 * `start` once, `drain` any number of times; in between operators act through `StreamerControl`.
 */
export class RoomRegistry implements StreamerActivitySource, StreamerControl {
  readonly #options: RoomRegistryOptions;
  readonly #keeper: LeaseKeeper;
  readonly #watch: LiveWatch;
  readonly #writer: ObservationWriter;
  readonly #queue: AdmissionQueue;
  readonly #recovery: CheckpointRecovery;
  /** Opened for streamers that other replicas offer. */
  readonly #warm: HandOverSockets;
  readonly #counters = newRoomCounters();
  readonly #crashPoints: CrashPoints;
  readonly #supervisorOptions: RoomSupervisorOptions;
  readonly #rooms = new Map<string, RoomSupervisor>();
  /** Leases whose streamers are being read. */
  readonly #loading = new Map<string, Lease>();
  #loads: Promise<void> = Promise.resolve();
  /** The checkpoints handed out last, and the end of the journal up to which, once stored, they know everything. */
  #handedOut: { readonly checkpoints: ReadonlyMap<string, PipelineCheckpoint>; readonly at: number } | undefined;
  #ticker: TimerHandle | undefined;
  #saveTimer: TimerHandle | undefined;
  #pressedSince: number | undefined;
  /** Rooms to close at each look, 0 before the first. */
  #closingAtOnce = 0;
  #refreshAt = 0;
  #refreshing = false;
  #draining: Promise<void> | undefined;
  /** Nothing goes on any more. */
  #drained = false;

  constructor(options: RoomRegistryOptions) {
    const { clock, random, logger, settings = {} } = options;
    this.#options = options;
    this.#crashPoints = options.crashPoints ?? NO_CRASH_POINTS;
    this.#writer = new ObservationWriter({ clock, logger, store: options.streamers });
    this.#queue = new AdmissionQueue({
      journal: options.journal,
      maxRecordBytes: options.journal.stats().maxBytes / RECORDS_IN_JOURNAL,
      guard: () => this.#keeper.verifyIfStale(),
      onFatal: options.onFatal,
      crashPoints: this.#crashPoints,
      ...(options.onAdmitted === undefined ? {} : { onAdmitted: options.onAdmitted }),
      ...(options.defer === undefined ? {} : { defer: options.defer }),
      ...(settings.admissionMaxBytes === undefined ? {} : { maxBytes: settings.admissionMaxBytes }),
      ...(settings.admissionMaxRoomBytes === undefined ? {} : { maxRoomBytes: settings.admissionMaxRoomBytes }),
    });
    const gate = new ConcurrencyGate(settings.openConcurrency ?? 32);
    const pressed = (): boolean => this.#queue.pressed;
    const { connector, streamers } = options;
    this.#warm = new HandOverSockets({ clock, logger, streamers, connector, gate, pressed });
    this.#recovery = new CheckpointRecovery({ replicaId: options.replicaId, journal: options.journal, logger });
    this.#keeper = new LeaseKeeper({
      clock,
      random,
      logger,
      store: options.leases,
      replicaId: options.replicaId,
      crashPoints: this.#crashPoints,
      listener: {
        gained: (leases) => this.#gained(leases),
        lost: (ids, reason) => this.#lost(ids, reason),
      },
      rooms: new RoomHandOver({
        logger,
        rooms: this.#rooms,
        sockets: this.#warm,
        flushed: () => this.#flushed(CHECKPOINT_WAIT_MS),
        gone: (id) => this.#gone(id),
      }),
      checkpoints: (ids) => this.#checkpoints(ids),
      saved: (checkpoints) => {
        for (const [id, checkpoint] of checkpoints) this.#rooms.get(id)?.saved(checkpoint);
        if (checkpoints === this.#handedOut?.checkpoints) this.#recovery.stored(this.#handedOut.at);
      },
      ...(options.leaseHints === undefined ? {} : { hints: options.leaseHints }),
      ...(options.onLeasesRenewed === undefined ? {} : { onRenewed: options.onLeasesRenewed }),
      ...(settings.leaseTtlMs === undefined ? {} : { ttlMs: settings.leaseTtlMs }),
      ...(settings.leaseRenewMs === undefined ? {} : { renewMs: settings.leaseRenewMs }),
      ...(settings.leaseGraceMs === undefined ? {} : { graceMs: settings.leaseGraceMs }),
      ...(settings.maxLeases === undefined ? {} : { maxLeases: settings.maxLeases }),
    });
    this.#watch = new LiveWatch({
      clock,
      random,
      checker: options.checker,
      observe: (id, observation) => this.#writer.note(id, observation),
      onLive: (streamer, result) => this.#rooms.get(streamer.id)?.goLive(result),
      ...(settings.checkIntervalMs === undefined ? {} : { intervalMs: settings.checkIntervalMs }),
      ...(settings.checkIntervalMaxMs === undefined ? {} : { maxIntervalMs: settings.checkIntervalMaxMs }),
      ...(settings.checkRequestsPerSecond === undefined ? {} : { requestsPerSecond: settings.checkRequestsPerSecond }),
      ...(options.onCheckLateness === undefined ? {} : { onLateness: options.onCheckLateness }),
      ...(options.onLiveNoticed === undefined ? {} : { onNoticed: options.onLiveNoticed }),
      ...(settings.checkConcurrency === undefined ? {} : { concurrency: settings.checkConcurrency }),
    });
    this.#supervisorOptions = {
      clock,
      random,
      logger,
      replicaId: options.replicaId,
      connector: options.connector,
      checker: options.checker,
      queue: this.#queue,
      pipelines: options.pipelines,
      gate,
      counters: this.#counters,
      settings: { ...DEFAULT_ROOM_SETTINGS, ...settings.rooms },
      events: {
        idle: (id, ended) => this.#idle(id, ended),
        observed: (id, observation) => this.#writer.note(id, observation),
        sessionChanged: () => this.#saveSoon(),
      },
    };
  }

  /**
   * Begins to take leases and to follow their streamers. Resolves when the lease store answered for the first time; while
   * it is away this goes on trying.
   */
  async start(): Promise<void> {
    this.#refreshAt = this.#options.clock.monotonic() + this.#refreshMs;
    this.#arm();
    await this.#keeper.start();
  }

  activityOf(streamerId: string): StreamerActivity | undefined {
    return this.#rooms.get(streamerId)?.activity();
  }

  figures(): RegistryFigures {
    const rooms = Object.fromEntries(ROOM_STATES.map((state) => [state, 0])) as Record<RoomState, number>;
    let pipeline = this.#counters.pipeline;
    for (const room of this.#rooms.values()) {
      rooms[room.state] += 1;
      if (room.pipelineCounters !== undefined) pipeline = addPipelineCounters(pipeline, room.pipelineCounters);
    }
    return {
      rooms,
      counters: { ...this.#counters, pipeline },
      leases: this.#keeper.status(),
      checks: this.#watch.stats(),
      admissionBytes: this.#queue.pendingBytes,
      pendingEvents: this.#queue.pendingEvents,
      discardedEvents: this.#queue.discardedEvents,
    };
  }

  added(): void {
    this.#keeper.nudge();
  }

  async changed(streamer: Streamer): Promise<void> {
    const room = this.#rooms.get(streamer.id);
    if (room === undefined) return;
    room.update(streamer);
    if (!streamer.paused) {
      if (this.#watch.has(streamer.id)) this.#watch.watch(streamer);
      return;
    }
    const checkpoint = await this.#leave(room, 'paused');
    const nobodyLooks = { state: 'unknown', stateReason: 'paused by the operator', nextCheckAt: null } as const;
    this.#writer.note(streamer.id, nobodyLooks);
    this.#rooms.delete(streamer.id);
    try {
      await this.#keeper.release(new Map([[streamer.id, checkpoint]]));
    } catch (error) {
      // It expires by itself within the time of a lease.
      this.#options.logger.warn('leases.release_failed', { count: 1, error });
    }
  }

  /** The lease is kept until the row is gone, so that nobody takes the streamer up again in between. */
  async removed(streamer: Streamer): Promise<void> {
    this.#loading.delete(streamer.id);
    const room = this.#rooms.get(streamer.id);
    if (room !== undefined) await this.#leave(room, 'removed');
    this.#writer.forget(streamer.id);
  }

  /**
   * Ordered stop: takes no more leases, hands over to other replicas what they take, closes all sockets that are left with the handshake and admits every frame that comes until
   * then, waits until everything is durable, and gives up the leases with their final checkpoints. Later calls return
   * the same promise; it does not reject.
   */
  drain(): Promise<void> {
    this.#draining ??= this.#drain();
    return this.#draining;
  }

  async #drain(): Promise<void> {
    // Rooms go on until another replica has them.
    await this.#keeper.farewell(this.#options.settings?.handOverMs ?? 15_000);
    this.#drained = true;
    this.#warm.close();
    this.#watch.stop();
    this.#ticker?.cancel();
    this.#saveTimer?.cancel();
    await Promise.all([...this.#rooms.values()].map((room) => room.drain()));
    this.#crashPoints.reached(CrashPoint.DrainSocketsClosed);
    let checkpoints = this.#collect([...this.#rooms.keys()]);
    try {
      await this.#flushed(this.#options.settings?.drainFlushMs ?? 10_000);
    } catch (error) {
      // What is not durable must not be in a checkpoint: the stored ones stay, and their gaps begin earlier.
      checkpoints = new Map();
      this.#options.logger.error('rooms.drain_incomplete', { pendingBytes: this.#queue.pendingBytes, error });
    }
    this.#crashPoints.reached(CrashPoint.DrainFlushed);
    // What was learned of streamers is for people to see: a database that hangs is not waited for.
    const { clock, logger } = this.#options;
    await withTimeout(() => this.#writer.flush(), OBSERVATIONS_MS, clock, 'The database did not answer in time.').catch(
      (error: unknown) => logger.warn('streamers.observations.unwritten', { error }),
    );
    await this.#keeper.drain(checkpoints);
    this.#crashPoints.reached(CrashPoint.DrainLeasesReleased);
    this.#queue.close();
  }

  async #leave(room: RoomSupervisor, reason: SessionLeaveReason): Promise<PipelineCheckpoint | undefined> {
    this.#watch.unwatch(room.streamer.id);
    await room.leave(reason);
    // What is not durable must not be in a checkpoint.
    return (await this.#queue.flush()) ? room.checkpoint() : undefined;
  }

  #gained(leases: readonly Lease[]): void {
    for (const lease of leases) this.#loading.set(lease.streamerId, lease);
    this.#loadSoon();
  }

  /** One after the other: a streamer is followed only when its checkpoint is complete. */
  #loadSoon(): void {
    this.#loads = this.#loads.then(() => this.#load()).catch(this.#options.onFatal);
  }

  /** @throws JournalError when the journal cannot be read back */
  async #load(): Promise<void> {
    const leases = new Map(this.#loading);
    const ids = [...leases.keys()];
    let streamers: readonly Streamer[];
    try {
      streamers = await this.#options.streamers.findByIds(ids);
    } catch (error) {
      this.#options.logger.warn('streamers.unreadable', { count: ids.length, error });
      if (!this.#drained) this.#options.clock.setTimeout(() => this.#loadSoon(), LOAD_RETRY_MS);
      return;
    }
    const taken = await this.#recovery.recover(streamers, leases);
    if (this.#drained) return;
    this.#crashPoints.reached(CrashPoint.RoomsBeforeResume);
    for (const streamer of streamers) {
      const lease = taken.get(streamer.id);
      // Lost or taken anew while this one was read.
      if (lease === undefined || this.#loading.get(streamer.id) !== leases.get(streamer.id)) continue;
      this.#loading.delete(streamer.id);
      this.#follow(streamer, lease);
    }
    // What was not found was removed meanwhile; the next renewal says that the lease is gone.
    for (const [id, lease] of leases) if (this.#loading.get(id) === lease) this.#loading.delete(id);
  }

  #follow(streamer: Streamer, lease: TakenLease): void {
    const before = this.#rooms.get(streamer.id);
    if (before !== undefined) void before.release('the lease was taken anew');
    const room = new RoomSupervisor(streamer, lease, this.#supervisorOptions);
    this.#rooms.set(streamer.id, room);
    if (streamer.paused) void this.changed(streamer);
    else if (!room.resume(this.#warm.take(streamer.id))) this.#watch.watch(streamer);
  }

  #lost(ids: readonly string[], reason: LeaseLostReason): void {
    for (const id of ids) {
      void this.#rooms.get(id)?.release(reason === 'taken' ? 'the lease is another owner’s' : 'the lease ran out');
      this.#gone(id);
    }
  }

  /** The lease is not ours any more. */
  #gone(id: string): void {
    this.#loading.delete(id);
    this.#watch.unwatch(id);
    this.#writer.forget(id);
    this.#warm.discard([id]);
    this.#rooms.delete(id);
  }

  #idle(id: string, ended: boolean): void {
    const room = this.#rooms.get(id);
    if (room === undefined || this.#drained) return;
    const { recheckAfterEndMs = 15_000, checkIntervalMs = 60_000 } = this.#options.settings ?? {};
    const intervalMs = room.streamer.checkIntervalMs ?? checkIntervalMs;
    this.#watch.watch(room.streamer, ended ? Math.min(recheckAfterEndMs, intervalMs) : intervalMs);
  }

  #saveSoon(): void {
    this.#saveTimer ??= this.#options.clock.setTimeout(() => {
      this.#saveTimer = undefined;
      this.#keeper.renewSoon();
    }, SAVE_SOON_MS);
  }

  /** Taken now, handed out when every event before them is durable: what a checkpoint knows must not be lost. */
  async #checkpoints(ids: readonly string[]): Promise<ReadonlyMap<string, PipelineCheckpoint>> {
    const at = this.#recovery.position();
    const checkpoints = this.#collect(ids);
    try {
      await this.#flushed(CHECKPOINT_WAIT_MS);
      // A room that is not taken up yet has events of an earlier life in the journal that no checkpoint knows.
      if (ids.every((id) => this.#rooms.has(id))) this.#handedOut = { checkpoints, at };
      return checkpoints;
    } catch {
      // The journal is slow or full: the stored checkpoints stay as they are for this time.
      return new Map();
    }
  }

  #collect(ids: readonly string[]): Map<string, PipelineCheckpoint> {
    const checkpoints = new Map<string, PipelineCheckpoint>();
    for (const id of ids) {
      const checkpoint = this.#rooms.get(id)?.checkpoint();
      if (checkpoint !== undefined) checkpoints.set(id, checkpoint);
    }
    return checkpoints;
  }

  /** @throws Error when the events so far did not become durable in time, or never will */
  async #flushed(timeoutMs: number): Promise<void> {
    const { clock } = this.#options;
    const durable = await withTimeout(() => this.#queue.flush(), timeoutMs, clock, 'Events are not durable in time.');
    if (!durable) throw new Error('The journal has failed.');
  }

  get #refreshMs(): number {
    return this.#options.settings?.refreshMs ?? 15_000;
  }

  #arm(): void {
    this.#ticker = this.#options.clock.setTimeout(() => {
      this.#tick();
      if (!this.#drained) this.#arm();
    }, TICK_MS);
  }

  #tick(): void {
    for (const room of this.#rooms.values()) room.tick();
    this.#relievePressure();
    const mono = this.#options.clock.monotonic();
    if (mono < this.#refreshAt || this.#refreshing) return;
    this.#refreshAt = mono + this.#refreshMs;
    void this.#refresh();
  }

  #relievePressure(): void {
    const mono = this.#options.clock.monotonic();
    if (!this.#queue.pressed) {
      this.#pressedSince = undefined;
      this.#closingAtOnce = 0;
      return;
    }
    this.#pressedSince ??= mono;
    if (mono - this.#pressedSince < (this.#options.settings?.pressureMs ?? 5_000)) return;
    const open = [...this.#rooms.values()].filter((room) => room.state === 'live');
    open.sort((a, b) => a.streamer.priority - b.streamer.priority);
    this.#closingAtOnce ||= Math.ceil(open.length * PRESSURE_SHARE);
    let left = this.#closingAtOnce;
    // Rooms that close already are passed over.
    for (const room of open) if (left > 0 && room.closeForPressure()) left -= 1;
  }

  /** Settings may have been changed at another replica. */
  async #refresh(): Promise<void> {
    this.#refreshing = true;
    try {
      const ids = [...this.#rooms.keys()];
      for (let from = 0; from < ids.length; from += REFRESH_BATCH) {
        const streamers = await this.#options.streamers.findByIds(ids.slice(from, from + REFRESH_BATCH));
        for (const streamer of streamers) await this.#refreshed(streamer);
      }
    } catch (error) {
      // Tried again at the next turn; the lease keeper reports a store that stays away.
      this.#options.logger.debug('streamers.unreadable', { error });
    } finally {
      this.#refreshing = false;
    }
  }

  async #refreshed(streamer: Streamer): Promise<void> {
    const room = this.#rooms.get(streamer.id);
    if (room === undefined) return;
    if (room.state !== 'left') {
      await this.changed(streamer);
    } else if (this.#options.clock.now() - room.activity().since > REMOVAL_MS) {
      // Its removal failed: give it up, so that it is taken and followed anew.
      this.#rooms.delete(streamer.id);
      await this.#keeper.release(new Map([[streamer.id, room.checkpoint()]]));
      this.#keeper.nudge();
    }
  }
}
