import { ConnectorError, type ConnectorErrorCode } from './connector-error.js';

export interface HttpErrorOptions {
  readonly code: ConnectorErrorCode & `CONNECTOR_HTTP_${string}`;
  readonly retryable: boolean;
  /** Host and path alone: query parameters can be secret. */
  readonly target: string;
  readonly status?: number | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly cause?: unknown;
}

/**
 * A request that gave no usable answer. `code` says which kind: network, time-out, status, too large, or not JSON.
 * Retryable for network failures, time-outs, 408, 413, 429, 5xx, and for a page where JSON was expected (blocked for now).
 */
export class HttpRequestError extends ConnectorError {
  override name = 'HttpRequestError';
  /** HTTP status, when there was an answer. */
  readonly status?: number;
  constructor(message: string, options: HttpErrorOptions) {
    super(`${message} (${options.target})`, {
      code: options.code,
      retryable: options.retryable,
      retryAfterMs: options.retryAfterMs,
      context: { target: options.target, status: options.status },
      cause: options.cause,
    });
    if (options.status !== undefined) this.status = options.status;
  }
}
