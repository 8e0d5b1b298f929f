import type { StoredEvent } from '../journal/journal.port.js';

export interface EventPublisher {
  /** Connects, and creates or verifies the topics of the catalogue. @throws PublishError (retryable or not) */
  start(): Promise<void>;
  /**
   * Publishes in the given order; events with the same key and topic keep their order. Resolves when the broker has
   * acknowledged all of them (acks=all). One call at a time.
   * @throws PublishError; then none, some or all may have arrived: send the same batch again.
   */
  publish(events: readonly StoredEvent[]): Promise<void>;
  stop(): Promise<void>;
}

export const EVENT_PUBLISHER = Symbol('EventPublisher');
