import { CrashPoint, type CrashPoints, NO_CRASH_POINTS } from '../common/crash-point.js';
import type { Journal } from '../journal/journal.port.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';

/** Bytes that one event costs beside its value: ids, names, object headers. An estimate on the safe side. */
const EVENT_OVERHEAD_BYTES = 400;
/** More than this is split over several records, so that no single record becomes unwieldy after a long wait. */
const MAX_RECORD_BYTES = 4 * 1024 * 1024;
/** What a burst of frames makes goes to the journal in pieces of about so much, while the rest of it is still being read. */
const BURST_BYTES = 128 * 1024;

export interface AdmissionQueueOptions {
  readonly journal: Pick<Journal, 'append' | 'onPressure'>;
  /** Pending bytes over all rooms above which every room is paused; default 64 MiB. */
  readonly maxBytes?: number;
  /** Pending bytes of one room above which that room is paused; default 1 MiB. */
  readonly maxRoomBytes?: number;
  /** Bytes of one record of several frames; default and at most 4 MiB. A small journal needs smaller ones. */
  readonly maxRecordBytes?: number;
  /**
   * Asked before each append: undefined when leases are known to be ours, else a promise that settles when that was
   * checked (rooms whose lease is gone have discarded their lane by then).
   */
  readonly guard?: () => Promise<void> | undefined;
  /** Events that have just become durable, in order. */
  readonly onAdmitted?: (events: readonly FinishedEvent[]) => void;
  /** Runs a callback after the current macrotask; default `setImmediate`. */
  readonly defer?: (callback: () => void) => void;
  /** The journal failed for good: nothing can be admitted any more. Called once. */
  readonly onFatal: (error: unknown) => void;
  readonly crashPoints?: CrashPoints;
}

/** Back-pressure towards one room's sockets. Called on change only, never twice with the same meaning. */
export interface LaneHandlers {
  pause(): void;
  resume(): void;
}

interface Entry {
  readonly lane: AdmissionLane;
  readonly generation: number;
  readonly events: readonly FinishedEvent[];
  readonly bytes: number;
}

/**
 * Collects what the pipelines make of all frames that were handled in one macrotask, over all rooms, and appends it to
 * the journal as one record (a burst as several, the first before its last frame was read): order kept, several appends may
 * be under way. Events count as pending until they are durable; above the limits the rooms' sockets are paused, below three
 * quarters (rooms: half) of them they go on.
 */
export class AdmissionQueue {
  readonly #options: AdmissionQueueOptions;
  readonly #maxBytes: number;
  readonly #maxRoomBytes: number;
  readonly #maxRecordBytes: number;
  readonly #defer: (callback: () => void) => void;
  readonly #crashPoints: CrashPoints;
  readonly #lanes = new Set<AdmissionLane>();
  readonly #waiters: { readonly upTo: number; readonly resolve: (durable: boolean) => void }[] = [];
  readonly #unsubscribe: () => void;
  #pending: Entry[] = [];
  /** Bytes of `#pending`. */
  #gathered = 0;
  #lastAppend: Promise<void> = Promise.resolve();
  #applied = false;
  #bytes = 0;
  #scheduled = false;
  #verifying = false;
  #journalFull = false;
  #overLimit = false;
  #failed = false;
  /** Entries handed in, and entries that are durable or discarded; both only rise. */
  #pushed = 0;
  #settled = 0;
  #pendingEvents = 0;
  #discardedEvents = 0;

  constructor(options: AdmissionQueueOptions) {
    this.#options = options;
    this.#maxBytes = options.maxBytes ?? 64 * 1024 * 1024;
    this.#maxRoomBytes = options.maxRoomBytes ?? 1024 * 1024;
    this.#maxRecordBytes = Math.min(MAX_RECORD_BYTES, options.maxRecordBytes ?? Infinity);
    this.#crashPoints = options.crashPoints ?? NO_CRASH_POINTS;
    this.#defer = options.defer ?? ((callback) => void setImmediate(callback));
    this.#unsubscribe = options.journal.onPressure((full) => {
      this.#journalFull = full;
      this.#applyPressure();
    });
  }

  /** Bytes that are not durable yet. */
  get pendingBytes(): number {
    return this.#bytes;
  }

  /**
   * Events handed in that are neither durable nor discarded, without copies for the raw topic. What a journal that failed
   * never took stays here.
   */
  get pendingEvents(): number {
    return this.#pendingEvents;
  }

  /** Events thrown away because their room's lease was gone; copies for the raw topic are no events of their own. */
  get discardedEvents(): number {
    return this.#discardedEvents;
  }

  /** True while every room is paused: the journal is full or too much is pending. */
  get pressed(): boolean {
    return this.#journalFull || this.#overLimit;
  }

  /** A lane for one room. Close it when the room is done. */
  lane(handlers: LaneHandlers): AdmissionLane {
    const lane: AdmissionLane = new AdmissionLane(handlers, this.#maxRoomBytes, {
      push: (events) => this.#push(lane, events),
      closed: () => this.#lanes.delete(lane),
    });
    this.#lanes.add(lane);
    lane.setGlobalPressure(this.pressed);
    return lane;
  }

  /**
   * Resolves with true when everything handed in before this call is durable (or was discarded), with false when the
   * journal failed: then what is not durable never will be. Never rejects; see `onFatal`.
   */
  flush(): Promise<boolean> {
    if (this.#failed) return Promise.resolve(false);
    if (this.#settled >= this.#pushed) return Promise.resolve(true);
    return new Promise((resolve) => this.#waiters.push({ upTo: this.#pushed, resolve }));
  }

  /** Lets go of the journal's back-pressure; what is pending still goes its way. */
  close(): void {
    this.#unsubscribe();
  }

  #push(lane: AdmissionLane, events: readonly FinishedEvent[]): void {
    if (events.length === 0) return;
    this.#pendingEvents += countEvents(events);
    if (this.#failed) return;
    let bytes = 0;
    for (const event of events) bytes += event.value.length + EVENT_OVERHEAD_BYTES;
    this.#pending.push({ lane, generation: lane.generation, events, bytes });
    this.#pushed += 1;
    this.#bytes += bytes;
    lane.account(bytes);
    this.#applyPressure();
    this.#gathered += bytes;
    if (this.#gathered >= BURST_BYTES) this.#tick();
    if (this.#scheduled || this.#pending.length === 0) return;
    this.#scheduled = true;
    this.#defer(() => {
      this.#scheduled = false;
      this.#tick();
    });
  }

  #tick(): void {
    if (this.#verifying || this.#failed || this.#pending.length === 0) return;
    const check = this.#options.guard?.();
    if (check === undefined) {
      this.#appendAll();
      return;
    }
    this.#verifying = true;
    const goOn = (): void => {
      this.#verifying = false;
      this.#tick();
    };
    check.then(goOn, goOn);
  }

  #appendAll(): void {
    const entries = this.#pending;
    this.#pending = [];
    this.#gathered = 0;
    let record: Entry[] = [];
    let bytes = 0;
    for (const entry of entries) {
      if (record.length > 0 && bytes + entry.bytes > this.#maxRecordBytes) {
        this.#append(record);
        record = [];
        bytes = 0;
      }
      record.push(entry);
      bytes += entry.bytes;
    }
    this.#append(record);
  }

  #append(entries: readonly Entry[]): void {
    const events: FinishedEvent[] = [];
    for (const entry of entries) {
      if (entry.generation === entry.lane.generation) events.push(...entry.events);
      else this.#discard(entry);
    }
    const done = (): void => this.#settle(entries);
    if (events.length === 0) {
      // Keeps the order of settling: an append before this one may still be under way.
      this.#lastAppend = this.#lastAppend.then(done);
      return;
    }
    this.#crashPoints.reached(CrashPoint.AdmissionBeforeAppend);
    const append = this.#options.journal.append(events);
    this.#lastAppend = append.then(
      () => {
        this.#crashPoints.reached(CrashPoint.JournalConfirmed);
        this.#pendingEvents -= countEvents(events);
        this.#options.onAdmitted?.(events);
        done();
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #discard({ events }: Entry): void {
    const count = countEvents(events);
    this.#pendingEvents -= count;
    this.#discardedEvents += count;
  }

  #settle(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#bytes -= entry.bytes;
      entry.lane.account(-entry.bytes);
    }
    this.#settled += entries.length;
    this.#applyPressure();
    while (this.#waiters[0] !== undefined && this.#waiters[0].upTo <= this.#settled)
      this.#waiters.shift()?.resolve(true);
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#pending = [];
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(false);
    this.#options.onFatal(error);
  }

  #applyPressure(): void {
    const before = this.#applied;
    this.#overLimit = this.#overLimit ? this.#bytes > this.#maxBytes * 0.75 : this.#bytes > this.#maxBytes;
    if (this.pressed === before) return;
    this.#applied = this.pressed;
    for (const lane of this.#lanes) lane.setGlobalPressure(this.#applied);
  }
}

/** Copies for the raw topic are no events of their own. */
function countEvents(events: readonly FinishedEvent[]): number {
  let count = 0;
  for (const { topic } of events) if (topic !== 'raw') count += 1;
  return count;
}

interface LaneOwner {
  push(events: readonly FinishedEvent[]): void;
  closed(): void;
}

/** One room's way into the admission queue. */
export class AdmissionLane {
  #bytes = 0;
  #generation = 0;
  #globalPressure = false;
  #paused = false;
  #closed = false;

  constructor(
    private readonly handlers: LaneHandlers,
    private readonly maxBytes: number,
    private readonly owner: LaneOwner,
  ) {}

  /** Rises when pending events are thrown away. */
  get generation(): number {
    return this.#generation;
  }

  get pendingBytes(): number {
    return this.#bytes;
  }

  /** True while the room's sockets must not be read. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Hands in events in order. Never blocks; pauses the room when it has too much pending. */
  push(events: readonly FinishedEvent[]): void {
    if (!this.#closed) this.owner.push(events);
  }

  /** Throws away what has not been given to the journal yet: the lease is gone. */
  discard(): void {
    this.#generation += 1;
  }

  /** What was handed in still becomes durable; nothing more is taken, the handlers are not called again. */
  close(): void {
    this.#closed = true;
    this.owner.closed();
  }

  /** For the queue: bytes became pending or durable. */
  account(bytes: number): void {
    this.#bytes += bytes;
    this.#apply();
  }

  /** For the queue: all rooms pause or may go on. */
  setGlobalPressure(on: boolean): void {
    this.#globalPressure = on;
    this.#apply();
  }

  #apply(): void {
    if (this.#closed) return;
    const limit = this.#paused ? this.maxBytes / 2 : this.maxBytes;
    const paused = this.#globalPressure || this.#bytes > limit;
    if (paused === this.#paused) return;
    this.#paused = paused;
    if (paused) this.handlers.pause();
    else this.handlers.resume();
  }
}
