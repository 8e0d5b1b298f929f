import type { FinishedEvent } from '../pipeline/finished-event.js';

/** An event as the journal holds it. Offsets count events from 1 and never repeat within one journal. */
export interface StoredEvent extends FinishedEvent {
  readonly offset: number;
}

/**
 * Why appends wait. `size`: the cap is reached. `disk`: the disk (or a quota) is full. `backlog`: the disk cannot keep up.
 */
export const JOURNAL_PRESSURES = ['size', 'disk', 'backlog'] as const;
export type JournalPressure = (typeof JOURNAL_PRESSURES)[number];
/** Told of every change: whether appends wait, and why. */
export type PressureListener = (full: boolean, pressure?: JournalPressure) => void;

export interface JournalStats {
  /** Bytes on disk over all segments, also of those kept only for the live tail. */
  readonly bytes: number;
  /** Bytes of the segments that a named reader still needs: only these count against the cap in the end. */
  readonly heldBytes: number;
  readonly maxBytes: number;
  /** Events not yet passed by every durable reader. */
  readonly pendingEvents: number;
  /** Offset of the newest durable event, 0 when there is none. */
  readonly lastOffset: number;
  /** Offset of the oldest event still held, `lastOffset + 1` when empty. */
  readonly firstOffset: number;
  /**
   * `recordedAt` of the oldest pending event (ms since the epoch), undefined when nothing is pending. Exact while it is
   * in memory, else that of an event up to 10 s before it.
   */
  readonly oldestPendingAt: number | undefined;
  /** True while appends wait; `pressure` says why. */
  readonly full: boolean;
  readonly pressure?: JournalPressure;
  /** True while the disk refuses a write for want of space: of events (then `full`, too) or only of the readers' cursors. */
  readonly diskFull: boolean;
}

/** Reads in offset order from its own durable cursor. Not for parallel use: one read at a time. */
export interface JournalReader {
  readonly name: string;
  /** Offset of the last event that this reader has finished with, 0 at first. */
  readonly committed: number;
  /**
   * The next events after those returned before (after `committed` on a new reader). Waits until at least one is
   * durable; resolves with an empty list when the signal aborts or the journal closes. Always at least one event when
   * there is one, also above `maxBytes` (which counts values). The events are shared: never change them.
   * @throws JournalError WATCHER_JOURNAL_CORRUPT (final)
   */
  read(limits: { maxEvents: number; maxBytes: number }, signal?: AbortSignal): Promise<readonly StoredEvent[]>;
  /** Everything up to and including `offset` is done. Durable within a second, and at close. */
  commit(offset: number): void;
  /** Goes back to the committed position: the next `read` returns the events after it again. */
  rewind(): void;
  /**
   * Moves the committed position, also backwards, to `afterOffset` or the nearest one that the journal can serve; the
   * next `read` goes on from there. For readers whose true position is stored elsewhere (the database).
   */
  seek(afterOffset: number): void;
  close(): Promise<void>;
}

/** A cursor-less reader for the live tail: never holds a segment. */
export interface JournalTail {
  /** As `JournalReader.read`. @throws JournalError WATCHER_JOURNAL_OFFSET_TOO_OLD when the next event was already deleted. */
  read(limits: { maxEvents: number; maxBytes: number }, signal?: AbortSignal): Promise<readonly StoredEvent[]>;
  close(): void;
}

/** The durable local log between the pipeline and everything that reads it. The admission point. */
export interface Journal {
  /** Stable identity of this journal (a random id made with it): part of the live tail's opaque cursor. */
  readonly id: string;
  /**
   * Appends the events of one tick as one record, in call order. Resolves when they are durable (group commit within
   * 10 ms, fsynced); readers see them only then. Waits while the journal or its disk is full.
   * @throws JournalError WATCHER_JOURNAL_CLOSED, WATCHER_JOURNAL_WRITE_FAILED (both final: the process must stop)
   */
  append(events: readonly FinishedEvent[]): Promise<void>;
  /**
   * A named reader with a durable cursor; segments are kept until every named reader has passed them. A new name starts
   * at the oldest event that is still held. One open reader for each name.
   */
  reader(name: string): Promise<JournalReader>;
  /** A tail that starts after the given offset (0: at the oldest event ever; `stats().lastOffset`: from now on). */
  tail(afterOffset: number): JournalTail;
  /**
   * An offset remembered under a name, 0 at first. Events after it are not deleted for their age, but for want of space:
   * it may be older than the oldest event. It is never newer than the newest durable one.
   */
  bookmark(name: string): number;
  /** Durable within a second, and at close: after a crash an older one is found. */
  setBookmark(name: string, offset: number): void;
  stats(): JournalStats;
  /** Calls back when `pressure` changes. Returns the unsubscribe function. */
  onPressure(listener: PressureListener): () => void;
  /**
   * Flushes, writes cursors, releases the lock. Appends that still wait for space are rejected; later calls fail with
   * WATCHER_JOURNAL_CLOSED. @throws JournalError WATCHER_JOURNAL_DISK_FULL: closed, but the cursors are behind
   */
  close(): Promise<void>;
}

export const JOURNAL = Symbol('Journal');
