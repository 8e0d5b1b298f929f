import { randomUUID } from 'node:crypto';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import { type EventLog, type EventSource, LogReader, LogTail, takeWithin, Waiters } from './event-log.js';
import { JournalError } from './journal.errors.js';
import type {
  Journal,
  JournalReader,
  JournalStats,
  JournalTail,
  PressureListener,
  StoredEvent,
} from './journal.port.js';

export interface MemoryJournalOptions {
  readonly id?: string;
  /** Cap on the bytes of held values; default 64 MiB. */
  readonly maxBytes?: number;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** A journal without a disk, for tests: same contract, gone with the process. Drops what all named readers have passed. */
export class MemoryJournal implements Journal, EventLog {
  readonly id: string;
  readonly #maxBytes: number;
  readonly #cursors = new Map<string, number>();
  readonly #bookmarks = new Map<string, number>();
  readonly #open = new Set<string>();
  readonly #listeners = new Set<PressureListener>();
  readonly #waiters = new Waiters();
  readonly #room = new Waiters();
  #events: StoredEvent[] = [];
  #bytes = 0;
  #last = 0;
  #closed = false;
  #full = false;
  #failure: unknown;
  #chain: Promise<void> = Promise.resolve();

  constructor(options: MemoryJournalOptions = {}) {
    this.id = options.id ?? randomUUID();
    this.#maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  }

  /** Everything still held, oldest first. For assertions. */
  get events(): readonly StoredEvent[] {
    return this.#events;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get lastOffset(): number {
    return this.#last;
  }

  get firstOffset(): number {
    return this.#events[0]?.offset ?? this.#last + 1;
  }

  /** From now on every append fails with WATCHER_JOURNAL_WRITE_FAILED. */
  failWrites(cause: unknown): void {
    this.#failure = cause;
    this.#room.wake();
  }

  append(events: readonly FinishedEvent[]): Promise<void> {
    const turn = this.#chain.then(() => this.#append(events));
    this.#chain = turn.catch(() => undefined);
    return turn;
  }

  async #append(events: readonly FinishedEvent[]): Promise<void> {
    const size = events.reduce((sum, event) => sum + event.value.length, 0);
    for (;;) {
      if (this.#closed) throw new JournalError('WATCHER_JOURNAL_CLOSED', 'The journal is closed.');
      if (this.#failure !== undefined) {
        throw new JournalError('WATCHER_JOURNAL_WRITE_FAILED', 'The journal cannot write.', { cause: this.#failure });
      }
      if (this.#makeRoom(size)) break;
      this.#setFull(true);
      await this.#room.wait();
    }
    this.#setFull(false);
    for (const event of events) {
      this.#last += 1;
      this.#events.push({ ...event, offset: this.#last });
    }
    this.#bytes += size;
    this.#waiters.wake();
  }

  async reader(name: string): Promise<JournalReader> {
    if (this.#closed) throw new JournalError('WATCHER_JOURNAL_CLOSED', 'The journal is closed.');
    if (this.#open.has(name))
      throw new JournalError('WATCHER_JOURNAL_READER_BUSY', `The reader ${name} is open already.`);
    this.#open.add(name);
    if (!this.#cursors.has(name)) this.#cursors.set(name, this.firstOffset - 1);
    return new LogReader(this, name);
  }

  tail(afterOffset: number): JournalTail {
    return new LogTail(this, afterOffset);
  }

  bookmark(name: string): number {
    return this.#bookmarks.get(name) ?? 0;
  }

  setBookmark(name: string, offset: number): void {
    this.#bookmarks.set(name, Math.min(offset, this.#last));
  }

  stats(): JournalStats {
    const passed = this.#passed();
    const pending = this.#events.filter((event) => event.offset > passed);
    return {
      bytes: this.#bytes,
      heldBytes: pending.reduce((sum, event) => sum + event.value.length, 0),
      maxBytes: this.#maxBytes,
      pendingEvents: pending.length,
      lastOffset: this.#last,
      firstOffset: this.firstOffset,
      oldestPendingAt: pending[0]?.recordedAt,
      full: this.#full,
      ...(this.#full ? { pressure: 'size' } : {}),
      diskFull: false,
    };
  }

  onPressure(listener: PressureListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#room.wake();
    this.#waiters.wake();
    await this.#chain;
  }

  source(): EventSource {
    return {
      fetch: async (offset, limits) => {
        const first = this.firstOffset;
        return offset < first ? [] : takeWithin(this.#events, offset - first, limits);
      },
      close: () => undefined,
    };
  }

  async available(offset: number, signal?: AbortSignal): Promise<void> {
    while (!this.#closed && offset > this.#last && signal?.aborted !== true) await this.#waiters.wait(signal);
  }

  committed(reader: string): number {
    return this.#cursors.get(reader) ?? 0;
  }

  setCommitted(reader: string, offset: number): void {
    this.#cursors.set(reader, offset);
    this.#room.wake();
  }

  released(reader: string): void {
    this.#open.delete(reader);
  }

  /** Offset that every named reader has passed; without readers nothing is pending. */
  #passed(): number {
    return this.#cursors.size === 0 ? this.#last : Math.min(...this.#cursors.values());
  }

  #makeRoom(size: number): boolean {
    const passed = this.#passed();
    while (this.#bytes + size > this.#maxBytes) {
      const oldest = this.#events[0];
      // A record above the cap still goes into an empty journal.
      if (oldest === undefined) return true;
      if (oldest.offset > passed) return false;
      this.#events.shift();
      this.#bytes -= oldest.value.length;
    }
    return true;
  }

  #setFull(full: boolean): void {
    if (this.#full === full) return;
    this.#full = full;
    for (const listener of this.#listeners) listener(full, full ? 'size' : undefined);
  }
}
