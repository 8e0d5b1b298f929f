import { WatcherError, type WatcherErrorOptions } from '../common/watcher.error.js';

/** Requests that cannot be answered as asked. */
export const ADMIN_ERROR_CODES = [
  /** A field, parameter or name is wrong; `errors` says which. */
  'WATCHER_REQUEST_INVALID',
  /** The body is not JSON. */
  'WATCHER_REQUEST_MALFORMED',
  /** No key, or an unknown one. */
  'WATCHER_UNAUTHORIZED',
  /** The key's role does not reach. */
  'WATCHER_FORBIDDEN',
  /** The `Host` header names another machine: somebody else's page may be behind this request. */
  'WATCHER_HOST_REFUSED',
  /** There is no such address. */
  'WATCHER_ROUTE_NOT_FOUND',
  /** There is no such session. */
  'WATCHER_SESSION_NOT_FOUND',
  /** The viewer has not opted out. */
  'WATCHER_OPT_OUT_NOT_FOUND',
  /** The address exists, but not for this method. */
  'WATCHER_METHOD_NOT_ALLOWED',
  /** The body is larger than the limit. */
  'WATCHER_BODY_TOO_LARGE',
  /** The address or a part of it is too long. */
  'WATCHER_URI_TOO_LONG',
  /** The body is not declared as application/json. */
  'WATCHER_MEDIA_TYPE_UNSUPPORTED',
  /** More requests with one key than it may make in a minute. Retryable after `Retry-After`. */
  'WATCHER_TOO_MANY_REQUESTS',
  /** More live tail connections than the limit. */
  'WATCHER_TOO_MANY_TAILS',
  /** More exports at once than the limit. */
  'WATCHER_TOO_MANY_EXPORTS',
  /** The page was not built. */
  'WATCHER_PAGE_NOT_BUILT',
  /** The service is starting or stopping. */
  'WATCHER_UNAVAILABLE',
  /** A mistake of the service itself. */
  'WATCHER_INTERNAL',
] as const;
export type AdminErrorCode = (typeof ADMIN_ERROR_CODES)[number];

/** One fault of a request: where (a JSON pointer into the body, or `?name` for a query parameter) and what. */
export interface RequestFault {
  readonly pointer: string;
  readonly detail: string;
}

export interface AdminErrorOptions extends WatcherErrorOptions {
  readonly faults?: readonly RequestFault[];
  /** Headers that belong to the answer, for example `allow`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export class AdminError extends WatcherError<AdminErrorCode> {
  override readonly name = 'AdminError';
  readonly faults: readonly RequestFault[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: AdminErrorCode, message: string, options: AdminErrorOptions = {}) {
    super(code, message, options);
    this.faults = options.faults ?? [];
    this.headers = options.headers ?? {};
  }
}
