import type { Clock } from '../common/clock.port.js';
import type { JournalDisk, SegmentWriter } from './journal-disk.port.js';
import { encodeSegmentHeader, SEGMENT_HEADER_BYTES } from './record-codec.js';
import { Segment } from './segment.js';

/**
 * The segments of one journal on its disk, oldest first; there is always a newest one, the only one that grows. `append`
 * and `roll` go one at a time; `delete` may run beside them. A call that rejects has changed nothing that counts: it may be
 * made again with the same argument.
 */
export class SegmentFiles {
  #bytes: number;
  #writer: SegmentWriter;

  constructor(
    private readonly disk: JournalDisk,
    private readonly clock: Clock,
    private readonly journalId: string,
    readonly all: Segment[],
    writer: SegmentWriter,
  ) {
    this.#writer = writer;
    this.#bytes = all.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** Durable bytes of all segments. */
  get bytes(): number {
    return this.#bytes;
  }

  get oldest(): Segment {
    return this.#at(0);
  }

  get newest(): Segment {
    return this.#at(this.all.length - 1);
  }

  /** Bytes of the segments that hold an event after `offset`. */
  bytesAfter(offset: number): number {
    let held = 0;
    for (const segment of this.all) if (segment.lastOffset > offset) held += segment.bytes;
    return held;
  }

  /** Writes a commit group at the end of the newest segment and flushes it; only then the segment has grown. */
  async append(group: Uint8Array): Promise<void> {
    await this.#writer.append(group);
    this.newest.bytes += group.length;
    this.#bytes += group.length;
  }

  /** Begins a new segment with the event `firstOffset`; the one before is complete. */
  async roll(firstOffset: number): Promise<void> {
    const segment = new Segment(firstOffset, this.clock.now(), {
      bytes: SEGMENT_HEADER_BYTES,
      headerBytes: SEGMENT_HEADER_BYTES,
    });
    const next = await this.disk.createSegment(firstOffset, encodeSegmentHeader(segment, this.journalId));
    const before = this.#writer;
    this.#writer = next;
    this.all.push(segment);
    this.#bytes += segment.bytes;
    // All it holds was flushed: a file that does not close loses nothing, and the new segment counts already.
    await before.close().catch(() => undefined);
  }

  /** Deletes the given segment if it is still the oldest one: upkeep and writing may both want to. */
  async delete(segment: Segment): Promise<void> {
    if (this.all[0] !== segment) return;
    this.all.shift();
    this.#bytes -= segment.bytes;
    await this.disk.deleteSegment(segment.firstOffset);
  }

  close(): Promise<void> {
    return this.#writer.close();
  }

  #at(index: number): Segment {
    const segment = this.all[index];
    if (segment === undefined) throw new RangeError('A journal always has a newest segment.');
    return segment;
  }
}
