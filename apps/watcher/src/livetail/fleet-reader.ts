import type { DeliverRecords, FleetRecord } from './fleet-feed.port.js';
import { decodeFleetPlace, reaches } from './fleet-place.js';
import type { FleetTailLog } from './fleet-tail-log.js';
import { decodeTailCursor } from './tail-cursor.js';
import type { TailBatch, TailEvent, TailReader } from './tail-log.port.js';
import type { ResetReason } from './tail-message.js';

const READ_EVENTS = 1_000;
/** A client that was away for longer than so many events of the fleet gets `reset`: reading them would cost everybody. */
const MAX_CATCH_UP_EVENTS = 1_000_000;
/** Bytes of values that wait between the topics and a client that catches up. */
const CATCH_UP_BYTES = 1024 * 1024;

/**
 * Reads the fleet's events for one client. Its place counts by partition, so that it may come from another replica, which saw
 * the partitions in another order: what the place includes already is left out, wherever it stands in memory.
 */
export class FleetReader implements TailReader {
  readonly #closed = new AbortController();
  #place = new Map<string, number>();
  /** Records of the log up to this offset were looked at; undefined: the place is older than what is in memory. */
  #offset: number | undefined;
  /** All records up to `offset` are in the place, and none after it. */
  #level: boolean;
  /** A place that was not judged yet, or one that stands at the end. */
  #unjudged: string | undefined;
  #era: number;
  #catchUp: CatchUp | undefined;

  constructor(
    private readonly log: FleetTailLog,
    cursor?: string,
  ) {
    this.#era = log.era;
    this.#unjudged = cursor;
    this.#level = cursor === undefined;
    this.#offset = cursor === undefined ? log.lastOffset : undefined;
    if (cursor === undefined && log.started) this.#place = new Map(log.end);
  }

  get cursor(): string {
    // Before anything is known about the topics, the place that the client gave is the best there is.
    return this.#unjudged ?? (this.#place.size === 0 ? '' : this.log.cursorOf(this.#place));
  }

  get position(): number | undefined {
    return this.#level ? this.#offset : undefined;
  }

  async read(caller: AbortSignal): Promise<TailBatch | undefined> {
    const signal = AbortSignal.any([caller, this.#closed.signal]);
    while (!signal.aborted && !this.log.closed) {
      if (!this.log.started) await this.log.changed(signal);
      else {
        // A broker that is away is waited for, like the log itself does.
        const batch = await this.#step(signal).catch(() => this.log.rest(signal));
        if (batch !== undefined) return batch;
      }
    }
    return undefined;
  }

  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    this.log.leave();
  }

  async #step(signal: AbortSignal): Promise<TailBatch | undefined> {
    const reset = this.#era === this.log.era ? await this.#judge() : 'tooOld';
    this.#era = this.log.era;
    if (reset !== undefined) return this.#fromNow(reset);
    if (this.#level && this.#place.size === 0) this.#place = new Map(this.log.end);
    if (this.#offset !== undefined && this.#offset >= this.log.firstOffset - 1) return this.#fromMemory(signal);
    // What was level and is overtaken by the bound of the memory goes on from its place like any other.
    this.#level = false;
    this.#offset = undefined;
    if (this.log.covers(this.#place)) {
      this.#stopCatchUp();
      this.#offset = this.log.firstOffset - 1;
      return undefined;
    }
    return this.#fromTopics(signal);
  }

  /** Looks at the place that the client gave, once: why it cannot be served, or undefined. */
  async #judge(): Promise<ResetReason | undefined> {
    const text = this.#unjudged;
    if (text === undefined) return undefined;
    const place = decodeFleetPlace(text, this.log.feed.topics);
    if (place === undefined) {
      this.#unjudged = undefined;
      return decodeTailCursor(text) === undefined ? 'invalid' : 'otherJournal';
    }
    const { oldest, end } = await this.log.feed.bounds();
    this.#unjudged = undefined;
    this.#place = new Map(place);
    if (!reaches(end, place)) return 'invalid';
    if (!reaches(place, oldest)) return 'tooOld';
    let behind = 0;
    for (const [stream, offset] of end) behind += offset - (place.get(stream) ?? 0);
    return behind > MAX_CATCH_UP_EVENTS ? 'tooOld' : undefined;
  }

  #fromNow(reset: ResetReason): TailBatch {
    this.#stopCatchUp();
    this.#place = new Map(this.log.end);
    this.#offset = this.log.lastOffset;
    this.#level = true;
    return { events: [], cursor: this.cursor, reset };
  }

  async #fromMemory(signal: AbortSignal): Promise<TailBatch | undefined> {
    const records = this.log.after(this.#offset ?? 0, READ_EVENTS);
    const last = records[records.length - 1];
    if (last !== undefined) this.#offset = last.offset;
    const events = records.filter((record) => this.#take(record));
    const wasLevel = this.#level;
    if (!wasLevel && this.#offset === this.log.lastOffset && reaches(this.log.end, this.#place)) this.#level = true;
    if (events.length > 0 || this.#level !== wasLevel) return { events, cursor: this.cursor };
    await this.log.changed(signal);
    return undefined;
  }

  async #fromTopics(signal: AbortSignal): Promise<TailBatch | undefined> {
    this.#catchUp ??= new CatchUp(this.log, this.#place, this.#closed.signal);
    const records = await this.#catchUp.next(signal);
    if (records === undefined) {
      // It ended by itself: the next one goes on from the place.
      this.#stopCatchUp();
      await this.log.rest(signal);
      return undefined;
    }
    // They have no number in the log: nobody takes them for events that come from there.
    const events: TailEvent[] = records
      .filter((record) => this.#take(record))
      .map((record) => ({ ...record, offset: 0 }));
    return events.length === 0 ? undefined : { events, cursor: this.cursor };
  }

  /** Whether the record is new to this reader; then it is in its place from now on. */
  #take({ stream, at }: FleetRecord): boolean {
    if (at < (this.#place.get(stream) ?? 0)) return false;
    this.#place.set(stream, at + 1);
    return true;
  }

  #stopCatchUp(): void {
    this.#catchUp?.close();
    this.#catchUp = undefined;
  }
}

/** Reads the topics for one client, at its pace. */
class CatchUp {
  readonly #stop = new AbortController();
  #waiting: FleetRecord[] = [];
  #bytes = 0;
  #ended = false;
  #wake: (() => void) | undefined;
  #room: (() => void)[] = [];

  constructor(log: FleetTailLog, from: ReadonlyMap<string, number>, closed: AbortSignal) {
    const signal = AbortSignal.any([this.#stop.signal, closed]);
    signal.addEventListener('abort', () => this.#end(), { once: true });
    const deliver: DeliverRecords = async (records) => {
      this.#waiting.push(...records);
      for (const { value } of records) this.#bytes += value.length;
      this.#wake?.();
      while (this.#bytes > CATCH_UP_BYTES && !this.#ended)
        await new Promise<void>((resolve) => this.#room.push(resolve));
    };
    log.feed.follow(new Map(from), deliver, signal).then(
      () => this.#end(),
      () => this.#end(),
    );
  }

  /** The next records; undefined when there will be none. */
  async next(signal: AbortSignal): Promise<readonly FleetRecord[] | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#ended || signal.aborted) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    const records = this.#waiting;
    this.#waiting = [];
    this.#bytes = 0;
    for (const resolve of this.#room.splice(0)) resolve();
    return records;
  }

  close(): void {
    this.#stop.abort();
  }

  #end(): void {
    this.#ended = true;
    this.#wake?.();
    for (const resolve of this.#room.splice(0)) resolve();
  }
}
