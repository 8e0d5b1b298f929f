import { isWatcherError } from '../common/watcher.error.js';
import { EXIT, type ExitCode } from './exit-codes.js';

const BY_CODE: Readonly<Record<string, ExitCode>> = {
  WATCHER_CONFIG: EXIT.CONFIG,
  WATCHER_SECOND_REPLICA: EXIT.CONFIG,
  WATCHER_DATA_DIR_UNUSABLE: EXIT.CONFIG,
  WATCHER_JOURNAL_UNUSABLE: EXIT.CONFIG,
  WATCHER_DATABASE_DENIED: EXIT.CONFIG,
  WATCHER_SCHEMA_NEWER: EXIT.CONFIG,
  WATCHER_SCHEMA_CHANGED: EXIT.CONFIG,
  WATCHER_SCHEMA_FAILED: EXIT.CONFIG,
  WATCHER_EMBEDDED_UNUSABLE: EXIT.CONFIG,
  WATCHER_EMBEDDED_OTHER_MAJOR: EXIT.CONFIG,
  WATCHER_KAFKA_PARTITIONS_CHANGED: EXIT.CONFIG,
  WATCHER_PORT_UNAVAILABLE: EXIT.UNAVAILABLE,
  WATCHER_JOURNAL_LOCKED: EXIT.UNAVAILABLE,
};

/** How the process ends after a failure that it cannot go on with. */
export function exitCodeFor(error: unknown): ExitCode {
  return (isWatcherError(error) ? BY_CODE[error.code] : undefined) ?? EXIT.SOFTWARE;
}
