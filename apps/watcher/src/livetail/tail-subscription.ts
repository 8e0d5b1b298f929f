import type { TailBatch, TailEvent, TailLog, TailReader } from './tail-log.port.js';
import type { EndReason, ResetReason, TailMessage } from './tail-message.js';

/** What a message costs beside its text. */
const MESSAGE_OVERHEAD_BYTES = 256;

export interface SubscriptionOptions {
  readonly log: TailLog;
  readonly accepts: (event: TailEvent) => boolean;
  /** The only streamer whose events can pass; undefined: any. */
  readonly streamer: string | undefined;
  /** The place after which the client wants to go on; undefined: from now on. */
  readonly after: string | undefined;
  /** Whether the client may go on reading. */
  readonly stillAllowed: () => boolean;
  /** Bytes that may wait for the client; may change with the number of clients. */
  readonly maxBytes: () => number;
  /** Whether it is level with the shared tail and receives from it; called again after each step of catching up. */
  readonly join: (subscription: TailSubscription) => boolean;
  readonly leave: (subscription: TailSubscription) => void;
}

/**
 * One client of the live tail. Behind the shared tail it reads the log itself, at the pace of the client; level with it,
 * events are pushed and wait in a bounded queue.
 */
export class TailSubscription implements AsyncIterableIterator<TailMessage> {
  readonly #abort = new AbortController();
  #queue: TailMessage[] = [];
  #bytes = 0;
  #reader: TailReader | undefined;
  #position: number | undefined;
  #cursor: string;
  #resume: (() => void) | undefined;
  #live = false;
  #ended = false;

  constructor(private readonly options: SubscriptionOptions) {
    const { log, after } = options;
    this.#reader = after === undefined || after === '' ? log.readerAtEnd() : log.readerFrom(after);
    this.#cursor = this.#reader.cursor;
    this.#position = this.#reader.position;
    // Where events have no place of their own, a client that is cut before the end of its first flush would have none to come back to.
    if (this.#reader.position !== undefined && this.#cursor !== '' && log.cursorAt(0) === undefined)
      this.#push({ kind: 'place', lastEventId: this.#cursor });
    this.#tryJoin();
  }

  /** Offset up to which nothing is left to be looked at; undefined while something older is read. */
  get position(): number | undefined {
    return this.#position;
  }

  get streamer(): string | undefined {
    return this.options.streamer;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** One call at a time. */
  async next(): Promise<IteratorResult<TailMessage, undefined>> {
    for (;;) {
      const message = this.poll();
      if (message !== undefined) return { done: false, value: message };
      if (this.#ended) return { done: true, value: undefined };
      if (this.#live) await new Promise<void>((resolve) => (this.#resume = resolve));
      else await this.#catchUp();
    }
  }

  /** The next message that waits already; undefined when none does. */
  poll(): TailMessage | undefined {
    const message = this.#queue.shift();
    if (message !== undefined) this.#bytes -= sizeOf(message);
    return message;
  }

  /** The client has left: nothing more is delivered. */
  async return(): Promise<IteratorResult<TailMessage, undefined>> {
    this.#queue = [];
    this.#finish();
    return { done: true, value: undefined };
  }

  /**
   * An event of the shared tail. Each is offered once, in order; those seen while catching up are skipped.
   * @returns whether it was queued, so that a place has to follow (`mark`)
   */
  offer(event: TailEvent, message: () => TailMessage): boolean {
    if (this.#ended || event.offset <= (this.#position ?? 0)) return false;
    this.#position = event.offset;
    if (!this.options.accepts(event)) return false;
    this.#push(message());
    if (this.#bytes > this.options.maxBytes()) this.end('slow');
    return true;
  }

  /** The place after a batch of the shared tail, events of which were queued; told where they have no place of their own. */
  mark(lastEventId: string): void {
    if (!this.#ended) this.#push({ kind: 'place', lastEventId });
  }

  /**
   * When nothing waits for the client: a sign of life, with the place of the shared tail if it follows that. To one that may not
   * read any more the end, and nothing of what waits.
   */
  heartbeat(cursor: string): void {
    if (this.#ended) return;
    if (!this.options.stillAllowed()) {
      this.#queue = [];
      this.#bytes = 0;
      this.end('refused');
      return;
    }
    if (this.#queue.length > 0) return;
    if (this.#live) this.#cursor = cursor;
    if (this.#cursor !== '') this.#push({ kind: 'heartbeat', lastEventId: this.#cursor });
  }

  reset(reason: ResetReason, cursor: string): void {
    if (!this.#ended) this.#push({ kind: 'reset', lastEventId: cursor, reason });
  }

  /** The shared tail is gone for now, at this place: reads the log itself again. */
  detach(cursor: string): void {
    this.#live = false;
    this.#cursor = cursor;
    this.#wake();
  }

  /** The last message; what waits before it is still delivered. */
  end(reason: EndReason): void {
    if (this.#ended) return;
    this.#push({ kind: 'end', reason });
    this.#finish();
  }

  async #catchUp(): Promise<void> {
    const { log } = this.options;
    try {
      this.#reader ??= this.#cursor === '' ? log.readerAtEnd() : log.readerFrom(this.#cursor);
      const batch = await this.#reader.read(this.#abort.signal);
      if (this.#ended) return;
      if (batch === undefined) {
        this.end('closing');
        return;
      }
      this.#queueBatch(batch);
      this.#position = this.#reader.position;
      this.#tryJoin();
    } catch {
      this.end('failed');
    }
  }

  #queueBatch({ events, cursor, reset }: TailBatch): void {
    this.#cursor = cursor;
    if (reset !== undefined) this.reset(reset, cursor);
    const wanted = events.filter(this.options.accepts);
    for (const event of wanted) this.#push(eventMessage(this.options.log, event));
    const last = wanted[wanted.length - 1];
    if (last !== undefined && this.options.log.cursorAt(last.offset) === undefined) {
      this.#push({ kind: 'place', lastEventId: cursor });
    }
  }

  #tryJoin(): void {
    this.#live = this.#position !== undefined && this.options.join(this);
    if (this.#live) this.#closeReader();
  }

  #push(message: TailMessage): void {
    this.#queue.push(message);
    this.#bytes += sizeOf(message);
    this.#wake();
  }

  #finish(): void {
    this.#ended = true;
    this.#abort.abort();
    this.#closeReader();
    this.options.leave(this);
    this.#wake();
  }

  #closeReader(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }

  #wake(): void {
    this.#resume?.();
    this.#resume = undefined;
  }
}

export function eventMessage(log: TailLog, event: TailEvent): TailMessage {
  const lastEventId = log.cursorAt(event.offset);
  const data = event.value.toString();
  return lastEventId === undefined
    ? { kind: 'event', type: event.type, data }
    : { kind: 'event', lastEventId, type: event.type, data };
}

function sizeOf(message: TailMessage): number {
  return MESSAGE_OVERHEAD_BYTES + (message.kind === 'event' ? message.data.length : 0);
}
