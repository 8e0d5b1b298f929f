/** What else is known about a failure. Never holds a secret: no cookie, signed URL, key, proxy or database address. */
export type ErrorContext = Readonly<Record<string, string | number | boolean | undefined>>;

export interface WatcherErrorOptions {
  /** True when the same call may succeed later without anybody changing anything. */
  readonly retryable?: boolean;
  readonly context?: ErrorContext;
  readonly cause?: unknown;
}

/**
 * The base of every error that the watcher makes itself. `code` is stable and starts with `WATCHER_`; the message is a
 * sentence for people that says what to do.
 */
export class WatcherError<Code extends string = string> extends Error {
  override readonly name: string = 'WatcherError';
  readonly retryable: boolean;
  readonly context: ErrorContext;

  constructor(
    readonly code: Code,
    message: string,
    options: WatcherErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.retryable = options.retryable ?? false;
    this.context = options.context ?? {};
  }
}

/** True for errors of the watcher itself, whatever their part. */
export function isWatcherError(error: unknown): error is WatcherError {
  return error instanceof WatcherError;
}
