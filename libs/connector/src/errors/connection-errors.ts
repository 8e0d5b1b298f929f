import { ConnectorError, type ErrorContext } from './connector-error.js';

/** The given name cannot be a TikTok unique id. Not retryable. */
export class InvalidUniqueIdError extends ConnectorError {
  override name = 'InvalidUniqueIdError';
  constructor(message: string) {
    super(message, { code: 'CONNECTOR_INVALID_UNIQUE_ID', retryable: false });
  }
}

/** `connect()` was called while an attempt is in flight; that attempt is not affected. Not retryable. */
export class AlreadyConnectingError extends ConnectorError {
  override name = 'AlreadyConnectingError';
  constructor(message = 'Already connecting!') {
    super(message, { code: 'CONNECTOR_ALREADY_CONNECTING', retryable: false });
  }
}

/** `connect()` was called on an open connection, which is not affected. Not retryable. */
export class AlreadyConnectedError extends ConnectorError {
  override name = 'AlreadyConnectedError';
  constructor(message = 'Already connected!') {
    super(message, { code: 'CONNECTOR_ALREADY_CONNECTED', retryable: false });
  }
}

/** The room says that it is not live. Retryable: the streamer may go live later. */
export class UserOfflineError extends ConnectorError {
  override name = 'UserOfflineError';
  constructor(message = "The requested user isn't online :(") {
    super(message, { code: 'CONNECTOR_USER_OFFLINE', retryable: true });
  }
}

/** The socket did not open in time. Retryable. */
export class ConnectTimeoutError extends ConnectorError {
  override name = 'ConnectTimeoutError';
  constructor(message = 'The WebSocket did not open in time.') {
    super(message, { code: 'CONNECTOR_CONNECT_TIMEOUT', retryable: true });
  }
}

/** `disconnect()` was called while connecting: the attempt was given up and no event follows. Not retryable by itself. */
export class ConnectCancelledError extends ConnectorError {
  override name = 'ConnectCancelledError';
  constructor(message = 'disconnect() was called while connecting.') {
    super(message, { code: 'CONNECTOR_CONNECT_CANCELLED', retryable: false });
  }
}

/** A message type that the schema does not have. Not retryable. */
export class InvalidSchemaNameError extends ConnectorError {
  override name = 'InvalidSchemaNameError';
  constructor(message: string) {
    super(message, { code: 'CONNECTOR_INVALID_SCHEMA_NAME', retryable: false });
  }
}

/** Bytes that are not a message of the expected type. Not retryable. */
export class SchemaDecodeError extends ConnectorError {
  override name = 'SchemaDecodeError';
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'CONNECTOR_DECODE', retryable: false, cause });
  }
}

export type SocketRefusal = 'deviceBlocked' | 'routeClosed' | 'refused';

/**
 * The upgrade was answered with a plain HTTP status.
 * `deviceBlocked`: take a new cookie and User-Agent (retryable, later). `routeClosed`: this way in is closed, use another
 * (not retryable). `refused`: anything else; retryable for 429 and 5xx.
 */
export class SocketRefusedError extends ConnectorError {
  override name = 'SocketRefusedError';
  constructor(
    readonly refusal: SocketRefusal,
    /** HTTP status of the answer. */
    readonly status: number,
    /** The `handshake-msg` header, if any. */
    readonly handshakeMessage: string | undefined,
    options: { readonly handshakeStatus?: string | undefined; readonly retryAfterMs?: number | undefined } = {},
  ) {
    const code = {
      deviceBlocked: 'CONNECTOR_SOCKET_DEVICE_BLOCKED',
      routeClosed: 'CONNECTOR_SOCKET_ROUTE_CLOSED',
      refused: 'CONNECTOR_SOCKET_REFUSED',
    } as const;
    super(`The socket was refused with HTTP status ${status}${handshakeMessage ? ` (${handshakeMessage})` : ''}.`, {
      code: code[refusal],
      retryable: refusal === 'deviceBlocked' || (refusal === 'refused' && (status === 429 || status >= 500)),
      retryAfterMs: options.retryAfterMs,
      context: { status, handshakeMessage, handshakeStatus: options.handshakeStatus },
    });
  }
}

/** The socket could not be opened, or broke, for a reason of the network or the protocol. Retryable. */
export class SocketNetworkError extends ConnectorError {
  override name = 'SocketNetworkError';
  constructor(message: string, cause?: unknown, context?: ErrorContext) {
    super(message, { code: 'CONNECTOR_SOCKET_NETWORK', retryable: true, cause, ...(context ? { context } : {}) });
  }
}

/** Nothing came for too long on a socket that claims to be open, so it was cut. Retryable. */
export class SocketStalledError extends ConnectorError {
  override name = 'SocketStalledError';
  constructor(
    /** How long the socket was silent at least, in milliseconds. */
    readonly silentMs: number,
  ) {
    super(`The socket was silent for ${silentMs} ms.`, {
      code: 'CONNECTOR_SOCKET_STALLED',
      retryable: true,
      context: { silentMs },
    });
  }
}

/** A frame that could not be read: the frame is lost, the socket goes on. Not retryable. */
export class FrameDecodeError extends ConnectorError {
  override name = 'FrameDecodeError';
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'CONNECTOR_SOCKET_FRAME', retryable: false, cause });
  }
}
