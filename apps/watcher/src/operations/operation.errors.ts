import { WatcherError, type WatcherErrorOptions } from '../common/watcher.error.js';

/** Reasons to refuse or end the work of the whole process. None of them is retryable in the same process. */
export const OPERATION_ERROR_CODES = [
  /** The HTTP address cannot be bound. */
  'WATCHER_PORT_UNAVAILABLE',
  /** The data folder cannot be used: rights, or no folder. */
  'WATCHER_DATA_DIR_UNUSABLE',
  /** Another replica uses the same database, and there is no Kafka. */
  'WATCHER_SECOND_REPLICA',
  /** A replica that uses the same database has its events in its journal alone, and this one would publish to Kafka. */
  'WATCHER_FLEET_WITHOUT_KAFKA',
] as const;
export type OperationErrorCode = (typeof OPERATION_ERROR_CODES)[number];

export class OperationError extends WatcherError<OperationErrorCode> {
  override readonly name = 'OperationError';

  constructor(code: OperationErrorCode, message: string, options: Omit<WatcherErrorOptions, 'retryable'> = {}) {
    super(code, message, options);
  }
}
