import type { StreamerAccess } from '../streamers/streamer-access.js';

/** One entry of a frame, still bytes (structurally the connector's RawMessage). */
export interface RoomMessage {
  readonly method: string;
  readonly msgId: string;
  /** Of a frame that a socket hands over valid during the call alone; who keeps it copies it (`keptFrame`). */
  readonly payload: Uint8Array;
  readonly isHistory: boolean;
}

export interface RoomFrame {
  readonly messages: readonly RoomMessage[];
  /** Receipt, ms since the epoch. */
  readonly receivedAt: number;
  /** The batch's `now`, decimal ms, `"0"` when absent. */
  readonly now: string;
}

/** The frame with payloads of its own. */
export function keptFrame(frame: RoomFrame): RoomFrame {
  const messages = frame.messages.map((message) => ({ ...message, payload: Buffer.from(message.payload) }));
  return { ...frame, messages };
}

export interface RoomClosed {
  /** WebSocket close code, 1006 when there was none. */
  readonly code: number;
  readonly reason: string;
}

/** Callbacks are synchronous and in order of arrival; none after `onClosed`, which comes exactly once per opened socket. */
export interface RoomConnectionHandlers {
  /** The attempt waits for a signature: its turn may be minutes away. May come several times, before everything else, and never within the call of `open`. */
  onWaiting(): void;
  /** The socket is open; comes before everything else, and before `open` resolves. `source`: which way led to it. */
  onOpen(source: string): void;
  /** Every decodable frame, also empty ones (they show that the socket is healthy). */
  onFrame(frame: RoomFrame): void;
  /** A frame that could not be decoded; the socket stays open. */
  onFrameRejected(bytes: Uint8Array, receivedAt: number): void;
  onClosed(closed: RoomClosed): void;
}

export interface OpenRoomRequest {
  readonly roomId: string;
  readonly uniqueId: string;
  readonly access: StreamerAccess;
  /** 0 (least) to 100 (most): who is served first where rooms wait. */
  readonly priority: number;
  /** Since when the room has no socket, monotonic ms: who waits longest is served first. */
  readonly waitingSince: number;
  /** Asked right before something is spent on the room: true when it is live for all that is known. */
  readonly confirmLive: (signal: AbortSignal) => Promise<boolean>;
  readonly signal: AbortSignal;
}

export interface RoomConnection {
  /** Which way led to the socket: `direct`, `euler`, `fixed`. */
  readonly source: string;
  /** Back-pressure: stop and go on reading from the socket. */
  pause(): void;
  resume(): void;
  /**
   * Closes with the WebSocket handshake. Frames that the server sent before its own close frame are still delivered;
   * resolves after `onClosed` (at most 2 seconds later the socket is cut).
   */
  close(): Promise<void>;
}

export type RoomConnectFailure =
  'refused' | 'notLive' | 'restricted' | 'rateLimited' | 'quota' | 'network' | 'timeout' | 'configuration';

export class RoomConnectError extends Error {
  override readonly name = 'RoomConnectError';
  constructor(
    readonly failure: RoomConnectFailure,
    message: string,
    readonly details: { readonly retryAfterMs?: number; readonly code?: string; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: details.cause });
  }
}

export interface RoomConnector {
  /**
   * Takes a fresh socket address (trying the configured sources in order), dials, enters the room. Messages that came
   * with the address are delivered as the first frame.
   * @throws RoomConnectError, or the signal's reason
   */
  open(request: OpenRoomRequest, handlers: RoomConnectionHandlers): Promise<RoomConnection>;
}

export const ROOM_CONNECTOR = Symbol('RoomConnector');
