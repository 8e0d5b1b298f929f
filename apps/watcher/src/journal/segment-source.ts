import { type ReadLimits, takeWithin } from './event-log.js';
import type { JournalDisk } from './journal-disk.port.js';
import { corrupt } from './journal-recovery.js';
import type { StoredEvent } from './journal.port.js';
import { decodeRecord, readRecord } from './record-codec.js';
import { type Segment, segmentOf } from './segment.js';

const CHUNK_BYTES = 512 * 1024;

/** Reads a run of events from the segment files in chunks and remembers where it was. One for each reader. */
export class SegmentSource {
  /** Decoded and not yet handed out. */
  #held: readonly StoredEvent[] = [];
  /** Where the next chunk begins. */
  #place: { readonly segment: Segment; readonly position: number; readonly offset: number } | undefined;

  constructor(
    private readonly disk: JournalDisk,
    private readonly segments: () => readonly Segment[],
  ) {}

  /** @throws JournalError WATCHER_JOURNAL_CORRUPT */
  async fetch(offset: number, limits: ReadLimits): Promise<readonly StoredEvent[]> {
    const start = offset - (this.#held[0]?.offset ?? Infinity);
    if (start >= 0 && start < this.#held.length) return takeWithin(this.#held, start, limits);
    this.#held = [];
    for (;;) {
      const events = await this.#readChunk(offset);
      const skip = events.findIndex((event) => event.offset >= offset);
      if (skip === -1) continue;
      this.#held = events;
      return takeWithin(events, skip, limits);
    }
  }

  /** Forgets decoded events, so that a reader near the head holds no memory here. */
  forget(): void {
    this.#held = [];
    this.#place = undefined;
  }

  async #readChunk(offset: number): Promise<readonly StoredEvent[]> {
    const place = this.#locate(offset);
    const { segment } = place;
    const file = this.disk.fileName(segment.firstOffset);
    // Fixed before reading: what is written meanwhile may not be durable yet.
    const end = segment.bytes;
    let length = Math.min(CHUNK_BYTES, end - place.position);
    for (;;) {
      const chunk = await this.disk.read(segment.firstOffset, place.position, length);
      const events: StoredEvent[] = [];
      let position = 0;
      for (;;) {
        const reading = readRecord(chunk, position);
        if (reading.kind === 'short') {
          if (events.length > 0) break;
          if (place.position + reading.needed > end || chunk.length < length) {
            throw corrupt(file, place.position, 'a segment ends in the middle of a record');
          }
          length = reading.needed;
          break;
        }
        const expected = place.offset + events.length;
        if (reading.kind === 'damaged' || reading.firstOffset !== expected) {
          throw corrupt(file, place.position + position, `the record with event ${expected} is not readable`);
        }
        for (const event of decodeRecord(chunk, position)) events.push(event);
        position = reading.end;
        if (position === chunk.length) break;
      }
      if (events.length === 0) continue;
      this.#place = { segment, position: place.position + position, offset: place.offset + events.length };
      segment.note(place.offset, place.position, events[0]?.recordedAt ?? segment.createdAt);
      return events;
    }
  }

  #locate(offset: number): { readonly segment: Segment; readonly position: number; readonly offset: number } {
    const segment = segmentOf(this.segments(), offset);
    if (segment === undefined) throw new RangeError(`Event ${offset} is not held any more.`);
    const place = this.#place;
    const known = place?.segment === segment && place.offset <= offset ? place : { segment, ...segment.before(offset) };
    if (known.position >= segment.bytes) {
      throw corrupt(this.disk.fileName(segment.firstOffset), segment.bytes, `a segment ends before event ${offset}`);
    }
    return known;
  }
}
