import {
  RoomConnectError,
  type OpenRoomRequest,
  type RoomClosed,
  type RoomConnection,
  type RoomConnector,
  type RoomFrame,
} from './room-connector.port.js';

/** Synchronous and in order; nothing is called after `closed` or `failed`, of which exactly one comes. */
export interface RoomSocketEvents {
  /** It waits for a signature, maybe for minutes; may come several times, before `opened`. */
  waiting(socket: RoomSocket): void;
  /** The socket is open; before its first frame. */
  opened(socket: RoomSocket): void;
  frame(socket: RoomSocket, frame: RoomFrame): void;
  rejected(socket: RoomSocket, bytes: Uint8Array, receivedAt: number): void;
  closed(socket: RoomSocket, closed: RoomClosed): void;
  /** It never opened. */
  failed(socket: RoomSocket, error: RoomConnectError): void;
}

type Phase = 'opening' | 'open' | 'closing' | 'done';

/**
 * One attempt at a room and the socket that may come of it. Takes care of the orders that an asynchronous `open` allows:
 * frames or a close before it resolves, a close asked for while it is still dialling.
 */
export class RoomSocket {
  readonly #abort = new AbortController();
  readonly #events: RoomSocketEvents;
  readonly #done: Promise<void>;
  #finish: () => void = () => undefined;
  #connection: RoomConnection | undefined;
  #phase: Phase = 'opening';
  #paused = false;
  #silent = false;
  #source = '';
  /** Frames delivered, empty ones included. */
  frames = 0;

  constructor(connector: RoomConnector, request: Omit<OpenRoomRequest, 'signal'>, events: RoomSocketEvents) {
    this.#events = events;
    this.#done = new Promise((resolve) => (this.#finish = resolve));
    void this.#open(connector, request);
  }

  get open(): boolean {
    return this.#phase === 'open';
  }

  /** Which way led here; empty until it is open. */
  get source(): string {
    return this.#source;
  }

  /** Back-pressure; remembered while the socket is still being opened. */
  setPaused(paused: boolean): void {
    this.#paused = paused;
    if (paused) this.#connection?.pause();
    else this.#connection?.resume();
  }

  /**
   * Closes with the handshake: frames that were sent before the server's own close are still delivered. Resolves when it
   * is over; gives up an attempt that is still dialling. May be called any number of times.
   */
  async close(): Promise<void> {
    if (this.#phase === 'opening' && this.#connection === undefined)
      this.#abort.abort(new Error('the attempt was given up'));
    if (this.#phase === 'opening' || this.#phase === 'open') this.#phase = 'closing';
    // A paused socket would never read the server's close.
    if (this.#paused) this.setPaused(false);
    await this.#connection?.close();
    await this.#done;
  }

  /** As `close`, but nothing is called back any more, frames that still arrive are dropped. */
  drop(): Promise<void> {
    this.#silent = true;
    return this.close();
  }

  async #open(connector: RoomConnector, request: Omit<OpenRoomRequest, 'signal'>): Promise<void> {
    try {
      const connection = await connector.open(
        { ...request, signal: this.#abort.signal },
        {
          onWaiting: () => {
            if (this.#phase === 'opening' && !this.#silent) this.#events.waiting(this);
          },
          onOpen: (source) => this.#opened(source),
          onFrame: (frame) => this.#frame(frame),
          onFrameRejected: (bytes, receivedAt) => this.#rejected(bytes, receivedAt),
          onClosed: (closed) => this.#closed(closed),
        },
      );
      this.#connection = connection;
      if (this.#phase === 'closing') await connection.close();
      else if (this.#paused) connection.pause();
    } catch (error) {
      if (this.#phase === 'done') return;
      this.#phase = 'done';
      this.#finish();
      if (!this.#silent) this.#events.failed(this, asConnectError(error));
    }
  }

  #opened(source: string): void {
    this.#source = source;
    if (this.#phase !== 'opening') return;
    this.#phase = 'open';
    if (!this.#silent) this.#events.opened(this);
  }

  #frame(frame: RoomFrame): void {
    if (this.#phase === 'done' || this.#silent) return;
    this.frames += 1;
    this.#events.frame(this, frame);
  }

  #rejected(bytes: Uint8Array, receivedAt: number): void {
    if (this.#phase !== 'done' && !this.#silent) this.#events.rejected(this, bytes, receivedAt);
  }

  #closed(closed: RoomClosed): void {
    if (this.#phase === 'done') return;
    this.#phase = 'done';
    this.#finish();
    if (!this.#silent) this.#events.closed(this, closed);
  }
}

function asConnectError(error: unknown): RoomConnectError {
  if (error instanceof RoomConnectError) return error;
  return new RoomConnectError('network', error instanceof Error ? error.message : 'the attempt failed', {
    cause: error,
  });
}
