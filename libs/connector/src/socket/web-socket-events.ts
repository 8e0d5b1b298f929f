import type { DecodedFetchResult } from '../connection/deserialize-message.js';
import type { WebcastPushFrame } from '../proto/index.js';
import type { WebcastWebSocketClient } from './webcast-web-socket-client.js';

/** Events of the socket client beyond those of `ws`; each is made only when somebody listens. */
export interface WebcastWebSocketEventMap {
  /** Every WebSocket message as it came. */
  webSocketData: (bytes: Uint8Array) => void;
  /** Every batch, its messages decoded in place; before the connection hands out their events. */
  protoMessageFetchResult: (result: DecodedFetchResult) => void;
  /** The server's answer to "enter room". */
  imEnteredRoom: (frame: WebcastPushFrame) => void;
  /** A frame that could not be read; the socket goes on. */
  messageDecodingFailed: (error: Error) => void;
}

/** Listening to the events of the map, with typed arguments. */
interface TypedListening {
  on<E extends keyof WebcastWebSocketEventMap>(event: E, listener: WebcastWebSocketEventMap[E]): WebcastTypedWebSocket;
  once<E extends keyof WebcastWebSocketEventMap>(
    event: E,
    listener: WebcastWebSocketEventMap[E],
  ): WebcastTypedWebSocket;
}

/** The socket client with its own events typed; they come first, so that they are found before those of `ws`. */
export type WebcastTypedWebSocket = TypedListening & WebcastWebSocketClient;
