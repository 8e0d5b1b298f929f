import { JournalError } from '../journal/journal.errors.js';
import type { Journal, JournalTail } from '../journal/journal.port.js';
import { decodeTailCursor, encodeTailCursor } from './tail-cursor.js';
import type { TailBatch, TailLog, TailReader } from './tail-log.port.js';
import type { ResetReason } from './tail-message.js';

const READ_LIMITS = { maxEvents: 1_000, maxBytes: 1024 * 1024 };

/** The tail of this replica's own journal: each event has its place. */
export class JournalTailLog implements TailLog {
  constructor(private readonly journal: Journal) {}

  cursorAt(offset: number): string {
    return encodeTailCursor({ journalId: this.journal.id, offset });
  }

  readerAtEnd(): TailReader {
    return new JournalTailReader(this.journal, this.journal.stats().lastOffset);
  }

  readerFrom(text: string): TailReader {
    const { lastOffset, firstOffset } = this.journal.stats();
    const cursor = decodeTailCursor(text);
    const reader = (after: number, reset?: ResetReason): TailReader =>
      new JournalTailReader(this.journal, after, reset);
    if (cursor === undefined) return reader(lastOffset, 'invalid');
    if (cursor.journalId !== this.journal.id) return reader(lastOffset, 'otherJournal');
    if (cursor.offset > lastOffset) return reader(lastOffset, 'invalid');
    if (cursor.offset < firstOffset - 1) return reader(firstOffset - 1, 'tooOld');
    return reader(cursor.offset);
  }

  problem(): undefined {
    return undefined;
  }

  /** The journal is closed by whoever opened it, and ends its tails. */
  close(): void {
    return undefined;
  }
}

class JournalTailReader implements TailReader {
  #tail: JournalTail | undefined;
  #after: number;
  /** What has to be told before anything else. */
  #reset: ResetReason | undefined;

  constructor(
    private readonly journal: Journal,
    after: number,
    reset?: ResetReason,
  ) {
    this.#after = after;
    this.#reset = reset;
  }

  get cursor(): string {
    return encodeTailCursor({ journalId: this.journal.id, offset: this.#after });
  }

  get position(): number | undefined {
    return this.#reset === undefined ? this.#after : undefined;
  }

  async read(signal: AbortSignal): Promise<TailBatch | undefined> {
    if (this.#reset !== undefined) return this.#tellReset(this.#reset);
    try {
      this.#tail ??= this.journal.tail(this.#after);
      const events = await this.#tail.read(READ_LIMITS, signal);
      const last = events[events.length - 1];
      if (last === undefined) return undefined;
      this.#after = last.offset;
      return { events, cursor: this.cursor };
    } catch (error) {
      this.close();
      if (!(error instanceof JournalError) || error.code !== 'WATCHER_JOURNAL_OFFSET_TOO_OLD') throw error;
      this.#after = this.journal.stats().firstOffset - 1;
      return this.#tellReset('tooOld');
    }
  }

  close(): void {
    this.#tail?.close();
    this.#tail = undefined;
  }

  #tellReset(reset: ResetReason): TailBatch {
    this.#reset = undefined;
    return { events: [], cursor: this.cursor, reset };
  }
}
