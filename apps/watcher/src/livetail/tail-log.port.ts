import type { StoredEvent } from '../journal/journal.port.js';
import type { ResetReason } from './tail-message.js';

/** What a tail needs of an event. `offset` counts the events of one log from 1 and never repeats while the log is open. */
export type TailEvent = Pick<StoredEvent, 'offset' | 'type' | 'subject' | 'topic' | 'value'>;

/** The next events of a reader; none when it only became level, or when there is only a `reset` to tell. */
export interface TailBatch {
  readonly events: readonly TailEvent[];
  /** The place after all of them, as clients get it. */
  readonly cursor: string;
  /** Something before these events is missing. */
  readonly reset?: ResetReason;
}

/** Reads a log for one client, or for all that are level. */
export interface TailReader {
  /** The place before the next event, as clients get it. */
  readonly cursor: string;
  /**
   * Offset of the log up to which nothing is left to be read, so that what follows may come from elsewhere; undefined while
   * that is not so: something older is read, or a `reset` is still to be told.
   */
  readonly position: number | undefined;
  /**
   * Waits until there is something. One call at a time. Undefined when the signal aborts or the log closes.
   * @throws when the log cannot be read (final)
   */
  read(signal: AbortSignal): Promise<TailBatch | undefined>;
  close(): void;
}

/** Where the events of the live tail come from: the journal of this replica, or the topics of the whole fleet. */
export interface TailLog {
  /**
   * The place after an event, when each event has one of its own; undefined: only ends of batches have one, and what was
   * delivered behind the last of them comes again to a client that comes back.
   */
  cursorAt(offset: number): string | undefined;
  /** A reader from now on; it is level at once. */
  readerAtEnd(): TailReader;
  /** A reader after a place that a client names. Whatever the text is: what it cannot serve it says with `reset`. */
  readerFrom(cursor: string): TailReader;
  /** Why it cannot be read at the moment; undefined when it can. */
  problem(): string | undefined;
  /** Readers that wait end. */
  close(): void;
}
