/** Every code an error of this package can carry. A code, once published, keeps its meaning. */
export const CONNECTOR_ERROR_CODES = [
  'CONNECTOR_CONFIGURATION',
  'CONNECTOR_INVALID_UNIQUE_ID',
  'CONNECTOR_INVALID_REQUEST',
  'CONNECTOR_INVALID_RESPONSE',
  'CONNECTOR_ALL_SOURCES_FAILED',
  'CONNECTOR_INVALID_SCHEMA_NAME',
  'CONNECTOR_DECODE',
  'CONNECTOR_HTTP_NETWORK',
  'CONNECTOR_HTTP_TIMEOUT',
  'CONNECTOR_HTTP_STATUS',
  'CONNECTOR_HTTP_TOO_LARGE',
  'CONNECTOR_HTTP_BAD_JSON',
  'CONNECTOR_ALREADY_CONNECTING',
  'CONNECTOR_ALREADY_CONNECTED',
  'CONNECTOR_USER_OFFLINE',
  'CONNECTOR_CONNECT_TIMEOUT',
  'CONNECTOR_CONNECT_CANCELLED',
  'CONNECTOR_SIGN_CONNECT',
  'CONNECTOR_SIGN_REFUSED',
  'CONNECTOR_SIGN_RATE_LIMITED',
  'CONNECTOR_SIGN_PREMIUM',
  'CONNECTOR_SIGN_EMPTY_COOKIES',
  'CONNECTOR_SIGN_EMPTY_PAYLOAD',
  'CONNECTOR_SIGN_AUTHENTICATED_WS',
  'CONNECTOR_TTWID_UNAVAILABLE',
  'CONNECTOR_SOCKET_NETWORK',
  'CONNECTOR_SOCKET_STALLED',
  'CONNECTOR_SOCKET_REFUSED',
  'CONNECTOR_SOCKET_DEVICE_BLOCKED',
  'CONNECTOR_SOCKET_ROUTE_CLOSED',
  'CONNECTOR_SOCKET_FRAME',
] as const;

export type ConnectorErrorCode = (typeof CONNECTOR_ERROR_CODES)[number];

/** What a caller may need beyond the message. Never holds cookies, keys, tokens or signed addresses. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | undefined>>;

export interface ConnectorErrorOptions {
  readonly code: ConnectorErrorCode;
  /** True when the same call may succeed later without a change by the caller. */
  readonly retryable: boolean;
  /** The other side asked to wait this long, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
  readonly context?: ErrorContext;
  readonly cause?: unknown;
}

/** Base of every error that this package throws. */
export class ConnectorError extends Error {
  override name = 'ConnectorError';
  readonly code: ConnectorErrorCode;
  readonly retryable: boolean;
  readonly retryAfterMs?: number | undefined;
  readonly context: ErrorContext;

  constructor(message: string, options: ConnectorErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = options.code;
    this.retryable = options.retryable;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
    this.context = options.context ?? {};
  }
}

/** An option or address that can never work. Not retryable. */
export class ConfigurationError extends ConnectorError {
  override name = 'ConfigurationError';
  constructor(message: string, context?: ErrorContext) {
    super(message, { code: 'CONNECTOR_CONFIGURATION', retryable: false, ...(context ? { context } : {}) });
  }
}
