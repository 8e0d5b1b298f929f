import { JournalError } from '../journal/journal.errors.js';
import type { Journal, JournalTail, StoredEvent } from '../journal/journal.port.js';
import { encodeTailCursor } from './tail-cursor.js';
import type { EndReason, ResetReason, TailMessage } from './tail-message.js';

/** What a message costs beside its text. */
const MESSAGE_OVERHEAD_BYTES = 256;
const CATCH_UP_LIMITS = { maxEvents: 500, maxBytes: 1024 * 1024 };

export interface SubscriptionOptions {
  readonly journal: Journal;
  readonly accepts: (event: StoredEvent) => boolean;
  /** Offset after which the client wants to go on. */
  readonly after: number;
  /** Bytes that may wait for the client. */
  readonly maxBytes: number;
  /** Whether it is level with the shared tail and receives from it; called again after each step of catching up. */
  readonly join: (subscription: TailSubscription) => boolean;
  readonly leave: (subscription: TailSubscription) => void;
}

/**
 * One client of the live tail. Behind the shared tail it reads the journal itself, at the pace of the client; level with
 * it, events are pushed and wait in a bounded queue.
 */
export class TailSubscription implements AsyncIterableIterator<TailMessage> {
  readonly #abort = new AbortController();
  #queue: TailMessage[] = [];
  #bytes = 0;
  #position: number;
  #resume: (() => void) | undefined;
  #tail: JournalTail | undefined;
  #live = false;
  #ended = false;

  constructor(private readonly options: SubscriptionOptions) {
    this.#position = options.after;
    this.#live = options.join(this);
  }

  /** Offset of the newest event that was looked at. */
  get position(): number {
    return this.#position;
  }

  get #lastEventId(): string {
    return encodeTailCursor({ journalId: this.options.journal.id, offset: this.#position });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** One call at a time. */
  async next(): Promise<IteratorResult<TailMessage, undefined>> {
    for (;;) {
      const message = this.#queue.shift();
      if (message !== undefined) {
        this.#bytes -= sizeOf(message);
        return { done: false, value: message };
      }
      if (this.#ended) return { done: true, value: undefined };
      if (this.#live) await new Promise<void>((resolve) => (this.#resume = resolve));
      else await this.#catchUp();
    }
  }

  /** The client has left: nothing more is delivered. */
  async return(): Promise<IteratorResult<TailMessage, undefined>> {
    this.#queue = [];
    this.#finish();
    return { done: true, value: undefined };
  }

  /** An event of the shared tail. Each is offered once, in order; those seen while catching up are skipped. */
  offer(event: StoredEvent, message: () => TailMessage): void {
    if (this.#ended || event.offset <= this.#position) return;
    this.#position = event.offset;
    if (!this.options.accepts(event)) return;
    this.#push(message());
    if (this.#bytes > this.options.maxBytes) this.end('slow');
  }

  /** When nothing waits for the client: a sign of life. */
  heartbeat(): void {
    if (!this.#ended && this.#live && this.#queue.length === 0)
      this.#push({ kind: 'heartbeat', lastEventId: this.#lastEventId });
  }

  reset(reason: ResetReason): void {
    this.#push({ kind: 'reset', lastEventId: this.#lastEventId, reason });
  }

  /** The shared tail is gone for now: reads the journal itself again. */
  detach(): void {
    this.#live = false;
    this.#wake();
  }

  /** The last message; what waits before it is still delivered. */
  end(reason: EndReason): void {
    if (this.#ended) return;
    this.#push({ kind: 'end', reason });
    this.#finish();
  }

  async #catchUp(): Promise<void> {
    this.#tail ??= this.options.journal.tail(this.#position);
    try {
      const events = await this.#tail.read(CATCH_UP_LIMITS, this.#abort.signal);
      if (this.#ended) return;
      if (events.length === 0) {
        this.end('closing');
        return;
      }
      for (const event of events) {
        this.#position = event.offset;
        if (this.options.accepts(event)) this.#push(eventMessage(this.options.journal.id, event));
      }
    } catch (error) {
      this.#closeTail();
      if (!(error instanceof JournalError) || error.code !== 'WATCHER_JOURNAL_OFFSET_TOO_OLD') {
        this.end('failed');
        return;
      }
      this.#position = this.options.journal.stats().firstOffset - 1;
      this.reset('tooOld');
    }
    this.#live = this.options.join(this);
    if (this.#live) this.#closeTail();
  }

  #push(message: TailMessage): void {
    this.#queue.push(message);
    this.#bytes += sizeOf(message);
    this.#wake();
  }

  #finish(): void {
    this.#ended = true;
    this.#abort.abort();
    this.#closeTail();
    this.options.leave(this);
    this.#wake();
  }

  #closeTail(): void {
    this.#tail?.close();
    this.#tail = undefined;
  }

  #wake(): void {
    this.#resume?.();
    this.#resume = undefined;
  }
}

export function eventMessage(journalId: string, event: StoredEvent): TailMessage {
  const lastEventId = encodeTailCursor({ journalId, offset: event.offset });
  return { kind: 'event', lastEventId, type: event.type, data: event.value.toString() };
}

function sizeOf(message: TailMessage): number {
  return MESSAGE_OVERHEAD_BYTES + (message.kind === 'event' ? message.data.length : 0);
}
