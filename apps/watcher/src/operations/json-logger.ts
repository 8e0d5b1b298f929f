import { destination, pino, stdTimeFunctions, type DestinationStream } from 'pino';
import type { LogFields, Logger } from '../common/logger.port.js';
import type { Redactor } from '../common/redactor.js';
import { MASK, Secret } from '../common/secret.js';
import { WatcherError } from '../common/watcher.error.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface JsonLoggerOptions {
  readonly level: LogLevel;
  /** Covers secrets in texts. */
  readonly redactor: Redactor;
  /** Fields of every line. */
  readonly base?: LogFields;
  /** Where lines go; standard error by default. */
  readonly destination?: DestinationStream;
}

/** Deeper or longer values do not belong into a log line. */
const MAX_DEPTH = 6;
const MAX_ITEMS = 50;
const MAX_TEXT = 4_000;
const SECRET_NAME =
  /cookie|authorization|password|passwd|secret|api_?key|token|ttwid|signature|proxy_?url|database_?url/i;

/**
 * JSON lines by pino: `{"level":"info","time":…,"event":"room.connected",…}`. Secrets are covered by type (`Secret`), by
 * the name of a field, by known value, and in every address (credentials and query).
 */
export class JsonLogger implements Logger {
  private readonly pino;
  private readonly redactor: Redactor;

  constructor(options: JsonLoggerOptions) {
    this.redactor = options.redactor;
    this.pino = pino(
      {
        level: options.level,
        base: options.base ?? {},
        timestamp: stdTimeFunctions.isoTime,
        formatters: { level: (label) => ({ level: label }) },
        messageKey: 'event',
      },
      options.destination ?? destination({ fd: 2, sync: true }),
    );
  }

  debug(event: string, fields?: LogFields): void {
    if (this.pino.isLevelEnabled('debug')) this.pino.debug(this.clean(fields), event);
  }

  info(event: string, fields?: LogFields): void {
    this.pino.info(this.clean(fields), event);
  }

  warn(event: string, fields?: LogFields): void {
    this.pino.warn(this.clean(fields), event);
  }

  error(event: string, fields?: LogFields): void {
    this.pino.error(this.clean(fields), event);
  }

  private clean(fields: LogFields = {}): Record<string, unknown> {
    return this.cleanObject(fields, 0);
  }

  private cleanObject(value: object, depth: number): Record<string, unknown> {
    const entries = Object.entries(value).slice(0, MAX_ITEMS);
    return Object.fromEntries(
      entries.map(([name, entry]) => [
        name,
        SECRET_NAME.test(name) && typeof entry !== 'boolean' && entry !== undefined
          ? MASK
          : this.cleanValue(entry, depth + 1),
      ]),
    );
  }

  private cleanValue(value: unknown, depth: number): unknown {
    if (typeof value === 'string') return this.cleanText(value);
    if (typeof value === 'bigint') return String(value);
    if (value === null || typeof value !== 'object') return typeof value === 'function' ? undefined : value;
    if (value instanceof Secret) return MASK;
    if (depth > MAX_DEPTH) return '[deep]';
    if (value instanceof Error) return this.cleanError(value, depth);
    if (value instanceof Date) return value.toISOString();
    if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((entry) => this.cleanValue(entry, depth + 1));
    if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
    return this.cleanObject(value, depth);
  }

  private cleanError(error: Error, depth: number): Record<string, unknown> {
    const code = 'code' in error ? error.code : undefined;
    const known = error instanceof WatcherError;
    return {
      name: error.name,
      ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
      message: this.cleanText(error.message),
      ...(known ? { retryable: error.retryable } : {}),
      ...(known && Object.keys(error.context).length > 0
        ? { context: this.cleanObject(error.context, depth + 1) }
        : {}),
      ...(error.cause === undefined ? {} : { cause: this.cleanValue(error.cause, depth + 1) }),
      // Our own errors say enough; of others the place matters.
      ...(known || error.stack === undefined ? {} : { stack: this.cleanText(error.stack) }),
    };
  }

  private cleanText(text: string): string {
    return this.redactor.clean(text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);
  }
}
