import { BackOff } from '../common/back-off.js';
import type { Clock, Random, TimerHandle } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import { pause } from '../publishing/pause.js';
import type { FleetFeed, FleetRecord } from './fleet-feed.port.js';
import { encodeFleetPlace, reaches, type FleetPlace } from './fleet-place.js';
import { FleetReader } from './fleet-reader.js';
import type { TailLog, TailReader } from './tail-log.port.js';

export interface FleetTailLogOptions {
  readonly feed: FleetFeed;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Values that are kept in memory for clients that come back; default 64 MiB. */
  readonly maxBytes?: number;
}

const MAX_BYTES = 64 * 1024 * 1024;
/** What arrives within this time is handed on together: the place of a client is as long as many events. */
const GATHER_MS = 50;
/** Nobody may have come back when the last client left: the topics are read on for so long. */
const IDLE_MS = 60_000;
const RETRY_BASE_MS = 500;
const RETRY_CAP_MS = 10_000;

/** A record with its number in this log. */
export type NumberedRecord = FleetRecord & { readonly offset: number };

/**
 * The newest events of the whole fleet, read from its topics while somebody follows: one consumer for all clients of this
 * replica. The last ones stay in memory, bounded; who comes back to something older reads the topics for itself.
 */
export class FleetTailLog implements TailLog {
  readonly #backOff: BackOff;
  readonly #closing = new AbortController();
  #records: NumberedRecord[] = [];
  #bytes = 0;
  #lastOffset = 0;
  /** Place before the oldest record in memory, and after the newest. */
  #base = new Map<string, number>();
  #end = new Map<string, number>();
  #following: AbortController | undefined;
  /** Whether `base` and `end` say something. */
  #started = false;
  /** Counts the times that the place in the topics was lost. */
  #era = 0;
  #readers = 0;
  #idle: TimerHandle | undefined;
  #waiting = new Set<() => void>();
  #gathering: TimerHandle | undefined;
  #problem: string | undefined;

  constructor(private readonly options: FleetTailLogOptions) {
    this.#backOff = new BackOff({ random: options.random, baseMs: RETRY_BASE_MS, capMs: RETRY_CAP_MS });
  }

  get feed(): FleetFeed {
    return this.options.feed;
  }

  get lastOffset(): number {
    return this.#lastOffset;
  }

  get firstOffset(): number {
    return this.#lastOffset - this.#records.length + 1;
  }

  /** Whether it is known where the topics stand; before that there is nothing to be read. */
  get started(): boolean {
    return this.#started;
  }

  /** Rises when records before now can no longer be told apart from later ones: the topics were made anew. */
  get era(): number {
    return this.#era;
  }

  get end(): FleetPlace {
    return this.#end;
  }

  get closed(): boolean {
    return this.#closing.signal.aborted;
  }

  cursorAt(): undefined {
    return undefined;
  }

  cursorOf(place: FleetPlace): string {
    return encodeFleetPlace(place, this.options.feed.topics);
  }

  readerAtEnd(): TailReader {
    this.#enter();
    return new FleetReader(this);
  }

  readerFrom(cursor: string): TailReader {
    this.#enter();
    return new FleetReader(this, cursor);
  }

  problem(): string | undefined {
    return this.#problem;
  }

  close(): void {
    this.#closing.abort();
    this.#stop();
    this.wake();
  }

  /** A reader is closed. */
  leave(): void {
    this.#readers -= 1;
    if (this.#readers > 0 || this.closed) return;
    this.#idle = this.options.clock.setTimeout(() => this.#stop(), IDLE_MS);
  }

  /** Whether everything after the place is in memory, or still to come. */
  covers(place: FleetPlace): boolean {
    return this.#started && reaches(place, this.#base);
  }

  /** Records after an offset, at most so many; those that are no longer in memory are left out. */
  after(offset: number, most: number): readonly NumberedRecord[] {
    const start = Math.max(0, offset - this.firstOffset + 1);
    return this.#records.slice(start, start + most);
  }

  /** Resolves when something has changed. */
  async changed(signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.closed) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done, { once: true });
    });
  }

  /** Waits before something is tried again that has just failed. */
  async rest(signal: AbortSignal): Promise<undefined> {
    await pause(this.options.clock, RETRY_BASE_MS, signal);
    return undefined;
  }

  wake(): void {
    for (const resolve of [...this.#waiting]) resolve();
  }

  #enter(): void {
    this.#readers += 1;
    this.#idle?.cancel();
    this.#idle = undefined;
    if (this.#following !== undefined || this.closed) return;
    this.#following = new AbortController();
    void this.#follow(this.#following.signal);
  }

  #stop(): void {
    this.#idle?.cancel();
    this.#gathering?.cancel();
    this.#gathering = undefined;
    this.#following?.abort();
    this.#following = undefined;
    this.#started = false;
    this.#records = [];
    this.#bytes = 0;
    this.#problem = undefined;
  }

  /** Follows the topics until stopped, again and again; after a failure it goes on where it was. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { feed, clock, logger } = this.options;
    while (!signal.aborted) {
      try {
        await this.#begin(signal);
        await feed.follow(this.#end, async (records) => this.#take(records, signal), signal);
      } catch (error) {
        if (signal.aborted) return;
        const message = error instanceof Error ? error.message : String(error);
        if (this.#problem === undefined) logger.warn('liveTail.failing', { message });
        this.#problem = message;
        await pause(clock, this.#backOff.next(), signal);
      }
    }
  }

  /** The first time: from now on. Later: where it was, unless the topics no longer hold what follows. */
  async #begin(signal: AbortSignal): Promise<void> {
    const { oldest, end } = await this.options.feed.bounds();
    if (signal.aborted) return;
    const lost = this.#started && !(reaches(this.#end, oldest) && reaches(end, this.#end));
    if (lost) this.#era += 1;
    if (!this.#started || lost) {
      this.#records = [];
      this.#bytes = 0;
      this.#base = new Map(end);
      this.#end = new Map(end);
      this.#started = true;
    }
    if (this.#problem !== undefined) this.options.logger.info('liveTail.resumed', {});
    this.#problem = undefined;
    this.wake();
  }

  #take(records: readonly FleetRecord[], signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#backOff.reset();
    for (const record of records) {
      if (record.at < (this.#end.get(record.stream) ?? 0)) continue;
      this.#lastOffset += 1;
      this.#records.push({ ...record, offset: this.#lastOffset });
      this.#bytes += record.value.length;
      this.#end.set(record.stream, record.at + 1);
    }
    this.#evict();
    this.#gathering ??= this.options.clock.setTimeout(() => {
      this.#gathering = undefined;
      this.wake();
    }, GATHER_MS);
  }

  #evict(): void {
    const { maxBytes = MAX_BYTES } = this.options;
    let gone = 0;
    for (; this.#bytes > maxBytes && gone < this.#records.length; gone += 1) {
      const { stream, at, value } = this.#records[gone] as NumberedRecord;
      this.#base.set(stream, at + 1);
      this.#bytes -= value.length;
    }
    if (gone > 0) this.#records = this.#records.slice(gone);
  }
}
