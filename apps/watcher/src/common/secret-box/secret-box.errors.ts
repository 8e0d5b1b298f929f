import { WatcherError, type WatcherErrorOptions } from '../watcher.error.js';

export const SECRET_BOX_ERROR_CODES = [
  /** LIVETAP_SECRETS_KEYS is not set, so nothing can be sealed or opened. Final until the settings change. */
  'WATCHER_SECRETS_NO_KEY',
  /** Sealed with a key that the settings do not hold any more. Final until the settings change. */
  'WATCHER_SECRETS_UNKNOWN_KEY',
  /** Changed after it was sealed, sealed for another use, or another key under the same id. Final. */
  'WATCHER_SECRETS_DAMAGED',
] as const;
export type SecretBoxErrorCode = (typeof SECRET_BOX_ERROR_CODES)[number];

/** Message and context never hold a key, a secret or a sealed text; at most the id of a key. */
export class SecretBoxError extends WatcherError<SecretBoxErrorCode> {
  override readonly name = 'SecretBoxError';

  constructor(code: SecretBoxErrorCode, message: string, options: WatcherErrorOptions = {}) {
    super(code, message, options);
  }
}
