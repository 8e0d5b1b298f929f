import {
  type OpenRoomRequest,
  type RoomClosed,
  type RoomConnectError,
  type RoomConnection,
  type RoomConnectionHandlers,
  type RoomConnector,
  type RoomMessage,
} from '../room-connector.port.js';

/** A socket whose other end is the test. */
export class FakeSocket implements RoomConnection {
  readonly source = 'direct';
  paused = false;
  closed = false;
  closeCalls = 0;
  /** Sent by the "server" before it answers the close. */
  lastWords: readonly RoomMessage[] = [];
  readonly #now: () => number;
  readonly #handlers: RoomConnectionHandlers;

  constructor(
    readonly request: OpenRoomRequest,
    handlers: RoomConnectionHandlers,
    now: () => number,
  ) {
    this.#handlers = handlers;
    this.#now = now;
  }

  opened(): void {
    this.#handlers.onOpen(this.source);
  }

  /** The server sends one frame; nothing once the socket is closed. Its payloads are overwritten after that, as a real socket's. */
  send(...messages: readonly RoomMessage[]): void {
    if (this.closed) return;
    const lent = messages.map((message) => ({ ...message, payload: Buffer.from(message.payload) }));
    this.#handlers.onFrame({ messages: lent, receivedAt: this.#now(), now: '0' });
    for (const { payload } of lent) payload.fill(0xdb);
  }

  sendBroken(bytes: Uint8Array): void {
    this.#handlers.onFrameRejected(bytes, this.#now());
  }

  /** The server or the network closes the socket. */
  drop(closed: RoomClosed = { code: 1006, reason: '' }): void {
    if (this.closed) return;
    this.closed = true;
    this.#handlers.onClosed(closed);
  }

  /** Its process was killed: the socket is gone, and nobody is told. */
  vanish(): void {
    this.closed = true;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  async close(): Promise<void> {
    this.closeCalls += 1;
    await Promise.resolve();
    if (this.lastWords.length > 0) this.send(...this.lastWords);
    this.drop({ code: 1005, reason: '' });
  }
}

/** Accepts every attempt, unless failures were lined up. */
export class FakeRoomConnector implements RoomConnector {
  readonly attempts: OpenRoomRequest[] = [];
  readonly sockets: FakeSocket[] = [];
  readonly #failures: RoomConnectError[] = [];
  /** Every attempt fails with this while it is set. */
  alwaysFail: RoomConnectError | undefined;
  /** Attempts stay open until they are aborted. */
  hang = false;
  /** Attempts wait for a signature, each until it is released here. */
  readonly waiting: (() => void)[] = [];
  noQuota = false;

  constructor(private readonly now: () => number) {}

  /** The next attempts fail, in order. */
  failNext(...failures: readonly RoomConnectError[]): void {
    this.#failures.push(...failures);
  }

  /** Sockets that are open. */
  get openSockets(): readonly FakeSocket[] {
    return this.sockets.filter((socket) => !socket.closed);
  }

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('No socket was opened.');
    return socket;
  }

  async open(request: OpenRoomRequest, handlers: RoomConnectionHandlers): Promise<RoomConnection> {
    this.attempts.push(request);
    await Promise.resolve();
    request.signal.throwIfAborted();
    if (this.noQuota) {
      const { signal } = request;
      const released = new Promise<void>((resolve, reject) => {
        this.waiting.push(resolve);
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
      handlers.onWaiting();
      await released;
    }
    if (this.hang) {
      return new Promise((_, reject) => {
        request.signal.addEventListener('abort', () => reject(request.signal.reason as Error), { once: true });
      });
    }
    const failure = this.#failures.shift() ?? this.alwaysFail;
    if (failure !== undefined) throw failure;
    const socket = new FakeSocket(request, handlers, this.now);
    this.sockets.push(socket);
    socket.opened();
    return socket;
  }
}
