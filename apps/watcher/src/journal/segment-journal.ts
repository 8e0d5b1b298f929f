import type { Clock, TimerHandle } from '../common/clock.port.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import { CursorTable } from './cursor-table.js';
import { type EventLog, type EventSource, LogReader, LogTail, Waiters } from './event-log.js';
import type { JournalDisk, SegmentWriter } from './journal-disk.port.js';
import type { RecoveredJournal } from './journal-recovery.js';
import { JournalError } from './journal.errors.js';
import type { Journal, JournalReader, JournalStats, JournalTail, StoredEvent } from './journal.port.js';
import { RecentEvents } from './recent-events.js';
import { encodeRecord, encodeSegmentHeader, recordSizeBound, SEGMENT_HEADER_BYTES } from './record-codec.js';
import { SegmentSource } from './segment-source.js';
import { Segment, segmentOf } from './segment.js';

export interface SegmentJournalLimits {
  /** Cap on the bytes on disk. */
  readonly maxBytes: number;
  /** Events older than this are deleted once every named reader has passed them. */
  readonly maxAgeMs: number;
  readonly segmentBytes: number;
  /** Newest events kept in memory for readers near the head. */
  readonly memoryBytes: number;
}

interface Waiting {
  readonly events: readonly FinishedEvent[];
  readonly bound: number;
  resolve(): void;
  reject(error: JournalError): void;
}

/** One write and flush takes at most so much, so that the wait for one group stays short. */
const GROUP_BYTES = 4 * 1024 * 1024;
/** Above this backlog of unwritten bytes the disk cannot keep up: appenders are told to hold back. */
const QUEUE_BYTES = 16 * 1024 * 1024;
/** Cursors are durable and old segments gone within this time. */
const UPKEEP_MS = 1_000;
/** A segment is closed after this share of the maximum age (and not sooner than upkeep can delete it), so that deletion by age follows in steps. */
const AGE_STEPS = 8;

/** The journal on segment files: group commit, readers with durable cursors, deletion, size cap. */
export class SegmentJournal implements Journal, EventLog {
  readonly id: string;
  readonly #segments: Segment[];
  readonly #cursors: CursorTable;
  readonly #openReaders = new Set<string>();
  readonly #recent: RecentEvents;
  readonly #listeners = new Set<(full: boolean) => void>();
  readonly #readable = new Waiters();
  readonly #space = new Waiters();
  readonly #groupBytes: number;
  #writer: SegmentWriter;
  #lastOffset: number;
  #bytes: number;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #writing: Promise<void> | undefined;
  #scratch = Buffer.allocUnsafe(64 * 1024);
  #full = false;
  #failure: JournalError | undefined;
  #closing: Promise<void> | undefined;
  #upkeep: Promise<void> = Promise.resolve();
  #upkeepTimer: TimerHandle | undefined;

  /** `readers`: names that hold segments from now on, whether opened yet or not; other stored cursors are forgotten. */
  constructor(
    private readonly disk: JournalDisk,
    recovered: RecoveredJournal,
    readers: readonly string[] | undefined,
    private readonly limits: SegmentJournalLimits,
    private readonly clock: Clock,
  ) {
    this.id = recovered.id;
    this.#segments = recovered.segments;
    this.#writer = recovered.writer;
    this.#lastOffset = recovered.lastOffset;
    this.#bytes = recovered.segments.reduce((sum, segment) => sum + segment.bytes, 0);
    this.#recent = new RecentEvents(limits.memoryBytes);
    this.#cursors = new CursorTable(disk, recovered, readers, this.firstOffset);
    this.#groupBytes = Math.min(GROUP_BYTES, limits.segmentBytes);
    this.#scheduleUpkeep();
  }

  get closed(): boolean {
    return this.#closing !== undefined;
  }

  get lastOffset(): number {
    return this.#lastOffset;
  }

  get firstOffset(): number {
    return this.#segments[0]?.firstOffset ?? this.#lastOffset + 1;
  }

  append(events: readonly FinishedEvent[]): Promise<void> {
    if (this.closed) return Promise.reject(closedError());
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (events.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const bound = recordSizeBound(events);
      this.#queue.push({ events, bound, resolve, reject });
      this.#queuedBytes += bound;
      if (this.#queuedBytes > QUEUE_BYTES) this.#setFull(true);
      // At once when idle; the appends of the same tick still join the first group.
      this.#writing ??= Promise.resolve().then(() => this.#drain());
    });
  }

  async reader(name: string): Promise<JournalReader> {
    if (this.closed) throw closedError();
    if (this.#openReaders.has(name)) {
      throw new JournalError('WATCHER_JOURNAL_READER_BUSY', `The reader ${name} is open already.`, {
        context: { reader: name },
      });
    }
    this.#openReaders.add(name);
    if (!this.#cursors.has(name)) this.setCommitted(name, this.firstOffset - 1);
    return new LogReader(this, name);
  }

  tail(afterOffset: number): JournalTail {
    return new LogTail(this, afterOffset);
  }

  stats(): JournalStats {
    const passed = this.#passed();
    return {
      bytes: this.#bytes,
      heldBytes: this.#heldBytes(passed),
      maxBytes: this.limits.maxBytes,
      pendingEvents: this.#lastOffset - passed,
      lastOffset: this.#lastOffset,
      firstOffset: this.firstOffset,
      oldestPendingAt: this.#recordedAt(passed + 1),
      full: this.#full,
    };
  }

  onPressure(listener: (full: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  source(): EventSource {
    const disk = new SegmentSource(this.disk, () => this.#segments);
    return {
      fetch: async (offset, limits) => {
        if (offset < this.#recent.firstOffset) return disk.fetch(offset, limits);
        disk.forget();
        return this.#recent.from(offset, limits);
      },
    };
  }

  async available(offset: number, signal?: AbortSignal): Promise<void> {
    while (!this.closed && offset > this.#lastOffset && signal?.aborted !== true) await this.#readable.wait(signal);
  }

  committed(reader: string): number {
    return this.#cursors.committed(reader);
  }

  setCommitted(reader: string, offset: number): void {
    this.#cursors.commit(reader, offset);
    this.#space.wake();
  }

  bookmark(name: string): number {
    return this.#cursors.bookmark(name);
  }

  setBookmark(name: string, offset: number): void {
    this.#cursors.setBookmark(name, Math.min(offset, this.#lastOffset));
  }

  released(reader: string): void {
    this.#openReaders.delete(reader);
  }

  /** Writes group after group until nothing waits. */
  async #drain(): Promise<void> {
    let group: readonly Waiting[] | undefined = [];
    try {
      while (this.#queue.length > 0) {
        group = await this.#nextGroup();
        if (group === undefined) break;
        await this.#write(group);
      }
    } catch (error) {
      const failure = this.#fail(error);
      for (const waiting of group ?? []) waiting.reject(failure);
    } finally {
      this.#writing = undefined;
    }
    const error = this.#failure ?? (this.closed ? closedError() : undefined);
    if (error !== undefined) for (const waiting of this.#takeQueue()) waiting.reject(error);
  }

  /** Waits until the head of the queue fits below the cap; undefined when the journal closed meanwhile. */
  async #nextGroup(): Promise<readonly Waiting[] | undefined> {
    for (;;) {
      const group: Waiting[] = [];
      let bound = 0;
      for (const waiting of this.#queue) {
        if (group.length > 0 && bound + waiting.bound > this.#groupBytes) break;
        group.push(waiting);
        bound += waiting.bound;
      }
      if (await this.#makeRoom(bound)) {
        this.#queue = this.#queue.slice(group.length);
        this.#queuedBytes -= bound;
        if (this.#queuedBytes <= QUEUE_BYTES / 2) this.#setFull(false);
        return group;
      }
      if (this.closed || this.#failure !== undefined) return undefined;
      this.#setFull(true);
      await this.#space.wait();
    }
  }

  async #write(group: readonly Waiting[]): Promise<void> {
    let segment = this.#newest();
    if (
      !segment.empty &&
      (segment.bytes >= this.limits.segmentBytes ||
        this.clock.now() - segment.createdAt >= Math.max(UPKEEP_MS, this.limits.maxAgeMs / AGE_STEPS))
    ) {
      segment = await this.#roll();
    }
    const bound = group.reduce((sum, waiting) => sum + waiting.bound, 0);
    if (this.#scratch.length < bound) this.#scratch = Buffer.allocUnsafe(bound);
    const groupStart = segment.bytes;
    const starts: number[] = [];
    let next = this.#lastOffset + 1;
    let end = 0;
    for (const { events } of group) {
      starts.push(end);
      end = encodeRecord(this.#scratch, end, events, { firstOffset: next, groupStart });
      next += events.length;
    }
    await this.#writer.append(this.#scratch.subarray(0, end));
    // An unusual burst must not hold its memory for ever.
    if (this.#scratch.length > GROUP_BYTES) this.#scratch = Buffer.allocUnsafe(64 * 1024);

    for (const [index, { events }] of group.entries()) {
      segment.note(this.#lastOffset + 1, groupStart + (starts[index] ?? 0), events[0]?.recordedAt ?? segment.createdAt);
      for (const event of events) {
        this.#lastOffset += 1;
        this.#recent.add({ ...event, offset: this.#lastOffset } satisfies StoredEvent);
      }
    }
    segment.bytes += end;
    segment.lastOffset = this.#lastOffset;
    segment.lastAt = this.clock.now();
    this.#bytes += end;
    this.#cursors.touch();
    this.#readable.wake();
    for (const waiting of group) waiting.resolve();
  }

  /** Deletes passed segments, oldest first, until `size` more bytes fit. */
  async #makeRoom(size: number): Promise<boolean> {
    while (this.#bytes + size > this.limits.maxBytes) {
      const oldest = this.#segments[0];
      // A record above the cap still goes into an empty journal: waiting would help nobody.
      if (oldest === undefined || (this.#segments.length === 1 && oldest.empty)) return true;
      if (oldest.lastOffset > this.#passed()) return false;
      if (this.#segments.length === 1) await this.#roll();
      await this.#delete(oldest);
    }
    return true;
  }

  async #roll(): Promise<Segment> {
    await this.#writer.close();
    const segment = new Segment(this.#lastOffset + 1, this.clock.now(), {
      bytes: SEGMENT_HEADER_BYTES,
      headerBytes: SEGMENT_HEADER_BYTES,
    });
    this.#writer = await this.disk.createSegment(segment.firstOffset, encodeSegmentHeader(segment, this.id));
    this.#segments.push(segment);
    this.#bytes += segment.bytes;
    return segment;
  }

  /** Deletes the given segment if it is still the oldest one: upkeep and writing may both want to. */
  async #delete(segment: Segment): Promise<void> {
    if (this.#segments[0] !== segment) return;
    this.#segments.shift();
    this.#bytes -= segment.bytes;
    await this.disk.deleteSegment(segment.firstOffset);
  }

  #newest(): Segment {
    const newest = this.#segments[this.#segments.length - 1];
    if (newest === undefined) throw new RangeError('A journal always has a newest segment.');
    return newest;
  }

  /** Offset that every named reader has passed. */
  #passed(): number {
    return this.#cursors.passed(this.#lastOffset);
  }

  #heldBytes(passed: number): number {
    let held = 0;
    for (const segment of this.#segments) if (segment.lastOffset > passed) held += segment.bytes;
    return held;
  }

  #recordedAt(offset: number): number | undefined {
    if (offset > this.#lastOffset) return undefined;
    return this.#recent.at(offset)?.recordedAt ?? segmentOf(this.#segments, offset)?.before(offset).at;
  }

  #setFull(full: boolean): void {
    if (this.#full === full) return;
    this.#full = full;
    for (const listener of this.#listeners) listener(full);
  }

  /** Final. What waits for space has nothing to wait for any more. */
  #fail(cause: unknown): JournalError {
    const system = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
    this.#failure ??= new JournalError(
      'WATCHER_JOURNAL_WRITE_FAILED',
      'The journal cannot write to its disk; check free space, permissions and the device, then start again.',
      { cause, context: { system } },
    );
    this.#space.wake();
    return this.#failure;
  }

  #takeQueue(): readonly Waiting[] {
    const waiting = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    return waiting;
  }

  #scheduleUpkeep(): void {
    this.#upkeepTimer = this.clock.setTimeout(() => {
      this.#upkeep = this.#runUpkeep().then(() => {
        if (!this.closed) this.#scheduleUpkeep();
      });
    }, UPKEEP_MS);
  }

  /** Writes the cursors when they moved, deletes what is old and passed. */
  async #runUpkeep(): Promise<void> {
    try {
      await this.#cursors.write(this.#lastOffset);
      const passed = this.#passed();
      const oldestKept = this.clock.now() - this.limits.maxAgeMs;
      for (;;) {
        const oldest = this.#segments[0];
        if (
          oldest === undefined ||
          this.#segments.length === 1 ||
          oldest.lastOffset > passed ||
          oldest.lastAt >= oldestKept
        )
          break;
        await this.#delete(oldest);
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  async #close(): Promise<void> {
    this.#upkeepTimer?.cancel();
    // What waits for space cannot be written any more; what is being written is finished.
    this.#space.wake();
    await this.#writing;
    this.#readable.wake();
    await this.#upkeep;
    try {
      if (this.#failure === undefined) await this.#cursors.write(this.#lastOffset);
      await this.#writer.close();
    } finally {
      await this.disk.release();
    }
  }
}

function closedError(): JournalError {
  return new JournalError('WATCHER_JOURNAL_CLOSED', 'The journal is closed.');
}
