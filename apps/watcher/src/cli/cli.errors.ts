import { WatcherError, type WatcherErrorOptions } from '../common/watcher.error.js';

/** What can stand between the command line and a running server. */
export const CLI_ERROR_CODES = [
  /** `--url`, `--key` or what stands for them is not what it must be. */
  'WATCHER_CLI_ACCESS_INVALID',
  /** Nobody answers there, or somebody who is not Livetap. Retryable. */
  'WATCHER_CLI_SERVER_UNREACHABLE',
  /** The server wants a key, another one, or one of a higher role. */
  'WATCHER_CLI_KEY_REFUSED',
  /** The server does not know what was asked for. */
  'WATCHER_CLI_NOT_FOUND',
  /** The server does not take what was sent. */
  'WATCHER_CLI_REQUEST_REFUSED',
  /** The server cannot do it now. Retryable. */
  'WATCHER_CLI_SERVER_BUSY',
  /** The server made a mistake. */
  'WATCHER_CLI_SERVER_FAILED',
  /** A file or a stream of input cannot be read, or is not what it should be. */
  'WATCHER_CLI_INPUT_INVALID',
  /** A file cannot be written, or is there already. */
  'WATCHER_CLI_OUTPUT_REFUSED',
  /** Some of many things were not done; which ones was said before. */
  'WATCHER_CLI_PARTLY_DONE',
] as const;
export type CliErrorCode = (typeof CLI_ERROR_CODES)[number];

/** A failure of a command, for whoever typed it. Never holds a key. */
export class CliError extends WatcherError<CliErrorCode> {
  override readonly name = 'CliError';

  constructor(code: CliErrorCode, message: string, options: Omit<WatcherErrorOptions, 'retryable'> = {}) {
    const retryable = code === 'WATCHER_CLI_SERVER_UNREACHABLE' || code === 'WATCHER_CLI_SERVER_BUSY';
    super(code, message, { ...options, retryable });
  }
}
