import type { StoredEvent } from '../journal/journal.port.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import type { EventPublisher } from '../publishing/event-publisher.port.js';
import type { Metrics } from './metrics.js';

/** Counts by type; copies for the raw topic are no events of their own. */
export function countByType(events: readonly Pick<FinishedEvent, 'type' | 'topic'>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { type, topic } of events) if (topic !== 'raw') counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

/**
 * A publisher that counts what was acknowledged, apart from what an earlier process life had left in the journal. An event
 * that was too large counts as dropped: what was published in its place only shows where it was.
 */
export class MeteredPublisher implements EventPublisher {
  readonly #inner: EventPublisher;
  readonly #metrics: Metrics;
  readonly #ownFrom: number;
  /** Offsets of the events of the present batch that were too large. */
  readonly #oversize = new Set<number>();

  /**
   * @param make makes the publisher; it reports what was too large while it publishes
   * @param ownFrom offset of the first event of this process life
   */
  constructor(make: (onOversize: (event: StoredEvent) => void) => EventPublisher, metrics: Metrics, ownFrom: number) {
    this.#inner = make(({ offset }) => void this.#oversize.add(offset));
    this.#metrics = metrics;
    this.#ownFrom = ownFrom;
  }

  start(): Promise<void> {
    return this.#inner.start();
  }

  async publish(events: readonly StoredEvent[]): Promise<void> {
    this.#oversize.clear();
    await this.#inner.publish(events);
    const counted = events.filter(({ topic }) => topic !== 'raw');
    const own = counted.filter(({ offset }) => offset >= this.#ownFrom);
    const whole = own.filter(({ offset }) => !this.#oversize.has(offset));
    this.#metrics.events.acknowledged(countByType(whole), own.length - whole.length, counted.length - own.length);
    const canary = events.findLast(({ topic }) => topic === 'canary');
    if (canary !== undefined) this.#metrics.canaryArrived(canary.recordedAt);
  }

  stop(): Promise<void> {
    return this.#inner.stop();
  }
}
