import type { Clock, TimerHandle } from '../common/clock.port.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import { CursorTable } from './cursor-table.js';
import { DISK_FULL_HINT, isDiskFull } from './disk-full.js';
import { type EventLog, type EventSource, LogReader, LogTail, Waiters } from './event-log.js';
import type { JournalDisk } from './journal-disk.port.js';
import type { RecoveredJournal } from './journal-recovery.js';
import { JournalError } from './journal.errors.js';
import type {
  Journal,
  JournalPressure,
  JournalReader,
  JournalStats,
  JournalTail,
  PressureListener,
  StoredEvent,
} from './journal.port.js';
import { RecentEvents, storedEvent } from './recent-events.js';
import { encodeRecord, recordSizeBound, SEGMENT_HEADER_BYTES } from './record-codec.js';
import { SegmentFiles } from './segment-files.js';
import { SegmentSource } from './segment-source.js';
import { segmentOf } from './segment.js';

export interface SegmentJournalLimits {
  /** Cap on the bytes on disk. Only a single record above it goes beyond, into a journal that is otherwise empty. */
  readonly maxBytes: number;
  /** Events older than this are deleted once every named reader has passed them. */
  readonly maxAgeMs: number;
  readonly segmentBytes: number;
  /** Of the newest events, kept in memory until the readers near the head have read them, at most. */
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
/**
 * Cursors are written sooner when a crash would repeat so many events more than have come since: a backlog passes tens of
 * thousands in a second. Not for what has just come, however much: each write costs a flush of its own, and those of events wait.
 */
const REPEATED_EVENTS = 4_000;
/** A segment is closed after this share of the maximum age (and not sooner than upkeep can delete it), so that deletion by age follows in steps. */
const AGE_STEPS = 8;
/** Pauses between attempts to write to a full disk: doubled each time. One disk has one writer, so chance would spread nothing. */
const DISK_RETRY_MS = 100;
const DISK_RETRY_CAP_MS = 2_000;

/**
 * The journal on segment files: group commit, readers with durable cursors, deletion, size cap. A full disk is a full
 * journal: what readers have passed is deleted, then appends wait and the same bytes are written again until they fit.
 */
export class SegmentJournal implements Journal, EventLog {
  readonly id: string;
  readonly #files: SegmentFiles;
  readonly #cursors: CursorTable;
  readonly #openReaders = new Set<string>();
  readonly #recent: RecentEvents;
  readonly #listeners = new Set<PressureListener>();
  readonly #readable = new Waiters();
  readonly #space = new Waiters();
  readonly #groupBytes: number;
  #lastOffset: number;
  #queue: Waiting[] = [];
  #queuedBytes = 0;
  #writing: Promise<void> | undefined;
  #scratch = Buffer.allocUnsafe(64 * 1024);
  #pressure: JournalPressure | undefined;
  #failure: JournalError | undefined;
  #closing: Promise<void> | undefined;
  #upkeep: Promise<void> = Promise.resolve();
  #upkeepRuns = false;
  #upkeepWanted = false;
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
    this.#files = new SegmentFiles(disk, clock, recovered.id, recovered.segments, recovered.writer);
    this.#lastOffset = recovered.lastOffset;
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
    return this.#files.oldest.firstOffset;
  }

  append(events: readonly FinishedEvent[]): Promise<void> {
    if (this.closed) return Promise.reject(closedError());
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (events.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const bound = recordSizeBound(events);
      this.#queue.push({ events, bound, resolve, reject });
      this.#queuedBytes += bound;
      if (this.#queuedBytes > QUEUE_BYTES) this.#press('backlog');
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

  bookmark(name: string): number {
    return this.#cursors.bookmark(name);
  }

  setBookmark(name: string, offset: number): void {
    this.#cursors.setBookmark(name, Math.min(offset, this.#lastOffset));
  }

  stats(): JournalStats {
    const passed = this.#passed();
    return {
      bytes: this.#files.bytes,
      heldBytes: this.#files.bytesAfter(passed),
      maxBytes: this.limits.maxBytes,
      pendingEvents: this.#lastOffset - passed,
      lastOffset: this.#lastOffset,
      firstOffset: this.firstOffset,
      oldestPendingAt: this.#recordedAt(passed + 1),
      full: this.#pressure !== undefined,
      ...(this.#pressure === undefined ? {} : { pressure: this.#pressure }),
      diskFull: this.#pressure === 'disk' || this.#cursors.refused,
    };
  }

  onPressure(listener: PressureListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  source(next: number): EventSource {
    const disk = new SegmentSource(this.disk, () => this.#files.all);
    const follower = this.#recent.follow(next);
    return {
      fetch: async (offset, limits) => {
        // From here on, what comes meanwhile is kept for it.
        follower.next = offset;
        let events: readonly StoredEvent[];
        if (offset < this.#recent.firstOffset) {
          events = await disk.fetch(offset, limits);
        } else {
          disk.forget();
          events = this.#recent.from(offset, limits);
        }
        follower.next = offset + events.length;
        return events;
      },
      close: () => this.#recent.unfollow(follower),
    };
  }

  async available(offset: number, signal?: AbortSignal): Promise<void> {
    while (!this.closed && offset > this.#lastOffset && signal?.aborted !== true) await this.#readable.wait(signal);
  }

  committed(reader: string): number {
    return this.#cursors.committed(reader);
  }

  setCommitted(reader: string, offset: number): void {
    const repeated = this.#cursors.commit(reader, offset, this.#lastOffset);
    this.#space.wake();
    // On a full disk the regular attempts are enough.
    if (repeated >= REPEATED_EVENTS && !this.#cursors.refused) this.#beginUpkeep();
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
        if (group === undefined || !(await this.#write(group))) break;
        group = undefined;
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#writing = undefined;
    }
    const error = this.#failure ?? (this.closed ? closedError() : undefined);
    if (error !== undefined) for (const waiting of [...(group ?? []), ...this.#takeQueue()]) waiting.reject(error);
  }

  /** Waits until the head of the queue fits below the cap; undefined when the journal closed or failed meanwhile. */
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
        return group;
      }
      if (this.closed || this.#failure !== undefined) return undefined;
      this.#press('size');
      await this.#space.wait();
    }
  }

  /** False when the journal closed before the disk had space: then nobody saw the group, and it counts as not written. */
  async #write(group: readonly Waiting[]): Promise<boolean> {
    const { newest: written } = this.#files;
    const age = this.clock.now() - written.createdAt;
    const complete =
      written.bytes >= this.limits.segmentBytes || age >= Math.max(UPKEEP_MS, this.limits.maxAgeMs / AGE_STEPS);
    if (!written.empty && complete && !(await this.#untilSpace(() => this.#roll()))) return false;
    const bound = group.reduce((sum, waiting) => sum + waiting.bound, 0);
    if (this.#scratch.length < bound) this.#scratch = Buffer.allocUnsafe(bound);
    const segment = this.#files.newest;
    const groupStart = segment.bytes;
    const starts: number[] = [];
    let next = this.#lastOffset + 1;
    let end = 0;
    for (const { events } of group) {
      starts.push(end);
      end = encodeRecord(this.#scratch, end, events, { firstOffset: next, groupStart });
      next += events.length;
    }
    if (!(await this.#untilSpace(() => this.#files.append(this.#scratch.subarray(0, end))))) return false;
    // An unusual burst must not hold its memory for ever.
    if (this.#scratch.length > GROUP_BYTES) this.#scratch = Buffer.allocUnsafe(64 * 1024);

    for (const [index, { events }] of group.entries()) {
      segment.note(this.#lastOffset + 1, groupStart + (starts[index] ?? 0), events[0]?.recordedAt ?? segment.createdAt);
      for (const event of events) {
        this.#lastOffset += 1;
        this.#recent.add(storedEvent(event, this.#lastOffset));
      }
    }
    this.#recent.release();
    segment.lastOffset = this.#lastOffset;
    segment.lastAt = this.clock.now();
    this.#cursors.touch();
    if (this.#queuedBytes <= QUEUE_BYTES / 2) this.#press(undefined);
    this.#readable.wake();
    for (const waiting of group) waiting.resolve();
    return true;
  }

  /**
   * Does `step` once it finds space: on a full disk deletes what is passed, else says that the disk is full and tries again,
   * after each commit and after a pause. False when the journal closed and the last attempt found no space either.
   */
  async #untilSpace(step: () => Promise<void>): Promise<boolean> {
    let pauseMs = DISK_RETRY_MS;
    for (;;) {
      try {
        await step();
        return true;
      } catch (error) {
        if (!isDiskFull(error)) throw error;
      }
      if (await this.#deletePassed()) continue;
      if (this.closed) return false;
      this.#press('disk');
      const over = new AbortController();
      const timer = this.clock.setTimeout(() => over.abort(), pauseMs);
      await this.#space.wait(over.signal);
      timer.cancel();
      pauseMs = Math.min(pauseMs * 2, DISK_RETRY_CAP_MS);
    }
  }

  /** Deletes passed segments, oldest first, until `size` more bytes fit, and the header of a new segment with them. */
  async #makeRoom(size: number): Promise<boolean> {
    while (this.#files.bytes + size + SEGMENT_HEADER_BYTES > this.limits.maxBytes) {
      const { oldest, newest } = this.#files;
      // A record above the cap still goes into an empty journal: waiting would help nobody.
      if (oldest === newest && oldest.empty) return true;
      if (oldest.lastOffset > this.#passed()) return false;
      if (oldest === newest && !(await this.#untilSpace(() => this.#roll()))) return false;
      await this.#files.delete(oldest);
    }
    return true;
  }

  #roll(): Promise<void> {
    return this.#files.roll(this.#lastOffset + 1);
  }

  /** Deletes the oldest segment if it is complete and every named reader has passed it. */
  async #deletePassed(): Promise<boolean> {
    const { oldest, newest } = this.#files;
    if (oldest === newest || oldest.lastOffset > this.#passed()) return false;
    await this.#files.delete(oldest);
    return true;
  }

  /** Offset that every named reader has passed. */
  #passed(): number {
    return this.#cursors.passed(this.#lastOffset);
  }

  #recordedAt(offset: number): number | undefined {
    if (offset > this.#lastOffset) return undefined;
    return this.#recent.at(offset)?.recordedAt ?? segmentOf(this.#files.all, offset)?.before(offset).at;
  }

  /** Says why appends wait, undefined when they go on. */
  #press(pressure: JournalPressure | undefined): void {
    // A backlog is what every other reason leads to.
    if (this.#pressure === pressure || (pressure === 'backlog' && this.#pressure !== undefined)) return;
    this.#pressure = pressure;
    for (const listener of this.#listeners) listener(pressure !== undefined, pressure);
  }

  /** Final. What waits for space has nothing to wait for any more. */
  #fail(cause: unknown): JournalError {
    const system = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
    this.#failure ??= new JournalError(
      'WATCHER_JOURNAL_WRITE_FAILED',
      'The journal cannot write to its disk; check the device and the permissions, then start again.',
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
    this.#upkeepTimer = this.clock.setTimeout(() => this.#beginUpkeep(), UPKEEP_MS);
  }

  /** One at a time; asked for meanwhile, it follows at once. */
  #beginUpkeep(): void {
    if (this.closed || this.#failure !== undefined) return;
    this.#upkeepWanted = true;
    if (this.#upkeepRuns) return;
    this.#upkeepTimer?.cancel();
    this.#upkeepRuns = true;
    this.#upkeep = this.#repeatUpkeep();
  }

  async #repeatUpkeep(): Promise<void> {
    while (this.#upkeepWanted) {
      this.#upkeepWanted = false;
      await this.#runUpkeep();
    }
    this.#upkeepRuns = false;
    if (!this.closed) this.#scheduleUpkeep();
  }

  /** Writes the cursors when they moved, deletes what is old and passed. */
  async #runUpkeep(): Promise<void> {
    try {
      if (!(await this.#cursors.write(this.#lastOffset))) await this.#deletePassed();
      const oldestKept = this.clock.now() - this.limits.maxAgeMs;
      // By age only what no bookmark needs: it would be missed at the next start. For want of space it goes all the same.
      const unmarked = (): boolean => this.#files.oldest.lastOffset <= this.#cursors.bookmarked(this.#lastOffset);
      while (this.#files.oldest.lastAt < oldestKept && unmarked() && (await this.#deletePassed()));
    } catch (error) {
      this.#fail(error);
    }
  }

  async #close(): Promise<void> {
    this.#upkeepTimer?.cancel();
    // What waits for space has one more try; what is being written is finished.
    this.#space.wake();
    await this.#writing;
    this.#readable.wake();
    await this.#upkeep;
    let stored = true;
    try {
      if (this.#failure === undefined) stored = await this.#cursors.write(this.#lastOffset);
    } finally {
      await this.#files.close().finally(() => this.disk.release());
    }
    if (!stored) {
      throw new JournalError(
        'WATCHER_JOURNAL_DISK_FULL',
        `The disk was too full to store how far the readers came: the next start repeats events (${DISK_FULL_HINT}).`,
      );
    }
  }
}

function closedError(): JournalError {
  return new JournalError('WATCHER_JOURNAL_CLOSED', 'The journal is closed.');
}
