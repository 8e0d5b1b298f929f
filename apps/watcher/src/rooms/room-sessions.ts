import { type GapReason, sessionId, type User } from '@livetap/contracts';
import type { TakenLease } from './checkpoint-recovery.js';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import type { LiveCheckResult } from '../streamers/live-checker.port.js';
import type { StreamerActivity } from '../streamers/streamer-activity.js';
import type { Streamer } from '../streamers/streamer.js';
import type { AdmissionLane } from './admission-queue.js';
import { addPipelineCounters } from './room-counters.js';
import { RoomSession } from './room-session.js';
import type { RoomSupervisorOptions } from './room-supervisor-options.js';
import type { SessionEndReason, SessionLeaveReason } from './session-pipeline.js';
import { beganLater } from './verdict-judge.js';

/** Where the next session of a room goes on under the same epoch. */
interface LeftRoom {
  readonly checkpoint: PipelineCheckpoint;
  /** Number of its last event. */
  readonly sequence: number;
}

/** What sessions need beside their streamer and their lease. */
export type RoomSessionsOptions = Pick<RoomSupervisorOptions, 'counters' | 'events' | 'pipelines' | 'replicaId'>;

/** A streamer has one or two rooms a day, and returns only to a recent one: by a stale answer about the newest. */
const MAX_LEFT_ROOMS = 32;

/** The sessions of one streamer under one lease: at most one is open; the last one's checkpoint is kept after its end. */
export class RoomSessions {
  readonly #options: RoomSessionsOptions;
  readonly #lane: Pick<AdmissionLane, 'push'>;
  readonly #epoch: number;
  #streamer: Streamer;
  #current: RoomSession | undefined;
  /** Of the last session, when none is open: says how often its room was live. */
  #last: PipelineCheckpoint | undefined;
  /** What each room of this lease was left with, for a streamer that returns to an earlier one; the newest last. */
  readonly #left = new Map<string, LeftRoom>();
  #unsaved = false;
  #roomId: string | undefined;
  #live: LiveCheckResult | undefined;
  /** Start of the open session's stream, ms since the epoch. */
  #startedAt: number | undefined;

  constructor(
    streamer: Streamer,
    lease: Pick<TakenLease, 'epoch' | 'checkpoint' | 'recovered'>,
    lane: Pick<AdmissionLane, 'push'>,
    options: RoomSessionsOptions,
  ) {
    this.#options = options;
    this.#streamer = streamer;
    this.#lane = lane;
    this.#epoch = lease.epoch;
    this.#last = lease.checkpoint ?? undefined;
    this.#unsaved = lease.recovered === true;
  }

  get streamer(): Streamer {
    return this.#streamer;
  }

  set streamer(streamer: Streamer) {
    this.#streamer = streamer;
  }

  get epoch(): number {
    return this.#epoch;
  }

  get current(): RoomSession | undefined {
    return this.#current;
  }

  /** Start of the open session's stream, ms since the epoch; undefined when unknown or none is open. */
  get startedAt(): number | undefined {
    return this.#current === undefined ? undefined : this.#startedAt;
  }

  /** The room that is or was followed last. */
  get roomId(): string | undefined {
    return this.#roomId;
  }

  /** The room to follow, and what the check knew about it. */
  aim(roomId: string, live: LiveCheckResult): void {
    this.#roomId = roomId;
    this.#live = live;
  }

  /** Opens the session of the lease's checkpoint again. undefined when there is none to take up. */
  resume(): PipelineCheckpoint | undefined {
    const checkpoint = this.#last;
    if (checkpoint?.joined !== true) return undefined;
    const { roomId, occurrence } = checkpoint;
    this.#roomId = roomId;
    this.#startedAt = checkpoint.startedAt;
    this.#options.counters.sessionsResumed += 1;
    this.#open({ roomId, occurrence, checkpoint });
    return checkpoint;
  }

  /** The first socket of a new session is healthy. Does nothing when a session is open. */
  begin(at: number, via: string): void {
    const roomId = this.#roomId;
    if (roomId === undefined || this.#current !== undefined) return;
    const left = this.#left.get(roomId);
    const before = left?.checkpoint ?? (this.#last?.roomId === roomId ? this.#last : undefined);
    const { title, startedAt } = this.#live ?? {};
    // Left while the stream went on, and watched again: the same live.
    const same = before?.left === true && !beganLater(startedAt, before.startedAt);
    const occurrence = (before?.occurrence ?? 0) + (same ? 0 : 1);
    this.#options.counters.sessionsStarted += 1;
    const session = this.#open({
      roomId,
      occurrence,
      ...(before === undefined ? {} : { checkpoint: before, sequence: left?.sequence ?? 0 }),
    });
    this.#startedAt = startedAt;
    session.start({
      streamer: this.#user(),
      joinedAt: at,
      via,
      ...(title === undefined ? {} : { title }),
      ...(startedAt === undefined ? {} : { startedAt }),
    });
    const observation = { state: 'live', stateReason: `connected (${via})`, roomId, lastLiveAt: new Date(at) } as const;
    this.#options.events.observed(this.#streamer.id, observation);
    this.#options.events.sessionChanged(this.#streamer.id);
  }

  /** What of the open session an operator is shown. */
  activity(): Pick<StreamerActivity, 'roomId' | 'sessionId' | 'lastFrameAt' | 'frames' | 'events' | 'epoch'> {
    const { roomId, epoch, current } = this;
    return {
      ...(roomId === undefined ? {} : { roomId }),
      ...(current === undefined ? {} : { sessionId: current.sessionId }),
      ...(current?.lastFrameAt === undefined ? {} : { lastFrameAt: current.lastFrameAt }),
      frames: current?.frames ?? 0,
      events: current?.events ?? 0,
      epoch,
    };
  }

  /** There is no healthy socket from now on. */
  lose(reason: GapReason, from: number): void {
    this.#current?.broken(reason, from);
  }

  /**
   * Closes the session with `live.ended` at a time, ms since the epoch. False when none was open. `offline`: no other room
   * took its place.
   */
  end(reason: SessionEndReason, words: string, offline: boolean, at: number): boolean {
    if (this.#current === undefined) return false;
    this.#current.end(at, reason);
    this.#close(this.#current);
    this.#options.counters.sessionsEnded += 1;
    this.#options.events.sessionChanged(this.#streamer.id);
    const observation = { state: 'offline', stateReason: words, lastLiveAt: new Date(at) } as const;
    if (offline) this.#options.events.observed(this.#streamer.id, observation);
    return true;
  }

  /** Closes the session with `live.left`, if one is open. */
  leave(reason: SessionLeaveReason, at: number): void {
    if (this.#current === undefined) return;
    this.#current.leave(at, reason);
    this.#close(this.#current);
  }

  /** Forgets everything: the lease is another's. */
  discard(): void {
    if (this.#current !== undefined) this.#count(this.#current);
    this.#current = undefined;
    this.#unsaved = false;
  }

  /** What to store with the lease; undefined when nothing changed since it was last stored. `clean`: the last one. */
  checkpoint(clean = false): PipelineCheckpoint | undefined {
    if (this.#current !== undefined) return this.#checkpointOf(this.#current, clean);
    return this.#unsaved ? this.#last : undefined;
  }

  /** The given checkpoint is stored. */
  saved(checkpoint: PipelineCheckpoint): void {
    if (checkpoint === this.#last) this.#unsaved = false;
  }

  #open(request: {
    roomId: string;
    occurrence: number;
    checkpoint?: PipelineCheckpoint;
    sequence?: number;
  }): RoomSession {
    const live = this.#live;
    const pipeline = this.#options.pipelines({
      sequence: 0,
      ...request,
      streamer: this.#streamer,
      epoch: this.#epoch,
      ...(live === undefined ? {} : { live }),
    });
    const { roomId, occurrence } = request;
    this.#current = new RoomSession({
      roomId,
      sessionId: sessionId(roomId, occurrence),
      pipeline,
      lane: this.#lane,
      counters: this.#options.counters,
    });
    return this.#current;
  }

  #close(session: RoomSession): void {
    const checkpoint = this.#checkpointOf(session, true);
    this.#last = checkpoint;
    this.#count(session);
    this.#remember(session.roomId, { checkpoint, sequence: session.sequence });
    this.#unsaved = true;
    this.#current = undefined;
  }

  #remember(roomId: string, left: LeftRoom): void {
    this.#left.delete(roomId);
    this.#left.set(roomId, left);
    for (const oldest of this.#left.keys()) {
      if (this.#left.size <= MAX_LEFT_ROOMS) break;
      this.#left.delete(oldest);
    }
  }

  #checkpointOf(session: RoomSession, clean: boolean): PipelineCheckpoint {
    return { ...session.checkpoint(clean), replicaId: this.#options.replicaId };
  }

  #count(session: RoomSession): void {
    const { counters } = this.#options;
    counters.pipeline = addPipelineCounters(counters.pipeline, session.pipelineCounters);
  }

  #user(): User {
    const { tiktokUserId, uniqueId, nickname, avatarUrl } = { ...this.#streamer, ...this.#live };
    return {
      id: tiktokUserId ?? '0',
      ...(uniqueId.startsWith('id:') ? {} : { uniqueId }),
      ...(nickname === undefined ? {} : { nickname }),
      ...(avatarUrl === undefined ? {} : { avatarUrl }),
    };
  }
}
