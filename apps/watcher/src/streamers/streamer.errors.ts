import { WatcherError, type WatcherErrorOptions } from '../common/watcher.error.js';

export const STREAMER_ERROR_CODES = [
  'WATCHER_INVALID_UNIQUE_ID',
  'WATCHER_STREAMER_EXISTS',
  'WATCHER_STREAMER_NOT_FOUND',
  'WATCHER_SOCKET_SOURCE_UNAVAILABLE',
  'WATCHER_PROXY_AMBIGUOUS',
  'WATCHER_PROXY_DUPLICATE',
  'WATCHER_PROXY_NOT_FOUND',
  'WATCHER_PROXY_POOL_EXISTS',
  'WATCHER_PROXY_POOL_FULL',
  'WATCHER_PROXY_POOL_NOT_FOUND',
  'WATCHER_PROXY_POOL_UNKNOWN',
  'WATCHER_PROXY_POOL_USED',
  'WATCHER_LABEL_DEFAULTS_NOT_FOUND',
  'WATCHER_LABEL_DEFAULTS_TOO_MANY',
  /** A list of streamers cannot be read; the message names the row and the column. Final. */
  'WATCHER_STREAMER_LIST_INVALID',
] as const;
export type StreamerErrorCode = (typeof STREAMER_ERROR_CODES)[number];

/** A request about a streamer that cannot be carried out as given. None of them is retryable. */
export class StreamerError extends WatcherError<StreamerErrorCode> {
  override readonly name = 'StreamerError';

  constructor(code: StreamerErrorCode, message: string, options: WatcherErrorOptions = {}) {
    super(code, message, options);
  }
}
