import type { FinishedEvent } from '../pipeline/finished-event.js';
import type { ReadLimits } from './event-log.js';
import type { StoredEvent } from './journal.port.js';

/** What an event costs in memory beside its value, roughly. */
const EVENT_OVERHEAD_BYTES = 512;
/** A reader further behind the newest event has a backlog to read from the disk first: nothing is kept for it. */
export const FOLLOWING_EVENTS = 8_192;
const FIRST_CAPACITY = 256;

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
  /** A ring, by the lower bits of the offset. */
  #slots = emptySlots(FIRST_CAPACITY);
  #first = 0;
  /** Offset behind the newest event. */
  #end = 0;
  #bytes = 0;
  readonly #followers = new Set<Follower>();

  constructor(private readonly maxBytes: number) {}

  /** Offset of the oldest event in memory, Infinity when there is none. */
  get firstOffset(): number {
    return this.#first === this.#end ? Infinity : this.#first;
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

  /** Takes the event behind the newest one. */
  add(event: StoredEvent): void {
    if (this.#first === this.#end) this.#first = this.#end = event.offset;
    if (this.#end - this.#first === this.#slots.length) this.#grow();
    this.#slots[this.#slotOf(this.#end)] = event;
    this.#end += 1;
    this.#bytes += event.value.length + EVENT_OVERHEAD_BYTES;
    while (this.#bytes > this.maxBytes && this.#first < this.#end) this.#drop();
  }

  /** Lets go of what every reader near the head has read. */
  release(): void {
    let wanted = this.#end;
    for (const { next } of this.#followers) if (next < wanted && next >= this.#end - FOLLOWING_EVENTS) wanted = next;
    while (this.#first < wanted) this.#drop();
  }

  at(offset: number): StoredEvent | undefined {
    return offset < this.#first || offset >= this.#end ? undefined : this.#slots[this.#slotOf(offset)];
  }

  /** Events from `offset` on within the limits, at least one; `offset` must be in memory. */
  from(offset: number, limits: ReadLimits): readonly StoredEvent[] {
    const end = Math.min(this.#end, offset + Math.max(1, limits.maxEvents));
    const events: StoredEvent[] = [];
    let bytes = 0;
    for (let next = offset; next < end; next += 1) {
      const event = this.#slots[this.#slotOf(next)]!;
      bytes += event.value.length;
      if (bytes > limits.maxBytes && events.length > 0) break;
      events.push(event);
    }
    return events;
  }

  #slotOf(offset: number): number {
    return offset % this.#slots.length;
  }

  #drop(): void {
    const slot = this.#slotOf(this.#first);
    this.#bytes -= this.#slots[slot]!.value.length + EVENT_OVERHEAD_BYTES;
    this.#slots[slot] = undefined;
    this.#first += 1;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = emptySlots(before.length * 2);
    for (let offset = this.#first; offset < this.#end; offset += 1)
      this.#slots[this.#slotOf(offset)] = before[offset % before.length];
  }
}

function emptySlots(capacity: number): (StoredEvent | undefined)[] {
  return Array.from({ length: capacity }, () => undefined);
}

/** The event with its place. One object of one form for nearly all of them: copying whatever members there are takes ten times as long. */
export function storedEvent(event: FinishedEvent, offset: number): StoredEvent {
  const { topic, key, id, type, source, subject, sequence, recordedAt, value } = event;
  if (event.raw !== undefined || sequence === undefined) return { ...event, offset };
  return { offset, topic, key, id, type, source, subject, sequence, recordedAt, value };
}
