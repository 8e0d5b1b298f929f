import { takeWithin } from './event-log.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import type { StoredEvent } from './journal.port.js';

/** What an event costs in memory beside its value, roughly. */
const EVENT_OVERHEAD_BYTES = 512;

/** The newest events in memory, bounded in bytes, so that readers near the head never touch the disk. */
export class RecentEvents {
  #events: StoredEvent[] = [];
  /** Events before this index were dropped already. */
  #head = 0;
  #bytes = 0;

  constructor(private readonly maxBytes: number) {}

  /** Offset of the oldest event in memory, Infinity when there is none. */
  get firstOffset(): number {
    return this.#events[this.#head]?.offset ?? Infinity;
  }

  add(event: StoredEvent): void {
    this.#events.push(event);
    this.#bytes += event.value.length + EVENT_OVERHEAD_BYTES;
    while (this.#bytes > this.maxBytes && this.#head < this.#events.length) {
      this.#bytes -= (this.#events[this.#head]?.value.length ?? 0) + EVENT_OVERHEAD_BYTES;
      this.#head += 1;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }

  at(offset: number): StoredEvent | undefined {
    return offset < this.firstOffset ? undefined : this.#events[this.#head + offset - this.firstOffset];
  }

  /** Events from `offset` on within the limits, at least one; `offset` must be in memory. */
  from(offset: number, limits: { readonly maxEvents: number; readonly maxBytes: number }): readonly StoredEvent[] {
    return takeWithin(this.#events, this.#head + offset - this.firstOffset, limits);
  }
}

/** The event with its place. One object of one form for nearly all of them: copying whatever members there are takes ten times as long. */
export function storedEvent(event: FinishedEvent, offset: number): StoredEvent {
  const { topic, key, id, type, source, subject, sequence, recordedAt, value } = event;
  if (event.raw !== undefined || sequence === undefined) return { ...event, offset };
  return { offset, topic, key, id, type, source, subject, sequence, recordedAt, value };
}
