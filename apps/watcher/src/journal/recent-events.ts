import type { FinishedEvent } from '../pipeline/finished-event.js';
import { type ReadLimits, takeWithin } from './event-log.js';
import type { StoredEvent } from './journal.port.js';

/** What an event costs in memory beside its value, roughly. */
const EVENT_OVERHEAD_BYTES = 512;
/** A reader further behind the newest event has a backlog to read from the disk first: nothing is kept for it. */
export const FOLLOWING_EVENTS = 8_192;

/** Where a reader stands: what it has read is not kept for it. */
export interface Follower {
  /** Offset of the event that it reads next. */
  next: number;
}

/**
 * The newest events in memory until every reader near the head has read them, so that these readers never touch the disk;
 * bounded in bytes. Not longer: an event that outlives two collections of young garbage is cleared away by the large
 * collection alone, which holds up everything else.
 */
export class RecentEvents {
  /** In order of offset, without a hole. */
  readonly #events: StoredEvent[] = [];
  #bytes = 0;
  readonly #followers = new Set<Follower>();

  constructor(private readonly maxBytes: number) {}

  /** Offset of the oldest event in memory, Infinity when there is none. */
  get firstOffset(): number {
    return this.#events[0]?.offset ?? Infinity;
  }

  /** A reader that reads `next` next; it keeps `next` true. */
  follow(next: number): Follower {
    const follower = { next };
    this.#followers.add(follower);
    return follower;
  }

  unfollow(follower: Follower): void {
    this.#followers.delete(follower);
  }

  /** Takes the event behind the newest one; `release` follows in the same turn. */
  add(event: StoredEvent): void {
    this.#events.push(event);
    this.#bytes += event.value.length + EVENT_OVERHEAD_BYTES;
  }

  /** Lets go of what every reader near the head has read, and of the oldest events beyond the bound. */
  release(): void {
    const end = (this.#events.at(-1)?.offset ?? -1) + 1;
    let wanted = end;
    for (const { next } of this.#followers) if (next < wanted && next >= end - FOLLOWING_EVENTS) wanted = next;
    let count = 0;
    for (const { offset, value } of this.#events) {
      if (offset >= wanted && this.#bytes <= this.maxBytes) break;
      this.#bytes -= value.length + EVENT_OVERHEAD_BYTES;
      count += 1;
    }
    this.#events.splice(0, count);
  }

  at(offset: number): StoredEvent | undefined {
    return this.#events[offset - this.firstOffset];
  }

  /** Events from `offset` on within the limits, at least one; `offset` must be in memory. */
  from(offset: number, limits: ReadLimits): readonly StoredEvent[] {
    return takeWithin(this.#events, offset - this.firstOffset, limits);
  }
}

/** The event with its place. One object of one form for nearly all of them: copying whatever members there are takes ten times as long. */
export function storedEvent(event: FinishedEvent, offset: number): StoredEvent {
  const { topic, key, id, type, source, subject, sequence, recordedAt, value } = event;
  if (event.raw !== undefined || sequence === undefined) return { ...event, offset };
  return { offset, topic, key, id, type, source, subject, sequence, recordedAt, value };
}
