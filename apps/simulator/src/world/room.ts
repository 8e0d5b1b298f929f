import type { Clock, TimerHandle } from '../common/clock.js';
import { WeightedChoice } from '../common/random.js';
import type { Random } from '../common/random.js';
import type { OutBatch, OutMessage, RoomScript } from './message.js';

/** One socket's side of a room. */
export interface RoomWatcher {
  /** Hands a batch to the socket; false when the socket is not open or is held by a fault, so that nothing was sent. */
  deliver(batch: OutBatch): boolean;
  /** Bytes that wait in the socket. */
  readonly backlog: number;
  /** The room's stream is over. */
  roomEnded(): void;
}

/** Somebody who feeds a room by hand: is told when sockets come and go. */
export interface RoomFeeder {
  entered(): void;
  left(): void;
}

export interface RoomDependencies {
  readonly clock: Clock;
  readonly random: Random;
  /** True: nothing new is made. */
  readonly quiet: () => boolean;
}

export type RoomStatus = 'live' | 'paused' | 'ended';

/** How many messages share a frame: the shares seen in recorded rooms, up to 12. */
const FRAME_SIZES = new WeightedChoice<number>([
  [1, 48],
  [2, 17],
  [3, 10],
  [4, 7],
  [5, 5],
  [6, 3],
  [7, 3],
  [8, 2],
  [9, 2],
  [10, 1],
  [11, 1],
  [12, 1],
]);
const MEAN_FRAME_SIZE = 2.71;
/** Frames after one another without a pause when the timer was late: catches up, but never floods. */
const MAX_FRAMES_AT_ONCE = 50;
/** A room with a socket that has this much unsent waits: the simulator plays a patient server, its memory stays bounded. */
const MAX_BACKLOG_BYTES = 4 * 1024 * 1024;
const BACKLOG_RETRY_MS = 25;
/** `history_comment_count` of the clients is 6; TikTok sends a few more messages around them. */
const HISTORY_MESSAGES = 8;
/** What a room does unwatched is followed up to here: enough for streaks and totals to have moved on. */
const MAX_SKIPPED = 200;

/** A room: makes messages while it is live and watched, and hands them to its sockets. */
export class Room {
  readonly watchers = new Set<RoomWatcher>();
  feeder: RoomFeeder | undefined;
  private status_: RoomStatus = 'ended';
  private live_ = 0;
  private script: RoomScript | undefined;
  private rate = 0;
  private timer: TimerHandle | undefined;
  private dueAt = 0;
  private unwatchedSince: number | undefined;
  private history: OutMessage[] = [];
  private delivered_ = 0;

  constructor(
    readonly roomId: string,
    private readonly dependencies: RoomDependencies,
  ) {}

  get status(): RoomStatus {
    return this.status_;
  }

  /** Which live of this room id is on, or was last: 1, 2, 3 …; 0 before the first. */
  get live(): number {
    return this.live_;
  }

  get messagesPerSecond(): number {
    return this.rate;
  }

  get viewers(): number {
    return this.script?.viewers ?? 0;
  }

  get likes(): number {
    return this.script?.likes ?? 0;
  }

  /** Messages that reached at least one socket in the present or last live. */
  get delivered(): number {
    return this.delivered_;
  }

  /** Goes live. `rate`: messages a second. */
  start(script: RoomScript, rate: number): void {
    this.live_ += 1;
    this.status_ = 'live';
    this.script = script;
    this.rate = rate;
    this.history = [];
    this.delivered_ = 0;
    this.unwatchedSince = this.watchers.size === 0 ? this.dependencies.clock.now() : undefined;
    this.arm();
  }

  /** Stops the stream with a control message as its last: 3 ended, 4 suspended. `silent`: without the message. */
  end(action: 3 | 4, silent = false): void {
    if (this.status_ === 'ended') return;
    this.disarm();
    if (!silent && this.script !== undefined)
      this.publish([this.script.control(action, this.dependencies.clock.now())]);
    this.status_ = 'ended';
    this.history = [];
    for (const watcher of [...this.watchers]) watcher.roomEnded();
  }

  pause(): void {
    if (this.status_ !== 'live' || this.script === undefined) return;
    this.disarm();
    this.status_ = 'paused';
    this.publish([this.script.control(1, this.dependencies.clock.now())]);
  }

  unpause(): void {
    if (this.status_ !== 'paused' || this.script === undefined) return;
    this.status_ = 'live';
    this.publish([this.script.control(2, this.dependencies.clock.now())]);
    this.arm();
  }

  /** A socket entered: it gets the last messages of the room, marked as history, then what comes. */
  enter(watcher: RoomWatcher): void {
    if (this.watchers.has(watcher)) return;
    if (this.watchers.size === 0 && this.unwatchedSince !== undefined) {
      const missed = ((this.dependencies.clock.now() - this.unwatchedSince) / 1000) * this.rate;
      if (this.status_ === 'live' && !this.dependencies.quiet())
        this.script?.skip(Math.min(MAX_SKIPPED, Math.floor(missed)));
      this.unwatchedSince = undefined;
    }
    this.watchers.add(watcher);
    if (this.history.length > 0)
      watcher.deliver({ messages: [...this.history], history: true, now: this.dependencies.clock.now() });
    this.arm();
    this.feeder?.entered();
  }

  leave(watcher: RoomWatcher): void {
    if (!this.watchers.delete(watcher)) return;
    this.feeder?.left();
    if (this.watchers.size > 0) return;
    this.unwatchedSince = this.dependencies.clock.now();
    this.disarm();
  }

  /** The last messages, oldest first. */
  recent(): readonly OutMessage[] {
    return this.history;
  }

  /** Sends messages to all sockets of the room; true when at least one took them. */
  publish(messages: readonly OutMessage[]): boolean {
    return this.send({ messages, history: false, now: this.dependencies.clock.now() });
  }

  /** Sends a batch that was made elsewhere, while live; not to sockets that have not taken what came before. */
  relay(batch: OutBatch): void {
    if (this.status_ !== 'live' || this.watchers.size === 0) return;
    for (const { backlog } of this.watchers) if (backlog > MAX_BACKLOG_BYTES) return;
    this.send(batch);
  }

  private send(batch: OutBatch): boolean {
    let taken = false;
    for (const watcher of [...this.watchers]) taken = watcher.deliver(batch) || taken;
    if (taken) this.delivered_ += batch.messages.length;
    this.remember(batch.messages);
    return taken;
  }

  /** Keeps messages as history: the next socket gets them, also those that a stalled socket missed. */
  remember(messages: readonly OutMessage[]): void {
    for (const message of messages) if (message.method !== 'WebcastControlMessage') this.history.push(message);
    if (this.history.length > HISTORY_MESSAGES) this.history = this.history.slice(-HISTORY_MESSAGES);
  }

  /** Starts or stops making messages, as the rules of the moment say; call it when `quiet` has changed. */
  arm(): void {
    this.disarm();
    if (this.status_ !== 'live' || this.rate <= 0 || this.watchers.size === 0 || this.dependencies.quiet()) return;
    this.dueAt = this.dependencies.clock.now() + this.gapMs();
    this.sleep(this.dueAt);
  }

  disarm(): void {
    if (this.timer !== undefined) this.dependencies.clock.clearTimeout(this.timer);
    this.timer = undefined;
  }

  private sleep(until: number): void {
    this.timer = this.dependencies.clock.setTimeout(
      () => {
        this.timer = undefined;
        this.tick();
      },
      Math.max(0, until - this.dependencies.clock.now()),
    );
  }

  private tick(): void {
    const { clock, random } = this.dependencies;
    if (this.script === undefined) return;
    for (const watcher of this.watchers) {
      if (watcher.backlog > MAX_BACKLOG_BYTES) {
        this.dueAt = clock.now() + BACKLOG_RETRY_MS;
        this.sleep(this.dueAt);
        return;
      }
    }
    for (let frames = 0; frames < MAX_FRAMES_AT_ONCE && this.dueAt <= clock.now(); frames += 1) {
      const messages: OutMessage[] = [];
      const size = FRAME_SIZES.pick(random);
      const now = clock.now();
      for (let index = 0; index < size; index += 1) messages.push(this.script.next(now));
      this.publish(messages);
      this.dueAt += this.gapMs();
    }
    // A timer that is a second late means the machine is full: go on from now instead of piling up.
    if (this.dueAt < clock.now() - 1000) this.dueAt = clock.now();
    if (this.watchers.size > 0) this.sleep(this.dueAt);
  }

  private gapMs(): number {
    return this.dependencies.random.exponential((MEAN_FRAME_SIZE / this.rate) * 1000);
  }
}
