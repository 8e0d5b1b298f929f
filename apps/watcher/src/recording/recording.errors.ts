import { WatcherError, type WatcherErrorOptions } from '../common/watcher.error.js';

/** What can be wrong with a recording or a stretch of the raw topic. None is retryable. */
export const RECORDING_ERROR_CODES = [
  /** The file cannot be opened for reading. */
  'WATCHER_RECORDING_UNREADABLE',
  /** The file is empty: nothing was recorded, or what was recorded never reached the disk. */
  'WATCHER_RECORDING_EMPTY',
  /** The file does not begin as a recording does. */
  'WATCHER_RECORDING_FORMAT',
  /** The file was written by another version of the format. */
  'WATCHER_RECORDING_VERSION',
  /** Bytes in the middle of the file are not what was written. What stands before them is sound. */
  'WATCHER_RECORDING_DAMAGED',
  /** The file exists already, or cannot be created. */
  'WATCHER_RECORDING_NOT_CREATED',
  /** The recording cannot be written any more: disk full or faulty. */
  'WATCHER_RECORDING_NOT_WRITTEN',
  /** There is nothing to record: not live, or the room cannot be entered. */
  'WATCHER_RECORDING_NOT_LIVE',
  /** A raw record has no session or no number: it was published before these were part of it. */
  'WATCHER_RAW_RECORD_INCOMPLETE',
  /** There is no such raw topic. */
  'WATCHER_RAW_TOPIC_MISSING',
  /** The stretch of the raw topic has more rooms than fit into memory. */
  'WATCHER_RAW_TOO_MANY_ROOMS',
] as const;
export type RecordingErrorCode = (typeof RECORDING_ERROR_CODES)[number];

export class RecordingError extends WatcherError<RecordingErrorCode> {
  override readonly name = 'RecordingError';

  constructor(code: RecordingErrorCode, message: string, options: Omit<WatcherErrorOptions, 'retryable'> = {}) {
    super(code, message, options);
  }
}
