import type { GapReason, User } from '@livetap/contracts';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import type { PipelineCounters } from '../pipeline/pipeline-counters.js';
import type { AdmissionLane } from './admission-queue.js';
import type { RoomCounters } from './room-counters.js';
import type { RoomFrame } from './room-connector.port.js';
import type { SessionEndReason, SessionLeaveReason, SessionPipeline } from './session-pipeline.js';

export interface SessionStart {
  readonly streamer: User;
  readonly title?: string;
  /** When TikTok says that the stream began, ms since the epoch. */
  readonly startedAt?: number;
  /** When the first socket was healthy, ms since the epoch. */
  readonly joinedAt: number;
  /** Which way led to the socket. */
  readonly via: string;
}

export interface RoomSessionOptions {
  readonly roomId: string;
  readonly sessionId: string;
  readonly pipeline: SessionPipeline;
  readonly lane: Pick<AdmissionLane, 'push'>;
  readonly counters: RoomCounters;
}

/**
 * One joined session of a room: drives its pipeline, hands the events to the admission queue and keeps the figures.
 * A gap may be opened any number of times; it counts once for each interval.
 */
export class RoomSession {
  readonly #options: RoomSessionOptions;
  #gap: { readonly reason: GapReason; readonly from: number } | undefined;
  #lastFrameAt: number | undefined;
  #frames = 0;
  #events = 0;

  constructor(options: RoomSessionOptions) {
    this.#options = options;
  }

  get roomId(): string {
    return this.#options.roomId;
  }

  get sessionId(): string {
    return this.#options.sessionId;
  }

  /** Number of the last event. */
  get sequence(): number {
    return this.#options.pipeline.sequence;
  }

  get lastFrameAt(): number | undefined {
    return this.#lastFrameAt;
  }

  get frames(): number {
    return this.#frames;
  }

  get events(): number {
    return this.#events;
  }

  get pipelineCounters(): PipelineCounters {
    return this.#options.pipeline.counters;
  }

  start(start: SessionStart): void {
    this.#push(this.#options.pipeline.started(start));
  }

  /** Returns why the stream is over when the frame says so. */
  frame(frame: RoomFrame): 'ended' | 'suspended' | undefined {
    this.#closeGap(frame.receivedAt);
    this.#lastFrameAt = frame.receivedAt;
    this.#frames += 1;
    const { events, end } = this.#options.pipeline.frame(frame);
    this.#push(events);
    return end;
  }

  /** A frame that could not be read. */
  rejected(bytes: Uint8Array, receivedAt: number): void {
    this.#closeGap(receivedAt);
    this.#lastFrameAt = receivedAt;
    this.#frames += 1;
    this.#push(this.#options.pipeline.rejectedFrame(bytes, receivedAt));
  }

  /**
   * True when the frame holds a message that is none of the newest ones of this session. Exact as long as a frame repeats
   * no more history than a checkpoint remembers; meant for the rare frames of a second socket.
   */
  hasNews(frame: RoomFrame): boolean {
    const known = new Set(this.#options.pipeline.checkpoint().recentIds);
    return frame.messages.some((message) => (message.msgId === '0' ? !message.isHistory : !known.has(message.msgId)));
  }

  /** There is no healthy socket from `at` on (ms since the epoch). What is lost already keeps its start and reason. */
  broken(reason: GapReason, at: number): void {
    this.#push(this.#options.pipeline.gapOpened(reason, at));
    this.#gap ??= { reason, from: this.#lastFrameAt ?? at };
    // As in its event: waiting for quota is what made it long.
    if (reason === 'quota') this.#gap = { ...this.#gap, reason };
  }

  /** A socket is healthy again without having sent a frame. */
  healthy(at: number): void {
    this.#closeGap(at);
    this.#options.pipeline.gapClosed(at);
  }

  /**
   * Publishes what became due up to `now` and returns how many events that were. `healthySince`: since when there is a
   * healthy socket, ms since the epoch; undefined without one.
   */
  timers(now: number, healthySince: number | undefined): number {
    const events = this.#options.pipeline.timers(now, healthySince);
    this.#push(events);
    return events.length;
  }

  end(at: number, reason: SessionEndReason): void {
    this.#closeGap(at);
    this.#push(this.#options.pipeline.ended({ endedAt: at, reason }));
  }

  leave(at: number, reason: SessionLeaveReason): void {
    this.#closeGap(at);
    this.#push(this.#options.pipeline.left({ at, reason }));
  }

  /** `clean`: nothing will be admitted after it. */
  checkpoint(clean: boolean): PipelineCheckpoint {
    return this.#options.pipeline.checkpoint({ clean });
  }

  #closeGap(at: number): void {
    if (this.#gap === undefined) return;
    const { gaps, gapMs } = this.#options.counters;
    gaps[this.#gap.reason] += 1;
    gapMs[this.#gap.reason] += Math.max(0, at - this.#gap.from);
    this.#gap = undefined;
  }

  #push(events: readonly FinishedEvent[]): void {
    this.#events += events.length;
    this.#options.lane.push(events);
  }
}
