import { isDiskFull } from './disk-full.js';
import type { JournalDisk } from './journal-disk.port.js';
import { serialiseCursors } from './journal-recovery.js';

/** Where each reader of a journal stands, and its bookmarks; written to the disk as a whole, only when something moved. */
export class CursorTable {
  readonly #readers = new Map<string, number>();
  /** What a restart would find on the disk. */
  #stored: ReadonlyMap<string, number>;
  /** Newest durable event when it was written. */
  #storedAt: number;
  readonly #bookmarks: Map<string, number>;
  #dirty = true;
  #refused = false;

  /** `readers`: names that hold events from now on, whether opened yet or not; other stored cursors are forgotten. */
  constructor(
    private readonly disk: JournalDisk,
    stored: {
      readonly cursors: ReadonlyMap<string, number>;
      readonly bookmarks: ReadonlyMap<string, number>;
      readonly lastOffset: number;
    },
    readers: readonly string[] | undefined,
    oldest: number,
  ) {
    this.#bookmarks = new Map(stored.bookmarks);
    this.#stored = stored.cursors;
    this.#storedAt = stored.lastOffset;
    for (const name of readers ?? stored.cursors.keys()) {
      this.#readers.set(name, Math.max(stored.cursors.get(name) ?? 0, oldest - 1));
    }
  }

  has(reader: string): boolean {
    return this.#readers.has(reader);
  }

  committed(reader: string): number {
    return this.#readers.get(reader) ?? 0;
  }

  /**
   * Returns how many events more this reader would meet again after a crash now than have come since the cursors were
   * written. `durable`: the newest durable event.
   */
  commit(reader: string, offset: number, durable: number): number {
    this.#readers.set(reader, offset);
    this.#dirty = true;
    return offset - (this.#stored.get(reader) ?? 0) - (durable - this.#storedAt);
  }

  /** Offset that every reader has passed; `lastOffset` when there is none. */
  passed(lastOffset: number): number {
    return this.#readers.size === 0 ? lastOffset : Math.min(...this.#readers.values());
  }

  /** Offset that every bookmark has passed; `lastOffset` when there is none. */
  bookmarked(lastOffset: number): number {
    return this.#bookmarks.size === 0 ? lastOffset : Math.min(...this.#bookmarks.values());
  }

  bookmark(name: string): number {
    return this.#bookmarks.get(name) ?? 0;
  }

  setBookmark(name: string, offset: number): void {
    this.#bookmarks.set(name, offset);
    this.#dirty = true;
  }

  /** The next `write` writes, whether something moved here or not: the durable offset did. */
  touch(): void {
    this.#dirty = true;
  }

  /** True while the disk was too full at the last `write`. */
  get refused(): boolean {
    return this.#refused;
  }

  /**
   * False when the disk is full: cursors that stay behind only make repeats, so they are written at a later call.
   * Rejects with the system's error of any other failure.
   */
  async write(durable: number): Promise<boolean> {
    if (!this.#dirty) return true;
    this.#dirty = false;
    const readers = new Map(this.#readers);
    try {
      await this.disk.writeDocument('cursors', serialiseCursors(durable, readers, this.#bookmarks));
      this.#stored = readers;
      this.#storedAt = durable;
      this.#refused = false;
    } catch (error) {
      this.#dirty = true;
      if (!isDiskFull(error)) throw error;
      this.#refused = true;
    }
    return !this.#refused;
  }
}
