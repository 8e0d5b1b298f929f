import { JournalError } from './journal.errors.js';
import type { JournalReader, JournalTail, StoredEvent } from './journal.port.js';

export interface ReadLimits {
  readonly maxEvents: number;
  readonly maxBytes: number;
}

/** Reads on from where it stopped; keeps what it needs to do so cheaply. One for each reader. */
export interface EventSource {
  /** Events from `offset` on, at least one; only called when `offset` is durable and still held. */
  fetch(offset: number, limits: ReadLimits): Promise<readonly StoredEvent[]>;
  /** Nothing more is read. */
  close(): void;
}

/** What readers need of a journal, whatever holds its events. */
export interface EventLog {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly closed: boolean;
  /** For a reader that reads `next` next. */
  source(next: number): EventSource;
  /** Resolves when `offset` is durable, the log closes or the signal aborts. */
  available(offset: number, signal?: AbortSignal): Promise<void>;
  committed(reader: string): number;
  setCommitted(reader: string, offset: number): void;
  released(reader: string): void;
}

/** The longest run of `events` from `start` within the limits; at least one event. */
export function takeWithin(events: readonly StoredEvent[], start: number, limits: ReadLimits): readonly StoredEvent[] {
  const last = Math.min(events.length, start + Math.max(1, limits.maxEvents));
  let bytes = events[start]?.value.length ?? 0;
  let end = start + 1;
  while (end < last) {
    bytes += events[end]?.value.length ?? 0;
    if (bytes > limits.maxBytes) break;
    end += 1;
  }
  return events.slice(start, end);
}

async function readNext(
  log: EventLog,
  source: EventSource,
  next: number,
  limits: ReadLimits,
  signal: AbortSignal | undefined,
): Promise<readonly StoredEvent[]> {
  await log.available(next, signal);
  if (log.closed || signal?.aborted === true || next > log.lastOffset) return [];
  return source.fetch(next, limits);
}

/** A named reader over any log. */
export class LogReader implements JournalReader {
  readonly #source: EventSource;
  #next: number;
  #closed = false;

  constructor(
    private readonly log: EventLog,
    readonly name: string,
  ) {
    this.#next = log.committed(name) + 1;
    this.#source = log.source(this.#next);
  }

  get committed(): number {
    return this.log.committed(this.name);
  }

  async read(limits: ReadLimits, signal?: AbortSignal): Promise<readonly StoredEvent[]> {
    if (this.#closed) return [];
    const from = this.#next;
    const events = await readNext(this.log, this.#source, from, limits, signal);
    // A rewind or seek during the read wins.
    if (this.#closed || this.#next !== from) return [];
    this.#next = from + events.length;
    return events;
  }

  commit(offset: number): void {
    if (this.#closed || offset <= this.committed) return;
    if (offset >= this.#next)
      throw new RangeError(`Reader ${this.name} cannot commit ${offset}: it read up to ${this.#next - 1}.`);
    this.log.setCommitted(this.name, offset);
  }

  rewind(): void {
    this.#next = this.committed + 1;
  }

  seek(afterOffset: number): void {
    if (this.#closed) return;
    this.log.setCommitted(this.name, Math.max(this.log.firstOffset - 1, Math.min(afterOffset, this.log.lastOffset)));
    this.rewind();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#source.close();
    this.log.released(this.name);
  }
}

/** A tail over any log. */
export class LogTail implements JournalTail {
  readonly #source: EventSource;
  readonly #stop = new AbortController();
  #next: number;

  constructor(
    private readonly log: EventLog,
    afterOffset: number,
  ) {
    this.#next = Math.min(afterOffset, log.lastOffset) + 1;
    this.#source = log.source(this.#next);
  }

  async read(limits: ReadLimits, signal?: AbortSignal): Promise<readonly StoredEvent[]> {
    const stop = signal === undefined ? this.#stop.signal : AbortSignal.any([signal, this.#stop.signal]);
    this.#refuseDeleted();
    let events: readonly StoredEvent[];
    try {
      events = await readNext(this.log, this.#source, this.#next, limits, stop);
    } catch (error) {
      // The segment may have been deleted while it was read.
      this.#refuseDeleted();
      throw error;
    }
    this.#next += events.length;
    return events;
  }

  close(): void {
    this.#stop.abort();
    this.#source.close();
  }

  #refuseDeleted(): void {
    const first = this.log.firstOffset;
    if (this.#next < first) {
      throw new JournalError(
        'WATCHER_JOURNAL_OFFSET_TOO_OLD',
        'The journal has deleted the events from this position on; start again from the oldest it holds.',
        {
          context: { next: this.#next, firstOffset: first },
        },
      );
    }
  }
}

/** Who waits for the next durable event. */
export class Waiters {
  readonly #waiting = new Set<() => void>();

  wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }

  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const resume = (): void => {
        this.#waiting.delete(resume);
        signal?.removeEventListener('abort', resume);
        resolve();
      };
      this.#waiting.add(resume);
      signal?.addEventListener('abort', resume, { once: true });
    });
  }
}
