import type { Clock, TimerHandle } from '../common/clock.port.js';
import { keptFrame, type OpenRoomRequest, type RoomConnector, type RoomFrame } from './room-connector.port.js';
import { RoomSocket, type RoomSocketEvents } from './room-socket.js';

/** What all warm sockets of the process may keep together. */
export interface WarmBudget {
  bytes: number;
}

export interface WarmSocketOptions {
  readonly clock: Clock;
  readonly connector: RoomConnector;
  readonly request: Omit<OpenRoomRequest, 'signal'>;
  readonly budget: WarmBudget;
  /** The attempt is over: another one may begin. Called once. */
  readonly onSettled: () => void;
  /** It is open and TikTok sends to it. */
  readonly onWarm: () => void;
  /** It did not open, has closed, or brought more than can be kept. Nothing is called afterwards. */
  readonly onFailed: () => void;
}

/** Bytes that one frame costs beside its messages. An estimate on the safe side. */
const FRAME_OVERHEAD_BYTES = 400;
/** Kept of one room at most: minutes of a lively one. */
const MAX_ROOM_BYTES = 1024 * 1024;
/** Kept of all rooms at most. */
const MAX_ALL_BYTES = 64 * 1024 * 1024;
/** An open socket without a frame counts as warm after so long: the room may be quiet. */
const QUIET_MS = 1_000;

/**
 * A socket to a room that is not ours yet: what it brings is kept, in order, until the room is taken over (`adopt`) or not
 * (`drop`). Bounded; one that brings more than is kept fails.
 */
export class WarmSocket {
  readonly #o: WarmSocketOptions;
  readonly #socket: RoomSocket;
  readonly #kept: ((events: RoomSocketEvents) => void)[] = [];
  /** Receipt of the socket's opening, ms since the epoch. */
  #openedAt = 0;
  #bytes = 0;
  #adopted: RoomSocketEvents | undefined;
  #settled = false;
  #warm = false;
  #over = false;
  #timer: TimerHandle | undefined;

  constructor(options: WarmSocketOptions) {
    this.#o = options;
    this.#socket = new RoomSocket(options.connector, options.request, {
      // Its turn may be minutes away, and the owner has a socket.
      waiting: (socket) => (this.#adopted === undefined ? this.#fail() : this.#adopted.waiting(socket)),
      opened: (socket) => this.#opened(socket),
      frame: (socket, frame) => this.#frame(socket, frame),
      rejected: (socket, bytes, receivedAt) =>
        this.#keep(bytes.length, (events) => events.rejected(socket, bytes, receivedAt)),
      closed: (socket, closed) => (this.#adopted === undefined ? this.#fail() : this.#adopted.closed(socket, closed)),
      failed: (socket, error) => (this.#adopted === undefined ? this.#fail() : this.#adopted.failed(socket, error)),
    });
  }

  get roomId(): string {
    return this.#o.request.roomId;
  }

  get openedAt(): number {
    return this.#openedAt;
  }

  get open(): boolean {
    return !this.#over && this.#socket.open;
  }

  /**
   * Hands the socket over, first to `begin`, then everything that it brought, in order; from now on `events` are called as
   * it brings it. Only while it is open, and once.
   */
  adopt(events: RoomSocketEvents, begin: (socket: RoomSocket) => void): void {
    this.#finish();
    this.#adopted = events;
    begin(this.#socket);
    for (const deliver of this.#kept.splice(0)) deliver(events);
  }

  /** Closes it; nothing that it brought is of use. */
  async drop(): Promise<void> {
    this.#finish();
    this.#kept.length = 0;
    await this.#socket.drop();
  }

  #opened(socket: RoomSocket): void {
    if (this.#adopted !== undefined) return this.#adopted.opened(socket);
    this.#openedAt = this.#o.clock.now();
    this.#settle();
    this.#timer = this.#o.clock.setTimeout(() => this.#warmed(), QUIET_MS);
  }

  #frame(socket: RoomSocket, frame: RoomFrame): void {
    if (this.#adopted !== undefined) this.#adopted.frame(socket, frame);
    else if (!this.#over) {
      const kept = keptFrame(frame);
      let bytes = 0;
      for (const { payload } of kept.messages) bytes += payload.length + FRAME_OVERHEAD_BYTES;
      this.#keep(bytes, (events) => events.frame(socket, kept));
    }
    this.#warmed();
  }

  #keep(bytes: number, deliver: (events: RoomSocketEvents) => void): void {
    if (this.#adopted !== undefined) return deliver(this.#adopted);
    if (this.#over) return;
    const cost = bytes + FRAME_OVERHEAD_BYTES;
    this.#kept.push(deliver);
    this.#bytes += cost;
    this.#o.budget.bytes += cost;
    if (this.#bytes > MAX_ROOM_BYTES || this.#o.budget.bytes > MAX_ALL_BYTES) this.#fail();
  }

  #warmed(): void {
    if (this.#warm || this.#over) return;
    this.#warm = true;
    this.#timer?.cancel();
    this.#o.onWarm();
  }

  #fail(): void {
    if (this.#over) return;
    void this.drop();
    this.#o.onFailed();
  }

  #settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#o.onSettled();
  }

  /** Nothing is kept any more. */
  #finish(): void {
    this.#over = true;
    this.#timer?.cancel();
    this.#o.budget.bytes -= this.#bytes;
    this.#bytes = 0;
    this.#settle();
  }
}
