import type { EventName, GapReason, LiveEndedData, LiveLeftData, User } from '@livetap/contracts';
import type { OpenStreak, PipelineCheckpoint } from './checkpoint.js';
import { type EventHead, EventWriter } from './event-writer.js';
import type { FinishedEvent } from './finished-event.js';
import { GapTracker } from './gap-tracker.js';
import { type GiftPrices } from './gift-fold.js';
import type { MessageShaper } from './message-shaper.js';
import { timestamp } from './normalize/values.js';
import { newCounters, type PipelineCounters } from './pipeline-counters.js';
import { RecentIds } from './recent-ids.js';
import { RoomData, type ShapedData } from './room-data.js';
import {
  endOf,
  type EventTime,
  eventTime,
  hashedId,
  type PipelineMessage,
  type ReadMessage,
  readMessage,
  unknownData,
  type UnknownReason,
} from './wire-message.js';

export interface RoomPipelineOptions {
  readonly roomId: string;
  /** Unique id of the streamer as monitored, lower case. */
  readonly subject: string;
  /** TikTok user id of the streamer, where it is known already. */
  readonly streamerId?: string | undefined;
  readonly sessionId: string;
  /** How many times this room id has been live, counting from 1. */
  readonly occurrence: number;
  readonly epoch: number;
  /** Where the last owner, or the room's last session, left off. One of another room is ignored. */
  readonly checkpoint?: PipelineCheckpoint | null | undefined;
  /** Also make the copies for the raw topic. */
  readonly rawTopic: boolean;
  /** `sequence` of the pipeline that had this room under the same epoch before; 0 otherwise. */
  readonly sequence?: number | undefined;
  readonly prices?: GiftPrices | undefined;
  /** Shared by all rooms of the process. */
  readonly shaper: MessageShaper;
}

export interface PipelineFrame {
  readonly messages: readonly PipelineMessage[];
  /** Receipt, milliseconds since the epoch. */
  readonly receivedAt: number;
  /** The batch's `now`, decimal milliseconds, `"0"` when absent. */
  readonly now: string;
}

export interface FrameResult {
  readonly events: FinishedEvent[];
  /** Set when the frame says that the stream is over: call `ended` next. */
  readonly end?: 'ended' | 'suspended';
}

/**
 * Turns what one room's sockets deliver in one session into events: decodes, shapes, identifies, removes repeats, counts
 * gifts and likes, numbers and serialises. Pure state, no clock and no I/O: all times are given, in milliseconds since the
 * epoch. Call in order of arrival; nothing here waits, and data of the wire never makes a method throw.
 */
export class RoomPipeline {
  readonly counters: PipelineCounters = newCounters();
  readonly #options: RoomPipelineOptions;
  readonly #writer: EventWriter;
  readonly #recent = new RecentIds();
  readonly #gaps = new GapTracker();
  readonly #data: RoomData;
  #joined = false;
  #left = false;
  #startedAt: number | undefined;
  #lastFrameAt = 0;
  #lastId: string | undefined;
  /** True after a restart whose checkpoint may be older than the last admitted frame, until a socket is healthy. */
  #inexact = false;

  constructor(options: RoomPipelineOptions) {
    this.#options = options;
    this.#writer = new EventWriter({ ...options, sequence: options.sequence ?? 0 });
    const checkpoint = options.checkpoint?.roomId === options.roomId ? options.checkpoint : undefined;
    for (const id of checkpoint?.recentIds ?? []) this.#recent.add(id, checkpoint?.lastFrameAt ?? 0);
    const session = checkpoint?.occurrence === options.occurrence ? checkpoint : undefined;
    // A streak belongs to the room: what a session before counted of it is not counted again.
    this.#data = new RoomData(options.shaper, options.prices, {
      streaks: session?.streaks ?? over(checkpoint?.streaks ?? []),
      likeTotal: session?.likeTotal ?? 0,
    });
    this.streamerId = options.streamerId ?? checkpoint?.streamerId;
    if (session !== undefined) this.#restore(session);
  }

  #restore(session: PipelineCheckpoint): void {
    this.#joined = session.joined;
    this.#left = session.left === true;
    this.#startedAt = session.startedAt;
    this.#lastFrameAt = session.lastFrameAt;
    this.#lastId = session.lastId;
    this.#inexact = session.clean !== true;
    // Without a clean stop there may have been frames after the checkpoint, even a healthy socket.
    const { gap } = session;
    if (gap !== undefined) this.#gaps.open({ ...gap, fromExact: gap.fromExact && session.clean === true });
  }

  /** TikTok user id of the streamer; may become known, or better known, at any time. */
  get streamerId(): string | undefined {
    return this.#data.streamerId;
  }

  set streamerId(id: string | undefined) {
    if (id === undefined) return;
    this.#data.streamerId = id;
    this.#writer.streamerId = id;
  }

  /** True between `live.started` and `live.ended` or `live.left`. */
  get joined(): boolean {
    return this.#joined;
  }

  /** True when a message with this id (of its batch entry) would be a repeat. */
  knows(msgId: string): boolean {
    return this.#recent.has(msgId);
  }

  /** Number of the last event: hand it to the next pipeline of the same room under the same epoch. */
  get sequence(): number {
    return this.#writer.sequence;
  }

  /** Receipt of the last admitted frame, 0 when there was none. */
  get lastFrameAt(): number {
    return this.#lastFrameAt;
  }

  /**
   * The first socket of the session is healthy. Nothing when the session was joined before (by the last owner). A streamer
   * whose user id is not known yet has the id `"0"`.
   */
  started(live: {
    readonly streamer: User;
    readonly title?: string | undefined;
    readonly startedAt?: number | undefined;
    readonly joinedAt: number;
    readonly via: string;
  }): FinishedEvent[] {
    if (this.#joined) return [];
    const known = live.streamer.id !== '0';
    if (known) this.streamerId = live.streamer.id;
    this.#joined = true;
    this.#left = false;
    this.#startedAt = live.startedAt ?? this.#startedAt;
    this.#lastFrameAt = Math.max(this.#lastFrameAt, live.joinedAt);
    const out: FinishedEvent[] = [];
    const data = {
      streamer: known ? live.streamer : undefined,
      title: live.title === '' ? undefined : live.title,
      startedAt: live.startedAt === undefined ? undefined : timestamp(live.startedAt),
      joinedAt: timestamp(live.joinedAt),
      via: live.via,
    };
    this.#own(out, 'live.started', `live.started-${this.#options.occurrence}`, live.joinedAt, live.joinedAt, data);
    return out;
  }

  /** One decoded frame. Its first effect is that an interval without a healthy socket is over. */
  frame(frame: PipelineFrame): FrameResult {
    const out: FinishedEvent[] = [];
    let end: FrameResult['end'];
    this.#arrived(frame.receivedAt);
    this.counters.frames += 1;
    for (const message of frame.messages) {
      const said = this.#message(out, message, frame);
      end ??= said;
    }
    return end === undefined ? { events: out } : { events: out, end };
  }

  /** A frame that could not be decoded, as one `unknown` event. It is a frame: an interval without a healthy socket is over. */
  rejectedFrame(bytes: Uint8Array, receivedAt: number): FinishedEvent[] {
    const out: FinishedEvent[] = [];
    this.#arrived(receivedAt);
    this.counters.rejectedFrames += 1;
    const id = hashedId('', bytes);
    if (this.#isRepeat(id, receivedAt)) return out;
    this.#unknown(
      out,
      id,
      undefined,
      'undecodableFrame',
      bytes,
      { time: receivedAt, timeSource: 'received' },
      receivedAt,
    );
    return out;
  }

  /** There is no healthy socket any more. A closed interval that still waited is published now. */
  gapOpened(reason: GapReason, at: number): FinishedEvent[] {
    const out: FinishedEvent[] = [];
    if (!this.#joined) return out;
    this.#publishGap(out, undefined, at);
    this.#openGap(reason, at);
    return out;
  }

  /** A socket is healthy again: its tenth second without a frame. (A frame says the same by itself.) */
  gapClosed(at: number): void {
    if (!this.#gaps.isOpen) return;
    this.#gaps.close(at);
    // What is lost next begins here, even if no frame comes before; the interval that is over holds what was inexact.
    this.#lastFrameAt = Math.max(this.#lastFrameAt, at);
    this.#inexact = false;
  }

  /**
   * What became due up to `at`; it bears the times at which it was due. `healthySince`: since when the room has a healthy
   * socket, undefined when it has none.
   */
  timers(at: number, healthySince?: number): FinishedEvent[] {
    const out: FinishedEvent[] = [];
    for (const { dueAt, data } of this.#data.gifts.timeouts(at, healthySince))
      this.#giftCompleted(out, data, dueAt, dueAt);
    return out;
  }

  /** The stream is over. Nothing when the session was never joined. `at`: now, where it is not the same as `endedAt`. */
  ended(end: {
    readonly endedAt: number;
    readonly reason: LiveEndedData['reason'];
    readonly at?: number | undefined;
  }): FinishedEvent[] {
    const out: FinishedEvent[] = [];
    if (!this.#joined) return out;
    const at = end.at ?? end.endedAt;
    this.#gaps.close(at);
    this.#publishGap(out, undefined, at);
    for (const data of this.#data.gifts.end()) this.#giftCompleted(out, data, end.endedAt, at);
    const data: LiveEndedData = { endedAt: timestamp(end.endedAt), reason: end.reason };
    this.#own(out, 'live.ended', `live.ended-${this.#options.occurrence}`, end.endedAt, at, data);
    this.#joined = false;
    return out;
  }

  /** Watching stops while the stream goes on. Nothing when the session was never joined. */
  left(leave: { readonly reason: LiveLeftData['reason']; readonly at: number }): FinishedEvent[] {
    const out: FinishedEvent[] = [];
    if (!this.#joined) return out;
    this.#gaps.close(leave.at);
    this.#publishGap(out, undefined, leave.at);
    const data: LiveLeftData = { reason: leave.reason };
    const id = `live.left-${this.#options.epoch}-${this.#writer.sequence + 1}`;
    this.#own(out, 'live.left', id, leave.at, leave.at, data);
    this.#joined = false;
    this.#left = true;
    return out;
  }

  /** State to go on from elsewhere. `clean`: nothing will be admitted after it (a planned release). */
  checkpoint(options: { readonly clean?: boolean } = {}): PipelineCheckpoint {
    const gap = this.#gaps.carried;
    return {
      version: 1,
      roomId: this.#options.roomId,
      sessionId: this.#options.sessionId,
      occurrence: this.#options.occurrence,
      ...(this.#left ? { left: true as const } : {}),
      joined: this.#joined,
      ...(this.#startedAt === undefined ? {} : { startedAt: this.#startedAt }),
      ...(this.#data.streamerId === undefined ? {} : { streamerId: this.#data.streamerId }),
      lastFrameAt: this.#lastFrameAt,
      ...(this.#lastId === undefined ? {} : { lastId: this.#lastId }),
      likeTotal: this.#data.likeTotal,
      streaks: this.#data.gifts.checkpoint(),
      recentIds: this.#recent.newest(),
      ...(gap === undefined ? {} : { gap }),
      epoch: this.#options.epoch,
      sequence: this.#writer.sequence,
      ...(options.clean === true ? { clean: true as const } : {}),
    };
  }

  #arrived(receivedAt: number): void {
    this.#gaps.close(receivedAt);
    this.#lastFrameAt = Math.max(this.#lastFrameAt, receivedAt);
    this.#inexact = false;
  }

  #openGap(reason: string, at: number): void {
    this.#gaps.open({
      from: this.#lastFrameAt === 0 ? at : this.#lastFrameAt,
      fromExact: !this.#inexact,
      reason,
      ...(this.#lastId === undefined ? {} : { lastIdBefore: this.#lastId }),
    });
  }

  #isRepeat(id: string, receivedAt: number): boolean {
    if (this.#recent.add(id, receivedAt)) return false;
    this.counters.deduplicated += 1;
    return true;
  }

  #message(out: FinishedEvent[], message: PipelineMessage, frame: PipelineFrame): FrameResult['end'] {
    const { receivedAt } = frame;
    this.counters.messages += 1;
    // The entry's own id is known without decoding, so repeats cost next to nothing.
    if (message.msgId !== '0' && this.#isRepeat(message.msgId, receivedAt)) return undefined;
    const { projector } = this.#options.shaper;
    const projected = this.#opens(message);
    const read = projected ? undefined : readMessage(message);
    let id = message.msgId;
    if (id === '0') {
      const own = read?.msgId ?? projector.msgId;
      id = own === '0' ? hashedId(message.method, message.payload) : own;
      if (this.#isRepeat(id, receivedAt)) return undefined;
    }
    const when = eventTime(read === undefined ? projector.createdAt : read.createdAt, frame.now, receivedAt);
    const before = out.length;
    let end: FrameResult['end'];
    if (read === undefined) {
      end = endOf(projector.event, projector.action);
      if (!this.#project(out, id, message, when, receivedAt)) {
        this.#publish(out, id, message, readMessage(message), when, receivedAt);
      }
    } else {
      end = read.event === undefined ? undefined : endOf(read.event, (read.message as { action?: number }).action);
      this.#publish(out, id, message, read, when, receivedAt);
    }
    if (this.#options.rawTopic) this.#copyRaw(out, before, id, message, when);
    return end;
  }

  /** True when the projector can write the event of the message. */
  #opens(message: PipelineMessage): boolean {
    try {
      return this.#options.shaper.projector.open(message.method, message.payload);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.counters.normalizerFailures += 1;
      return false;
    }
  }

  /** Publishes the message that the projector has open. False: nothing was published and nothing counted, decode it. */
  #project(out: FinishedEvent[], id: string, message: PipelineMessage, when: EventTime, receivedAt: number): boolean {
    const { projector } = this.#options.shaper;
    const { json, event: name } = projector;
    const head: EventHead = { name, id, time: when.time, timeSource: when.timeSource, recordedAt: receivedAt };
    this.#publishGap(out, id, receivedAt);
    projector.reserve('usual');
    let made = this.#write(head);
    if (made === undefined && json.full) {
      projector.reserve('most');
      made = this.#write(head);
    }
    if (made === undefined) return false;
    this.#push(out, made.event);
    if (made.completed !== undefined) this.#giftCompleted(out, made.completed, when.time, receivedAt);
    return true;
  }

  /** The event of the message that the projector has open; undefined when nothing was counted and nothing written. */
  #write(head: EventHead): { readonly event: FinishedEvent; readonly completed: object | undefined } | undefined {
    const { json } = this.#options.shaper.projector;
    const start = this.#writer.open(json, head);
    try {
      const written = this.#data.write(head.id, head.recordedAt);
      const event = written === undefined ? undefined : this.#writer.close(json, head, start);
      if (event !== undefined) return { event, completed: written?.completed };
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.counters.normalizerFailures += 1;
    }
    json.discard(start);
    return undefined;
  }

  #publish(
    out: FinishedEvent[],
    id: string,
    message: PipelineMessage,
    read: ReadMessage,
    when: EventTime,
    receivedAt: number,
  ): void {
    if (read.event === undefined) {
      this.#unknown(out, id, message.method, read.reason, message.payload, when, receivedAt);
      return;
    }
    let shaped: ShapedData;
    try {
      shaped = this.#data.shape(read, id, receivedAt);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      this.counters.normalizerFailures += 1;
      this.#unknown(out, id, message.method, 'undecodableMessage', message.payload, when, receivedAt);
      return;
    }
    const data = read.partial ? { ...shaped.data, partial: true } : shaped.data;
    if (!this.#wire(out, { name: read.event, id, ...when, recordedAt: receivedAt, data })) {
      this.#unknown(out, id, message.method, 'oversize', message.payload, when, receivedAt);
    } else if (read.partial) {
      this.counters.partial += 1;
    }
    if (shaped.completed !== undefined) this.#giftCompleted(out, shaped.completed, when.time, receivedAt);
  }

  #unknown(
    out: FinishedEvent[],
    id: string,
    method: string | undefined,
    reason: UnknownReason,
    payload: Uint8Array,
    when: EventTime,
    receivedAt: number,
  ): void {
    const data = unknownData(method, reason, payload);
    this.counters.unknown[reason] += 1;
    if (data.truncated) this.counters.truncated += 1;
    this.#wire(out, { name: 'unknown', id, ...when, recordedAt: receivedAt, data });
  }

  /** False when the event is too large; then nothing was published. */
  #wire(out: FinishedEvent[], parts: Parameters<EventWriter['write']>[0]): boolean {
    this.#publishGap(out, parts.id, parts.recordedAt);
    const event = this.#writer.write(parts);
    if (event === undefined) return false;
    this.#push(out, event);
    return true;
  }

  #push(out: FinishedEvent[], event: FinishedEvent): void {
    out.push(event);
    this.counters.published += 1;
    this.#lastId = event.id;
  }

  #copyRaw(out: FinishedEvent[], from: number, id: string, message: PipelineMessage, when: EventTime): void {
    for (let i = from; i < out.length; i += 1) {
      const event = out[i];
      if (event?.id !== id) continue;
      out.splice(i + 1, 0, this.#writer.raw(event, message, when));
      return;
    }
  }

  #giftCompleted(out: FinishedEvent[], data: object, time: number, recordedAt: number): void {
    const { streak } = data as { readonly streak: { readonly id: string } };
    this.#publishGap(out, undefined, recordedAt);
    this.#own(out, 'gift.completed', `gift.completed-${streak.id}`, time, recordedAt, data);
  }

  #publishGap(out: FinishedEvent[], firstIdAfter: string | undefined, recordedAt: number): void {
    if (!this.#gaps.pending) return;
    const gap = this.#gaps.take(firstIdAfter);
    if (gap === undefined) return;
    const id = `room.gap-${this.#options.epoch}-${this.#writer.sequence + 1}`;
    this.#own(out, 'room.gap', id, gap.to, recordedAt, gap.data);
  }

  #own(out: FinishedEvent[], name: EventName, id: string, time: number, recordedAt: number, data: object): void {
    const event = this.#writer.write({ name, id, time, timeSource: undefined, recordedAt, data });
    if (event === undefined) return;
    out.push(event);
    this.counters.published += 1;
    this.counters.synthesized[name] = (this.counters.synthesized[name] ?? 0) + 1;
  }
}

/** Streaks of a session that is over: their counts are known, and they are completed. */
function over(streaks: readonly OpenStreak[]): OpenStreak[] {
  return streaks.map(({ id, count, diamondsEach, lastAt }) => ({
    id,
    count,
    ...(diamondsEach === undefined ? {} : { diamondsEach }),
    lastAt,
    completed: true,
  }));
}
