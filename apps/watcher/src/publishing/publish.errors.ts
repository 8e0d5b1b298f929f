import { WatcherError, type WatcherErrorOptions } from '../common/watcher.error.js';

/** Also the values of the label `code` of `livetap_publish_errors_total`. */
export const PUBLISH_ERROR_CODES = [
  /** No broker answers, or the connection broke. Retryable. */
  'WATCHER_KAFKA_UNREACHABLE',
  /** The brokers refuse this client: credentials, rights, protocol. Retryable, for somebody may grant them meanwhile. */
  'WATCHER_KAFKA_DENIED',
  /** A broker's certificate does not hold: unknown authority, expired, another name. Retryable, for it may be renewed. */
  'WATCHER_KAFKA_UNTRUSTED',
  /** Topics are missing and this service may not make them. Retryable, for somebody may make them meanwhile. */
  'WATCHER_KAFKA_TOPICS_MISSING',
  /** The brokers answered, but not with an acknowledgement. Retryable. */
  'WATCHER_KAFKA_NOT_ACKNOWLEDGED',
  /** A topic has another number of partitions than configured: the order of rooms would break. Not retryable. */
  'WATCHER_KAFKA_PARTITIONS_CHANGED',
] as const;

export type PublishErrorCode = (typeof PUBLISH_ERROR_CODES)[number];

/** A failure of publishing. Never holds credentials. */
export class PublishError extends WatcherError<PublishErrorCode> {
  override readonly name = 'PublishError';

  constructor(code: PublishErrorCode, message: string, options: WatcherErrorOptions = {}) {
    super(code, message, { retryable: code !== 'WATCHER_KAFKA_PARTITIONS_CHANGED', ...options });
  }
}
