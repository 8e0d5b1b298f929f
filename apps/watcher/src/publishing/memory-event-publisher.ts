import type { StoredEvent } from '../journal/journal.port.js';
import type { EventPublisher } from './event-publisher.port.js';
import { PublishError } from './publish.errors.js';

/** A publisher into memory, for tests: fails on command. */
export class MemoryEventPublisher implements EventPublisher {
  /** Everything acknowledged, in order, repeats included. */
  readonly published: StoredEvent[] = [];
  /** Number of calls of `publish`, failed ones included. */
  attempts = 0;
  #failures: { error: PublishError; arrives: number }[] = [];
  #down: PublishError | undefined;

  /** From now on every call fails, until `up()`. */
  down(error = new PublishError('WATCHER_KAFKA_UNREACHABLE', 'The memory broker is down.')): void {
    this.#down = error;
  }

  up(): void {
    this.#down = undefined;
  }

  /** The next call of `publish` fails after its first `arrives` events have arrived. */
  failOnce(
    arrives = 0,
    error = new PublishError('WATCHER_KAFKA_NOT_ACKNOWLEDGED', 'The memory broker fails once.'),
  ): void {
    this.#failures.push({ error, arrives });
  }

  async start(): Promise<void> {
    if (this.#down !== undefined) throw this.#down;
  }

  async publish(events: readonly StoredEvent[]): Promise<void> {
    this.attempts += 1;
    if (this.#down !== undefined) throw this.#down;
    const failure = this.#failures.shift();
    this.published.push(...events.slice(0, failure?.arrives ?? events.length));
    if (failure !== undefined) throw failure.error;
  }

  async stop(): Promise<void> {
    return Promise.resolve();
  }
}
