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

/** A publisher that counts what was acknowledged, apart from what an earlier process life had left in the journal. */
export class MeteredPublisher implements EventPublisher {
  /** @param ownFrom offset of the first event of this process life */
  constructor(
    private readonly inner: EventPublisher,
    private readonly metrics: Metrics,
    private readonly ownFrom: number,
  ) {}

  start(): Promise<void> {
    return this.inner.start();
  }

  async publish(events: readonly StoredEvent[]): Promise<void> {
    await this.inner.publish(events);
    for (const [type, count] of countByType(events.filter(({ offset }) => offset >= this.ownFrom))) {
      this.metrics.published(type, count);
    }
    const recovered = events.filter(({ offset, topic }) => offset < this.ownFrom && topic !== 'raw').length;
    if (recovered > 0) this.metrics.recovered(recovered);
  }

  stop(): Promise<void> {
    return this.inner.stop();
  }
}
