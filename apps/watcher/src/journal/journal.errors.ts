import { WatcherError, type WatcherErrorOptions } from '../common/watcher.error.js';

export const JOURNAL_ERROR_CODES = [
  /** The journal was closed. Final for this object. */
  'WATCHER_JOURNAL_CLOSED',
  /** The disk or a quota is full. Retryable: mends itself when there is space. */
  'WATCHER_JOURNAL_DISK_FULL',
  /** The directory cannot be read or written: missing rights, a read-only disk. Final: a person must see to it. */
  'WATCHER_JOURNAL_UNUSABLE',
  /** The disk refused a write, a flush or a deletion, not for want of space. Final: the process must stop, a restart may help. */
  'WATCHER_JOURNAL_WRITE_FAILED',
  /** What was durable once cannot be read back. Final: the process must stop and a person must decide. */
  'WATCHER_JOURNAL_CORRUPT',
  /** Another process that is alive holds the directory. Final for this process. */
  'WATCHER_JOURNAL_LOCKED',
  /** A tail asked for an event that was deleted already: start again from `firstOffset - 1`. */
  'WATCHER_JOURNAL_OFFSET_TOO_OLD',
  /** A reader of this name is open already; a mistake of the program. */
  'WATCHER_JOURNAL_READER_BUSY',
] as const;

export type JournalErrorCode = (typeof JOURNAL_ERROR_CODES)[number];

export class JournalError extends WatcherError<JournalErrorCode> {
  override readonly name = 'JournalError';

  constructor(code: JournalErrorCode, message: string, options: Omit<WatcherErrorOptions, 'retryable'> = {}) {
    super(code, message, { retryable: code === 'WATCHER_JOURNAL_DISK_FULL', ...options });
  }
}
