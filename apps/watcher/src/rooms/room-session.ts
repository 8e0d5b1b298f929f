import type { GapReason } from '@livetap/contracts';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import type { AdmissionLane } from './admission-queue.js';
import type { RoomCounters } from './room-counters.js';
import type { RoomFrame } from './room-connector.port.js';
import type { SessionEndReason, SessionLeaveReason, SessionPipeline, SessionStart } from './session-pipeline.port.js';

/**
 * One joined session of a room: drives its pipeline, hands the events to the admission queue and keeps the figures.
 * Gaps: opened any number of times, counted once for each interval.
 */
export class RoomSession {
  #gap: { readonly reason: GapReason; readonly from: number } | undefined;
  #lastFrameAt: number | undefined;
  #frames = 0;
  #events = 0;

  constructor(
    private readonly pipeline: SessionPipeline,
    private readonly lane: AdmissionLane,
    private readonly counters: RoomCounters,
  ) {}

  get roomId(): string {
    return this.pipeline.roomId;
  }

  get sessionId(): string {
    return this.pipeline.sessionId;
  }

  get sequence(): number {
    return this.pipeline.sequence;
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

  start(start: SessionStart): void {
    this.#push(this.pipeline.started(start));
  }

  /** Returns why the stream is over when the frame says so. */
  frame(frame: RoomFrame): 'ended' | 'suspended' | undefined {
    this.#closeGap(frame.receivedAt);
    this.#lastFrameAt = frame.receivedAt;
    this.#frames += 1;
    this.counters.frames += 1;
    this.counters.messages += frame.messages.length;
    const { events, ended } = this.pipeline.frame(frame);
    this.#push(events);
    return ended;
  }

  rejected(bytes: Uint8Array, receivedAt: number): void {
    this.counters.rejectedFrames += 1;
    this.#push(this.pipeline.rejectedFrame(bytes, receivedAt));
  }

  hasNews(frame: RoomFrame): boolean {
    return this.pipeline.hasNews(frame);
  }

  /** `from` (ms since the epoch) is for the figures; the event's own start is the pipeline's matter. */
  broken(reason: GapReason, from: number): void {
    this.pipeline.gapOpened(reason);
    this.#gap ??= { reason, from: this.#lastFrameAt ?? from };
  }

  /** A socket is healthy again without having sent a frame. */
  healthy(at: number): void {
    if (this.#gap === undefined) return;
    this.#closeGap(at);
    this.pipeline.gapClosed(at);
  }

  timers(now: number): void {
    this.#push(this.pipeline.timers(now));
  }

  end(at: number, reason: SessionEndReason): void {
    this.#closeGap(at);
    this.#push(this.pipeline.ended(at, reason));
  }

  leave(at: number, reason: SessionLeaveReason): void {
    this.#closeGap(at);
    this.#push(this.pipeline.left(at, reason));
  }

  checkpoint(): PipelineCheckpoint {
    return this.pipeline.checkpoint();
  }

  #closeGap(at: number): void {
    if (this.#gap === undefined) return;
    this.counters.gaps[this.#gap.reason] += 1;
    this.counters.gapMs[this.#gap.reason] += Math.max(0, at - this.#gap.from);
    this.#gap = undefined;
  }

  #push(events: readonly FinishedEvent[]): void {
    this.#events += events.length;
    this.lane.push(events);
  }
}
