import { WatcherError, type WatcherErrorOptions } from '../common/watcher.error.js';

/** Everything that can go wrong between the watcher and its database. */
export const PERSISTENCE_ERROR_CODES = [
  /** The database does not answer (refused, cut, timed out, starting, too many connections). Retryable. */
  'WATCHER_DATABASE_UNREACHABLE',
  /** Two transactions were in each other's way (deadlock, serialization, lock timeout). Retryable at once. */
  'WATCHER_DATABASE_CONFLICT',
  /** The database answers but lets us not in: user, password, database name or rights. Final. */
  'WATCHER_DATABASE_DENIED',
  /** A statement failed for another reason: our fault or a damaged database. Final. */
  'WATCHER_DATABASE_FAILED',
  /** The database was migrated by a newer version of Livetap. Final. */
  'WATCHER_SCHEMA_NEWER',
  /** A migration that was applied has been edited since. Final. */
  'WATCHER_SCHEMA_CHANGED',
  /** An earlier migration failed half-way and was not resolved, or one fails now. Final. */
  'WATCHER_SCHEMA_FAILED',
  /** The embedded server cannot be started here: binary, user or folder. Final. */
  'WATCHER_EMBEDDED_UNUSABLE',
  /** The data folder belongs to another major version of Postgres. Final. */
  'WATCHER_EMBEDDED_OTHER_MAJOR',
  /** The embedded server was started but did not get ready. Final. */
  'WATCHER_EMBEDDED_START_FAILED',
  /** A page cursor given by a caller is not one of ours. Final. */
  'WATCHER_CURSOR_INVALID',
] as const;

export type PersistenceErrorCode = (typeof PERSISTENCE_ERROR_CODES)[number];

/** A failure of the database or of the way to it. Message and context never hold an address or a password. */
export class DatabaseError extends WatcherError<PersistenceErrorCode> {
  override readonly name = 'DatabaseError';

  constructor(code: PersistenceErrorCode, message: string, options: WatcherErrorOptions = {}) {
    super(code, message, options);
  }
}
