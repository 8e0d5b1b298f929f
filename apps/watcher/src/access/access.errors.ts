import { WatcherError, type WatcherErrorOptions } from '../common/watcher.error.js';

export const ACCESS_ERROR_CODES = [
  /** There is no such key. Final. */
  'WATCHER_KEY_NOT_FOUND',
  /** Another key has the name, in the database or in the settings. Final. */
  'WATCHER_KEY_EXISTS',
  /** There are as many keys as there may be. Final until one is removed. */
  'WATCHER_KEY_TOO_MANY',
] as const;
export type AccessErrorCode = (typeof ACCESS_ERROR_CODES)[number];

/** Faults of requests about keys. Never holds a secret. */
export class AccessError extends WatcherError<AccessErrorCode> {
  override readonly name = 'AccessError';

  constructor(code: AccessErrorCode, message: string, options: WatcherErrorOptions = {}) {
    super(code, message, options);
  }
}
