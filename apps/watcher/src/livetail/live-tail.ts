import type { Clock, TimerHandle } from '../common/clock.port.js';
import { type TailFilter, tailFilter, wantedStreamer } from './tail-filter.js';
import type { TailBatch, TailEvent, TailLog, TailReader } from './tail-log.port.js';
import type { EndReason, TailMessage } from './tail-message.js';
import { eventMessage, TailSubscription } from './tail-subscription.js';

export interface LiveTailOptions {
  readonly log: TailLog;
  readonly clock: Clock;
  /** Default 15 s: shorter than the idle limits of usual proxies. */
  readonly heartbeatMs?: number;
  /** Bytes that may wait for one client before it is cut; default 1 MiB. */
  readonly maxClientBytes?: number;
  /** Bytes that may wait for all clients together; default 256 MiB. Each may have its share of it. */
  readonly maxTotalBytes?: number;
}

export interface TailRequest extends TailFilter {
  /** The id of the last message that the client has; absent: from now on. */
  readonly lastEventId?: string | undefined;
  /** Asked with each heartbeat; when it says no, the subscription ends and what waits is not delivered. */
  readonly stillAllowed?: () => boolean;
}

const HEARTBEAT_MS = 15_000;
const MAX_CLIENT_BYTES = 1024 * 1024;
const MAX_TOTAL_BYTES = 256 * 1024 * 1024;

/** The one reader of the log for all clients that are level with it. */
interface Pump {
  readonly stop: AbortController;
  readonly reader: TailReader;
  /** Offset up to which it has handed out. */
  head: number;
  /** The place there. */
  cursor: string;
}

/**
 * Events as they become durable, for any number of clients. A client that comes back with its last id misses nothing and gets
 * at most what was under way again, as long as the log holds what follows.
 */
export class LiveTail {
  readonly #subscriptions = new Set<TailSubscription>();
  /** Those that are level, by the streamer that they are limited to; '' for those that are not. */
  readonly #level = new Map<string, Set<TailSubscription>>();
  #pump: Pump | undefined;
  #heartbeat: TimerHandle | undefined;
  #closed = false;

  constructor(private readonly options: LiveTailOptions) {}

  get clients(): number {
    return this.#subscriptions.size;
  }

  /** Why nothing comes at the moment; undefined when it may. */
  problem(): string | undefined {
    return this.options.log.problem();
  }

  /** Never rejects and ends with `end`, or when the caller calls `return()` (leaving a `for await` loop does). */
  subscribe(request: TailRequest = {}): TailSubscription {
    const subscription = new TailSubscription({
      log: this.options.log,
      accepts: tailFilter(request),
      streamer: wantedStreamer(request),
      after: request.lastEventId,
      stillAllowed: request.stillAllowed ?? (() => true),
      maxBytes: () => this.#maxBytes(),
      join: (joining) => this.#join(joining),
      leave: (leaving) => this.#leave(leaving),
    });
    this.#subscriptions.add(subscription);
    if (this.#closed) subscription.end('closing');
    else this.#scheduleHeartbeat();
    return subscription;
  }

  /** Ends every subscription; later ones end at once. */
  close(): void {
    this.#closed = true;
    this.#heartbeat?.cancel();
    this.#endAll('closing');
    this.options.log.close();
  }

  #maxBytes(): number {
    const { maxClientBytes = MAX_CLIENT_BYTES, maxTotalBytes = MAX_TOTAL_BYTES } = this.options;
    return Math.min(maxClientBytes, maxTotalBytes / Math.max(1, this.#subscriptions.size));
  }

  /** A subscription at or behind the head of the shared tail receives from it; what it has seen already it skips. */
  #join(subscription: TailSubscription): boolean {
    const { position } = subscription;
    if (position === undefined) return false;
    if (this.#pump === undefined) {
      const reader = this.options.log.readerAtEnd();
      const head = reader.position ?? Infinity;
      if (position < head) {
        reader.close();
        return false;
      }
      this.#startPump({ stop: new AbortController(), reader, head, cursor: reader.cursor });
    } else if (position < this.#pump.head) return false;
    const key = subscription.streamer ?? '';
    const group = this.#level.get(key);
    if (group) group.add(subscription);
    else this.#level.set(key, new Set([subscription]));
    return true;
  }

  #leave(subscription: TailSubscription): void {
    this.#subscriptions.delete(subscription);
    const key = subscription.streamer ?? '';
    const group = this.#level.get(key);
    group?.delete(subscription);
    if (group?.size === 0) this.#level.delete(key);
    if (this.#level.size === 0) this.#stopPump();
    if (this.#subscriptions.size === 0) {
      this.#heartbeat?.cancel();
      this.#heartbeat = undefined;
    }
  }

  #startPump(pump: Pump): void {
    this.#pump = pump;
    const { reader, stop } = pump;
    const run = async (): Promise<void> => {
      for (;;) {
        const batch = await reader.read(stop.signal);
        if (stop.signal.aborted) return;
        if (batch === undefined) {
          this.#endAll('closing');
          return;
        }
        if (reader.position === undefined) {
          // The log went on faster than it was read: each client goes on for itself, from before this batch.
          if (this.#pump === pump) this.#stopPump();
          return;
        }
        this.#hand(pump, batch);
      }
    };
    run()
      .catch(() => {
        // What it wanted is deleted or not readable: each client finds out for itself what that means for it.
        if (this.#pump === pump) this.#stopPump();
      })
      .finally(() => reader.close());
  }

  #stopPump(): void {
    const pump = this.#pump;
    if (pump === undefined) return;
    this.#pump = undefined;
    pump.stop.abort();
    const level = [...this.#level.values()].flatMap((group) => [...group]);
    this.#level.clear();
    for (const subscription of level) subscription.detach(pump.cursor);
  }

  #hand(pump: Pump, { events, cursor, reset }: TailBatch): void {
    const { log } = this.options;
    if (reset !== undefined) this.#eachLevel((subscription) => subscription.reset(reset, cursor));
    const touched = new Set<TailSubscription>();
    for (const event of events) {
      pump.head = event.offset;
      let message: TailMessage | undefined;
      const once = (): TailMessage => (message ??= eventMessage(log, event));
      for (const subscription of this.#interested(event))
        if (subscription.offer(event, once)) touched.add(subscription);
    }
    pump.head = pump.reader.position ?? pump.head;
    pump.cursor = cursor;
    const last = events[events.length - 1];
    if (last === undefined || log.cursorAt(last.offset) !== undefined) return;
    for (const subscription of touched) subscription.mark(cursor);
  }

  /** With a thousand clients that want one streamer each, an event meets those who may want it, not all. */
  *#interested({ subject }: TailEvent): Iterable<TailSubscription> {
    yield* this.#level.get('') ?? [];
    if (subject !== '') yield* this.#level.get(subject) ?? [];
  }

  #eachLevel(each: (subscription: TailSubscription) => void): void {
    for (const group of [...this.#level.values()]) for (const subscription of [...group]) each(subscription);
  }

  #endAll(reason: EndReason): void {
    for (const subscription of [...this.#subscriptions]) subscription.end(reason);
  }

  #scheduleHeartbeat(): void {
    this.#heartbeat ??= this.options.clock.setTimeout(() => {
      this.#heartbeat = undefined;
      for (const subscription of this.#subscriptions) subscription.heartbeat(this.#pump?.cursor ?? '');
      if (this.#subscriptions.size > 0) this.#scheduleHeartbeat();
    }, this.options.heartbeatMs ?? HEARTBEAT_MS);
  }
}
