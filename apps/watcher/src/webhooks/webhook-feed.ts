import type { Clock, Random } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import { JournalError } from '../journal/journal.errors.js';
import type { Journal, JournalTail, StoredEvent } from '../journal/journal.port.js';
import { pause } from '../publishing/pause.js';
import { PersistentRetry } from './persistent-retry.js';
import type { Webhook } from './webhook.js';
import { wants } from './webhook-filter.js';
import type { WantedEvent, WebhookIntake } from './webhook-store.port.js';

export interface WebhookFeedOptions {
  readonly journal: Journal;
  readonly intake: WebhookIntake;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Most deliveries that may wait for one webhook. */
  readonly maxPending: number;
  /** How long a delivery may take before it is given up, ms. */
  readonly maxAgeMs: number;
  /** Told when there is something to send. */
  readonly onEnqueued: () => void;
  readonly metrics: {
    /** Events that too many waited before. */
    dropped(count: number): void;
    /** Events that the journal had deleted before they were looked at. */
    skipped(count: number): void;
  };
}

const LIMITS = { maxEvents: 2_000, maxBytes: 4 * 1024 * 1024 };
/** Most rows and bytes of one transaction; an event and its rows are never divided. */
const CHUNK_ROWS = 2_000;
const CHUNK_BYTES = 4 * 1024 * 1024;
/** Pause after a batch that was not full, so that a busy journal is looked at in batches and not event by event. */
const BATCH_MS = 100;
/** While no webhook is on: time between two looks whether there is one. */
const LOOK_MS = 1_000;
/** When nothing was wanted, the position is written at most so often. */
const REMEMBER_MS = 5_000;

interface Chunk {
  readonly wanted: WantedEvent[];
  offset: number;
}

/**
 * Reads the replica's journal by a tail and puts what webhooks want into the queue, with its position, in one transaction: a crash
 * neither loses an event nor takes one up twice. It never holds a segment of the journal and never slows rooms down. While the
 * database is away it waits; what the journal has deleted meanwhile is counted and logged.
 */
export class WebhookFeed {
  readonly #stopping = new AbortController();
  readonly #retry: PersistentRetry;
  readonly #waiting = new Set<() => void>();
  #running: Promise<void> = Promise.resolve();
  #tail: JournalTail | undefined;
  #position = 0;
  #remembered = -1;
  #rememberedAt = 0;
  #failed = false;
  #ended = false;

  constructor(private readonly options: WebhookFeedOptions) {
    this.#retry = new PersistentRetry({ ...options, part: 'feed' });
  }

  start(): void {
    this.#running = this.#run().catch((error: unknown) => {
      this.#failed = true;
      this.options.logger.error('webhooks.feedFailed', { error });
    });
    void this.#running.then(() => {
      this.#ended = true;
      this.#wake();
    });
  }

  /** Why nothing is taken up; undefined when all is well. */
  problem(): string | undefined {
    if (this.#failed) return 'the journal cannot be read';
    return this.#retry.failing ? 'the database does not take deliveries' : undefined;
  }

  /** Waits until everything that was durable at the call is looked at; not while the database is away. */
  async idle(signal: AbortSignal): Promise<void> {
    const target = this.options.journal.stats().lastOffset;
    const look = (): void => this.#wake();
    signal.addEventListener('abort', look, { once: true });
    while (this.#position < target && !signal.aborted && !this.#ended && this.problem() === undefined) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    signal.removeEventListener('abort', look);
  }

  /** Ends after the transaction under way. What was not looked at is read again after the next start. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { journal, intake } = this.options;
    const signal = this.#stopping.signal;
    const stored = await this.#retry.insist(() => intake.position(journal.id), signal);
    if (stored === undefined) return;
    // A journal that was never read is read from its beginning: its events are as new as the replica.
    const begin = stored.value ?? journal.stats().firstOffset - 1;
    this.#position = Math.min(begin, journal.stats().lastOffset);
    this.#remembered = stored.value ?? -1;
    while (!signal.aborted) {
      // What came while nobody wanted anything is not even read.
      if (this.#tail === undefined && journal.stats().lastOffset > this.#position) {
        const newest = journal.stats().lastOffset;
        const webhooks = await this.#retry.insist(() => intake.enabled(), signal);
        if (webhooks === undefined) break;
        if (webhooks.value.length === 0) {
          await this.#passBy(newest, signal);
          continue;
        }
      }
      const events = await this.#read(signal);
      if (events === undefined) continue;
      // Nothing more comes: stopped, or the journal has closed.
      if (events.length === 0) break;
      const newest = journal.stats().lastOffset;
      const webhooks = await this.#retry.insist(() => intake.enabled(), signal);
      if (webhooks === undefined) break;
      if (webhooks.value.length === 0) await this.#passBy(newest, signal);
      else if (await this.#take(events, webhooks.value, signal)) {
        if (events.length < LIMITS.maxEvents) await pause(this.options.clock, BATCH_MS, signal);
      }
      this.#wake();
    }
    this.#tail?.close();
    await this.#rememberLast();
  }

  /** There is no webhook: every event up to `newest` is older than any that can come now. */
  async #passBy(newest: number, signal: AbortSignal): Promise<void> {
    this.#moveTo(newest);
    await this.#remember(signal);
    this.#wake();
    await pause(this.options.clock, LOOK_MS, signal);
  }

  /** The next events, none when the journal has closed; undefined when some were deleted and it goes on with the oldest left. */
  async #read(signal: AbortSignal): Promise<readonly StoredEvent[] | undefined> {
    const { journal, logger, intake, metrics } = this.options;
    this.#tail ??= journal.tail(this.#position);
    try {
      return await this.#tail.read(LIMITS, signal);
    } catch (error) {
      if (!(error instanceof JournalError) || error.code !== 'WATCHER_JOURNAL_OFFSET_TOO_OLD') throw error;
    }
    const { firstOffset, lastOffset } = journal.stats();
    const webhooks = await this.#retry.insist(() => intake.enabled(), signal);
    if (webhooks === undefined) return [];
    const skipped = Math.max(0, firstOffset - 1 - this.#position);
    if (webhooks.value.length > 0 && skipped > 0) {
      metrics.skipped(skipped);
      const hint = 'The database was away, or the replica stopped, for longer than the journal keeps events.';
      logger.error('webhooks.eventsSkipped', { events: skipped, hint });
    }
    this.#moveTo(webhooks.value.length > 0 ? Math.max(this.#position, firstOffset - 1) : lastOffset);
    return undefined;
  }

  /** False when it was stopped before all of them were taken up. */
  async #take(events: readonly StoredEvent[], webhooks: readonly Webhook[], signal: AbortSignal): Promise<boolean> {
    const { intake, journal, metrics, maxPending, maxAgeMs, onEnqueued } = this.options;
    const labels = await this.#labels(events, webhooks, signal);
    if (labels === undefined) return false;
    for (const { wanted, offset } of chunksOf(events, webhooks, labels)) {
      if (wanted.length > 0) {
        const position = { journalId: journal.id, offset };
        const done = await this.#retry.insist(() => intake.enqueue(wanted, position, { maxPending, maxAgeMs }), signal);
        if (done === undefined) return false;
        if (done.value.dropped > 0) metrics.dropped(done.value.dropped);
        if (done.value.enqueued > 0) onEnqueued();
        this.#noteRemembered(offset);
      }
      this.#position = offset;
    }
    await this.#remember(signal);
    return true;
  }

  async #labels(
    events: readonly StoredEvent[],
    webhooks: readonly Webhook[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, readonly string[]> | undefined> {
    const byLabel = webhooks.filter(({ labels }) => labels.length > 0);
    const asked = new Set<string>();
    const note = (subject: string) => (): readonly string[] => {
      asked.add(subject);
      return [];
    };
    for (const event of events) for (const webhook of byLabel) wants(webhook, event, note(event.subject));
    if (asked.size === 0) return new Map();
    return (await this.#retry.insist(() => this.options.intake.labelsOf([...asked]), signal))?.value;
  }

  #moveTo(offset: number): void {
    this.#position = offset;
    this.#tail?.close();
    this.#tail = undefined;
  }

  /** Writes the position where nothing else did, now and then. */
  async #remember(signal: AbortSignal): Promise<void> {
    const { clock, intake, journal, maxPending, maxAgeMs } = this.options;
    if (this.#position === this.#remembered || clock.monotonic() - this.#rememberedAt < REMEMBER_MS) return;
    const position = { journalId: journal.id, offset: this.#position };
    const done = await this.#retry.insist(() => intake.enqueue([], position, { maxPending, maxAgeMs }), signal);
    if (done !== undefined) this.#noteRemembered(position.offset);
  }

  async #rememberLast(): Promise<void> {
    const { intake, journal, logger, maxPending, maxAgeMs } = this.options;
    if (this.#position === this.#remembered || this.#retry.failing) return;
    const position = { journalId: journal.id, offset: this.#position };
    try {
      await intake.enqueue([], position, { maxPending, maxAgeMs });
    } catch (error) {
      // The next start reads a little again; what it finds is known by its ids.
      logger.warn('webhooks.positionNotWritten', { error });
    }
  }

  #noteRemembered(offset: number): void {
    this.#remembered = offset;
    this.#rememberedAt = this.options.clock.monotonic();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }
}

/** What is wanted of a batch, in transactions of bounded size. */
function chunksOf(
  events: readonly StoredEvent[],
  webhooks: readonly Webhook[],
  labels: ReadonlyMap<string, readonly string[]>,
): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let current: Chunk | undefined;
  let bytes = 0;
  for (const event of events) {
    if (current === undefined || current.wanted.length >= CHUNK_ROWS || bytes >= CHUNK_BYTES) {
      chunks.push((current = { wanted: [], offset: event.offset }));
      bytes = 0;
    }
    for (const webhook of webhooks) {
      if (!wants(webhook, event, () => labels.get(event.subject) ?? [])) continue;
      current.wanted.push({ webhookId: webhook.id, event });
      bytes += event.value.length;
    }
    current.offset = event.offset;
  }
  return chunks;
}
