import type { Clock, TimerHandle } from '../common/clock.port.js';
import type { Journal, StoredEvent } from '../journal/journal.port.js';
import { decodeTailCursor } from './tail-cursor.js';
import { type TailFilter, tailFilter } from './tail-filter.js';
import type { EndReason, ResetReason, TailMessage } from './tail-message.js';
import { eventMessage, TailSubscription } from './tail-subscription.js';

export interface LiveTailOptions {
  readonly journal: Journal;
  readonly clock: Clock;
  /** Default 15 s: shorter than the idle limits of usual proxies. */
  readonly heartbeatMs?: number;
  /** Bytes that may wait for one client before it is cut; default 1 MiB. */
  readonly maxClientBytes?: number;
}

export interface TailRequest extends TailFilter {
  /** The id of the last message that the client has; absent: from now on. */
  readonly lastEventId?: string | undefined;
}

const HEARTBEAT_MS = 15_000;
const MAX_CLIENT_BYTES = 1024 * 1024;
const PUMP_LIMITS = { maxEvents: 1_000, maxBytes: 4 * 1024 * 1024 };

/**
 * Events as they become durable, for any number of clients: one reader of the journal for all that are level with it.
 * A client that comes back with its last id misses nothing and gets nothing twice, as long as the journal holds what follows.
 */
export class LiveTail {
  readonly #subscriptions = new Set<TailSubscription>();
  readonly #level = new Set<TailSubscription>();
  /** Offset up to which the shared tail has handed out, while it runs. */
  #head = 0;
  #pump: AbortController | undefined;
  #heartbeat: TimerHandle | undefined;
  #closed = false;

  constructor(private readonly options: LiveTailOptions) {}

  get clients(): number {
    return this.#subscriptions.size;
  }

  /** Never rejects and ends with `end`, or when the caller calls `return()` (leaving a `for await` loop does). */
  subscribe(request: TailRequest = {}): TailSubscription {
    const { after, reset } = this.#place(request.lastEventId);
    const subscription = new TailSubscription({
      journal: this.options.journal,
      accepts: tailFilter(request),
      after,
      maxBytes: this.options.maxClientBytes ?? MAX_CLIENT_BYTES,
      join: (joining) => this.#join(joining),
      leave: (leaving) => this.#leave(leaving),
    });
    this.#subscriptions.add(subscription);
    if (reset !== undefined) subscription.reset(reset);
    if (this.#closed) subscription.end('closing');
    else this.#scheduleHeartbeat();
    return subscription;
  }

  /** Ends every subscription; later ones end at once. */
  close(): void {
    this.#closed = true;
    this.#heartbeat?.cancel();
    this.#endAll('closing');
  }

  #place(lastEventId: string | undefined): { readonly after: number; readonly reset?: ResetReason } {
    const { id } = this.options.journal;
    const { lastOffset, firstOffset } = this.options.journal.stats();
    if (lastEventId === undefined || lastEventId === '') return { after: lastOffset };
    const cursor = decodeTailCursor(lastEventId);
    if (cursor === undefined) return { after: lastOffset, reset: 'invalid' };
    if (cursor.journalId !== id) return { after: lastOffset, reset: 'otherJournal' };
    if (cursor.offset > lastOffset) return { after: lastOffset, reset: 'invalid' };
    if (cursor.offset < firstOffset - 1) return { after: firstOffset - 1, reset: 'tooOld' };
    return { after: cursor.offset };
  }

  /** A subscription at or before the head of the shared tail receives from it; what it has seen already it skips. */
  #join(subscription: TailSubscription): boolean {
    if (this.#pump === undefined) {
      this.#head = this.options.journal.stats().lastOffset;
      if (subscription.position < this.#head) return false;
      this.#startPump();
    }
    if (subscription.position < this.#head) return false;
    this.#level.add(subscription);
    return true;
  }

  #leave(subscription: TailSubscription): void {
    this.#subscriptions.delete(subscription);
    this.#level.delete(subscription);
    if (this.#level.size === 0) this.#stopPump();
    if (this.#subscriptions.size === 0) {
      this.#heartbeat?.cancel();
      this.#heartbeat = undefined;
    }
  }

  #startPump(): void {
    const stop = new AbortController();
    this.#pump = stop;
    const tail = this.options.journal.tail(this.#head);
    const run = async (): Promise<void> => {
      for (;;) {
        const events = await tail.read(PUMP_LIMITS, stop.signal);
        if (stop.signal.aborted) return;
        if (events.length === 0) {
          this.#endAll('closing');
          return;
        }
        for (const event of events) this.#hand(event);
      }
    };
    run()
      .catch(() => {
        // The events it wanted are deleted or not readable: each client finds out for itself what that means for it.
        if (this.#pump === stop) this.#stopPump();
      })
      .finally(() => tail.close());
  }

  #stopPump(): void {
    this.#pump?.abort();
    this.#pump = undefined;
    const level = [...this.#level];
    this.#level.clear();
    for (const subscription of level) subscription.detach();
  }

  #hand(event: StoredEvent): void {
    this.#head = event.offset;
    let message: TailMessage | undefined;
    for (const subscription of this.#level) {
      subscription.offer(event, () => (message ??= eventMessage(this.options.journal.id, event)));
    }
  }

  #endAll(reason: EndReason): void {
    for (const subscription of [...this.#subscriptions]) subscription.end(reason);
  }

  #scheduleHeartbeat(): void {
    this.#heartbeat ??= this.options.clock.setTimeout(() => {
      this.#heartbeat = undefined;
      for (const subscription of this.#level) subscription.heartbeat();
      if (this.#subscriptions.size > 0) this.#scheduleHeartbeat();
    }, this.options.heartbeatMs ?? HEARTBEAT_MS);
  }
}
