/** Fields of a log line. Values must be JSON-safe; an Error is written with its code and message. */
export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Structured log. `event` is a constant name (`room.connected`, `kafka.unreachable`), everything that varies goes into
 * `fields`. At most one line for each change of state, never one for each event. Never throws, never blocks.
 */
export interface Logger {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

export const LOGGER = Symbol('Logger');

/** For callers that want no log. */
export const SILENT_LOGGER: Logger = Object.freeze({
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
});
