import type { Agent, IncomingMessage } from 'node:http';
import type { ClientOptions, RawData } from 'ws';
import { abortReason, throwIfAborted } from '../common/abort.js';
import { systemClock, type ConnectorClock, type ConnectorTimer } from '../common/clock.js';
import {
  ConnectTimeoutError,
  FrameDecodeError,
  SocketNetworkError,
  SocketStalledError,
} from '../errors/connection-errors.js';
import type { ConnectorError } from '../errors/connector-error.js';
import { readBatch, WebcastPushFrame, type WireBatch } from '../proto/index.js';
import { NO_BYTES } from '../proto/wire-reader.js';
import { deserializeMessage } from '../connection/deserialize-message.js';
import type { RawBatch } from './batch.js';
import { assertSocketUrl } from './fixed-socket-url-source.js';
import { ackFrame, heartbeatFrame } from './frames.js';
import { readRefusal } from './refusal.js';
import type { SocketAddress } from './socket-url-source.js';
import { StallWatch } from './stall-watch.js';
import { givePayloadBack, lendPayload } from './unpack.js';
import type { WebcastWebSocketEventMap } from './web-socket-events.js';
import { WebcastWebSocketClient, type ClientOwnerCalls } from './webcast-web-socket-client.js';

/** How a session ended. */
export interface SocketClosed {
  /** WebSocket close code; 1005 when the close frame had none, 1006 when there was no close frame. */
  readonly code: number;
  readonly reason: string;
  /** Who began: this side by `close()` or `terminate()`, the server, or nobody (the network, or a protocol fault). */
  readonly by: 'client' | 'server' | 'fault';
  /** What broke the socket, when something did. */
  readonly error?: ConnectorError;
}

/**
 * Called synchronously, in order of arrival, one at a time; none after `onClosed`. A handler that throws is contained:
 * the error goes to `onHandlerError` and the session goes on.
 */
export interface WebcastSocketHandlers {
  /** The socket is open and "enter room" is sent; before `open()` resolves and before any frame. */
  onOpen?(session: WebcastSocket): void;
  /** Every WebSocket message as it came, text included; before anything else about it. A view: never change it. */
  onBytes?(bytes: Buffer): void;
  /** Every batch that could be read, also an empty one. Its ack is already sent. Its payloads are valid during the call alone. */
  onBatch(batch: RawBatch): void;
  /** The server's answer to "enter room". */
  onEnterRoom?(frame: WebcastPushFrame): void;
  /**
   * A frame that could not be read, or only in part: then after `onBatch` with what could. The session goes on.
   */
  onFrameRejected(bytes: Uint8Array, receivedAt: number, error: FrameDecodeError): void;
  onHandlerError?(error: unknown): void;
  /** Exactly once for each socket that was open; the last call. */
  onClosed(closed: SocketClosed): void;
}

export interface WebcastSocketOptions {
  readonly address: SocketAddress;
  readonly handlers: WebcastSocketHandlers;
  /** Gives up the attempt; without effect once the socket is open. */
  readonly signal?: AbortSignal | undefined;
  /** A proxy agent (hpagent, socks-proxy-agent, …) or a plain one. */
  readonly agent?: Agent | undefined;
  /** Milliseconds until the socket must be open. Default 20,000. */
  readonly connectTimeoutMs?: number | undefined;
  /** Milliseconds that `close()` waits for the server's close frame. Default 2,000. */
  readonly closeTimeoutMs?: number | undefined;
  /** Milliseconds between heartbeats. Default 10,000. */
  readonly heartbeatIntervalMs?: number | undefined;
  /** Send the first heartbeat right after "enter room". Default: true for the direct way, false for the others. */
  readonly heartbeatAtOnce?: boolean | undefined;
  /** Milliseconds of silence (no frame, no ping) after which the socket is cut as stalled. Default: never. */
  readonly stallTimeoutMs?: number | undefined;
  /** Largest WebSocket message, in bytes; a larger one ends the socket. Default 8 MiB. */
  readonly maxFrameBytes?: number | undefined;
  /** Largest payload after unpacking, in bytes; a larger one is rejected as a frame. Default 32 MiB. */
  readonly maxUnpackedBytes?: number | undefined;
  /** Further options of the `ws` client; its headers are overlaid on the address's, but Cookie stays the address's. */
  readonly wsOptions?: ClientOptions | undefined;
  readonly clock?: ConnectorClock | undefined;
}

/** What a session has seen so far. */
export interface SocketCounters {
  bytes: number;
  frames: number;
  /** Text frames and frames in another encoding than protobuf: nothing in them for us. */
  ignored: number;
  rejected: number;
  /** Messages inside of batches that could not be read and are missing from them. */
  droppedMessages: number;
  acks: number;
  heartbeats: number;
  /** Handlers that threw, reporters included. */
  handlerErrors: number;
}

const DEFAULTS = {
  connectTimeoutMs: 20_000,
  closeTimeoutMs: 2_000,
  heartbeatIntervalMs: 10_000,
  maxFrameBytes: 8 * 1024 * 1024,
  maxUnpackedBytes: 32 * 1024 * 1024,
} as const;

const NORMAL_CLOSE_TIMEOUT_REASON = 'the server did not close in time';

/** What waits for a socket to open. */
interface Opening {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: ConnectorTimer;
  /** Detaches from the signal. */
  readonly release: () => void;
}

/**
 * One session on one socket: enters the room, keeps it alive, acknowledges and hands over what arrives, in order of
 * arrival. It never reconnects. Made by `open`; a closed session cannot be opened again.
 */
export class WebcastSocket {
  private static readonly ownerCalls: ClientOwnerCalls<WebcastSocket> = {
    opened: (session) => session.opened(),
    message: (session, data, isBinary) => session.receive(toBuffer(data), isBinary),
    heard: (session) => session.stallWatch?.heard(),
    refused: (session, response) => session.refused(response),
    failed: (session, error) => session.failed(error),
    closed: (session, code, reason) => session.finish(code, reason.toString('utf8')),
    entered: (session, roomId) => session.entered(roomId),
  };

  /** Which way led here. */
  readonly source: SocketAddress['source'];
  readonly counters: SocketCounters = {
    bytes: 0,
    frames: 0,
    ignored: 0,
    rejected: 0,
    droppedMessages: 0,
    acks: 0,
    heartbeats: 0,
    handlerErrors: 0,
  };
  // Of the options only what an open session still needs: an address is a long text.
  private readonly handlers: WebcastSocketHandlers;
  private readonly clock: ConnectorClock;
  private readonly maxUnpackedBytes: number;
  private readonly closeTimeoutMs: number;
  private readonly heartbeatIntervalMs: number;
  private readonly heartbeatAtOnce: boolean;
  private readonly stallTimeoutMs: number;
  private roomId: string;
  private sequence = 0;
  private opening: Opening | undefined;
  private heartbeat: ConnectorTimer | undefined;
  private closing: ConnectorTimer | undefined;
  private closedByClient = false;
  private stallWatch: StallWatch | undefined;
  private fault: ConnectorError | undefined;
  private wasOpened = false;
  private closed = false;
  /** Those who wait for the end. */
  private closeWaiters: (() => void)[] | undefined;

  private constructor(
    /** The WebSocket itself, for callers that must reach it. Reading from it is this session's business. */
    readonly client: WebcastWebSocketClient,
    options: WebcastSocketOptions,
  ) {
    this.source = options.address.source;
    this.handlers = options.handlers;
    this.clock = options.clock ?? systemClock;
    this.maxUnpackedBytes = options.maxUnpackedBytes ?? DEFAULTS.maxUnpackedBytes;
    this.closeTimeoutMs = options.closeTimeoutMs ?? DEFAULTS.closeTimeoutMs;
    this.heartbeatIntervalMs = options.heartbeatIntervalMs ?? DEFAULTS.heartbeatIntervalMs;
    this.heartbeatAtOnce = options.heartbeatAtOnce ?? options.address.source === 'direct';
    this.stallTimeoutMs = options.stallTimeoutMs ?? 0;
    this.roomId = options.address.roomId;
    client.own(this, WebcastSocket.ownerCalls);
  }

  /**
   * Dials the address and enters the room; resolves when that is done. Frames may reach the handlers before the caller
   * sees the result. Nothing of the address's initial batch is handed over: it is the caller's.
   * @throws SocketRefusedError, ConnectTimeoutError, SocketNetworkError, CONNECTOR_CONFIGURATION; the signal's reason when
   *   aborted. No handler is called then.
   */
  static async open(options: WebcastSocketOptions): Promise<WebcastSocket> {
    throwIfAborted(options.signal);
    const { session, opened } = WebcastSocket.start(options);
    await opened;
    return session;
  }

  /** Like `open`, for callers that need the client before it is open. */
  static start(options: WebcastSocketOptions): { readonly session: WebcastSocket; readonly opened: Promise<void> } {
    assertSocketUrl(options.address.url);
    const { Cookie: cookie, ...headers } = options.address.headers;
    const client = new WebcastWebSocketClient(options.address.url, {
      // Payloads are compressed by TikTok itself; another layer would only cost memory for each socket.
      perMessageDeflate: false,
      ...options.wsOptions,
      headers: { ...headers, ...options.wsOptions?.headers, ...(cookie === undefined ? {} : { Cookie: cookie }) },
      maxPayload: options.maxFrameBytes ?? options.wsOptions?.maxPayload ?? DEFAULTS.maxFrameBytes,
      followRedirects: false,
      ...(options.agent ? { agent: options.agent } : {}),
    });
    const session = new WebcastSocket(client, options);
    return { session, opened: session.dial(options) };
  }

  get isOpen(): boolean {
    return this.client.open;
  }

  /** Back-pressure: stop reading. Frames that are already read may still arrive. */
  pause(): void {
    this.client.pause();
  }

  resume(): void {
    this.client.resume();
  }

  /** Sends one frame as it is. False when the socket is not open. */
  send(bytes: Uint8Array): boolean {
    return this.client.sendBytes(bytes);
  }

  /**
   * Closes with the WebSocket handshake: frames that the server sent before its own close frame are still handed over.
   * After `closeTimeoutMs` the socket is cut. Resolves after `onClosed`; may be called any number of times.
   */
  async close(): Promise<void> {
    if (this.closed) return;
    if (!this.closing) {
      this.closedByClient = true;
      this.closing = this.clock.setTimeout(() => this.client.terminate(), this.closeTimeoutMs);
      // A paused socket would never read the server's close frame.
      this.client.resume();
      this.client.close();
    }
    await new Promise<void>((resolve) => (this.closeWaiters ??= []).push(resolve));
  }

  /** Cuts the socket at once. `onClosed` follows, with code 1006. */
  terminate(): void {
    this.closedByClient = true;
    this.client.terminate();
  }

  private dial({ signal, connectTimeoutMs }: WebcastSocketOptions): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => this.giveUp(abortReason(signal as AbortSignal));
      const release = (): void => signal?.removeEventListener('abort', onAbort);
      const timer = this.clock.setTimeout(
        () => this.giveUp(new ConnectTimeoutError()),
        connectTimeoutMs ?? DEFAULTS.connectTimeoutMs,
      );
      signal?.addEventListener('abort', onAbort, { once: true });
      this.opening = { resolve, reject, timer, release };
    });
  }

  /** Ends the waiting for the socket to open; undefined when that is over already. */
  private settle(): Opening | undefined {
    const { opening } = this;
    this.opening = undefined;
    opening?.timer.cancel();
    opening?.release();
    return opening;
  }

  private giveUp(error: Error): void {
    const opening = this.settle();
    if (!opening) return;
    opening.reject(error);
    this.client.terminate();
  }

  private refused(response: IncomingMessage): void {
    const refusal = readRefusal(response, this.clock.now());
    response.destroy();
    this.giveUp(refusal);
  }

  private failed(error: Error): void {
    if (this.opening) this.giveUp(new SocketNetworkError('The socket could not be opened.', error));
    // After the opening this is the reason of the close that follows.
    else this.fault ??= new SocketNetworkError('The socket broke.', error);
  }

  private opened(): void {
    const opening = this.settle();
    if (!opening) return;
    this.wasOpened = true;
    this.watchStall();
    this.client.switchRooms(this.roomId);
    this.contain(() => this.handlers.onOpen?.(this));
    opening.resolve();
  }

  private watchStall(): void {
    if (!this.stallTimeoutMs) return;
    this.stallWatch = new StallWatch(
      this.clock,
      this.stallTimeoutMs,
      () => !this.client.isPaused,
      (silentMs) => {
        this.fault ??= new SocketStalledError(silentMs);
        this.client.terminate();
      },
    );
  }

  private entered(roomId: string): void {
    this.roomId = roomId;
    this.sequence = 0;
    this.heartbeat?.cancel();
    if (this.heartbeatAtOnce) this.beat();
    this.scheduleHeartbeat();
  }

  private scheduleHeartbeat(): void {
    this.heartbeat = this.clock.setTimeout(() => {
      this.beat();
      this.scheduleHeartbeat();
    }, this.heartbeatIntervalMs);
  }

  private beat(): void {
    this.sequence += 1;
    if (this.client.sendBytes(heartbeatFrame(this.roomId, this.sequence))) this.counters.heartbeats += 1;
  }

  private receive(bytes: Buffer, isBinary: boolean): void {
    if (!this.wasOpened || this.closed) return;
    this.stallWatch?.heard();
    const receivedAt = this.clock.now();
    this.counters.frames += 1;
    this.counters.bytes += bytes.length;
    this.announce('webSocketData', () => [bytes]);
    if (this.handlers.onBytes) this.contain(() => this.handlers.onBytes?.(bytes));
    if (!isBinary) {
      this.counters.ignored += 1;
      return;
    }
    let frame: WebcastPushFrame;
    let batch: WireBatch;
    let unpacked = NO_BYTES;
    try {
      frame = WebcastPushFrame.decode(bytes);
      if (frame.payloadEncoding !== 'pb') {
        this.passBy(frame);
        return;
      }
      unpacked = lendPayload(frame.payload, this.maxUnpackedBytes);
      batch = readBatch(unpacked);
    } catch (cause) {
      givePayloadBack(unpacked);
      this.reject(
        bytes,
        receivedAt,
        cause instanceof FrameDecodeError ? cause : new FrameDecodeError('The frame cannot be decoded.', cause),
      );
      return;
    }
    try {
      this.handOver(frame, batch, unpacked, receivedAt);
    } finally {
      givePayloadBack(unpacked);
    }
    const { dropped } = batch;
    if (dropped === 0) return;
    this.counters.droppedMessages += dropped;
    this.reject(
      bytes,
      receivedAt,
      new FrameDecodeError(`${dropped} messages of the frame cannot be read; the others were handed over.`),
    );
  }

  private handOver(frame: WebcastPushFrame, batch: WireBatch, unpacked: Uint8Array, receivedAt: number): void {
    const { messages, now, cursor, internalExt, needAck } = batch;
    if (needAck && internalExt !== '' && this.client.sendTogether(ackFrame(frame.logId, internalExt)))
      this.counters.acks += 1;
    if (frame.payloadType === 'im_enter_room_resp') {
      this.announce('imEnteredRoom', () => [frame]);
      this.contain(() => this.handlers.onEnterRoom?.(frame));
    }
    this.announce('protoMessageFetchResult', () => [deserializeMessage('ProtoMessageFetchResult', unpacked)]);
    this.contain(() => this.handlers.onBatch({ messages, receivedAt, now, cursor, internalExt }));
  }

  /** @throws FrameDecodeError when the encoding is not even a word: that is damage, not another encoding */
  private passBy({ payloadEncoding }: WebcastPushFrame): void {
    if (!/^[\w.+-]*$/.test(payloadEncoding)) throw new FrameDecodeError('The encoding of the frame cannot be read.');
    this.counters.ignored += 1;
  }

  private reject(bytes: Uint8Array, receivedAt: number, error: FrameDecodeError): void {
    this.counters.rejected += 1;
    this.announce('messageDecodingFailed', () => [error]);
    this.contain(() => this.handlers.onFrameRejected(bytes, receivedAt, error));
  }

  private finish(code: number, reason: string): void {
    if (!this.wasOpened || this.closed) return;
    this.heartbeat?.cancel();
    this.stallWatch?.stop();
    const cut = this.closing !== undefined && code === 1006;
    this.closing?.cancel();
    this.closed = true;
    const by = this.closedByClient ? 'client' : this.fault || code === 1006 ? 'fault' : 'server';
    const error = this.fault;
    this.contain(() =>
      this.handlers.onClosed({
        code,
        reason: cut && reason === '' ? NORMAL_CLOSE_TIMEOUT_REASON : reason,
        by,
        ...(error ? { error } : {}),
      }),
    );
    for (const resolve of this.closeWaiters ?? []) resolve();
    this.closeWaiters = undefined;
  }

  /** Tells those who listen on the client itself; what they throw is contained. */
  private announce<E extends keyof WebcastWebSocketEventMap>(
    event: E,
    args: () => Parameters<WebcastWebSocketEventMap[E]>,
  ): void {
    if (this.client.listenerCount(event) > 0) this.contain(() => this.client.emit(event, ...args()));
  }

  private contain(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.report(error);
    }
  }

  private report(error: unknown): void {
    this.counters.handlerErrors += 1;
    try {
      this.handlers.onHandlerError?.(error);
    } catch {
      // The reporter itself is broken: there is nobody left to tell, and the session must go on.
      this.counters.handlerErrors += 1;
    }
  }
}

function toBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
