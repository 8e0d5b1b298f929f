import type { Clock, Random } from '../common/clock.port.js';
import { CrashPoint, type CrashPoints, NO_CRASH_POINTS } from '../common/crash-point.js';
import type { Logger } from '../common/logger.port.js';
import type { Journal, JournalReader, StoredEvent } from '../journal/journal.port.js';
import { BackOff } from '../common/back-off.js';
import type { EventPublisher } from './event-publisher.port.js';
import { pause } from './pause.js';
import { PublishError } from './publish.errors.js';

/** Name of the publisher's reader in the journal. */
export const PUBLISHER_READER = 'publisher';

export interface PublishMetrics {
  failed(code: string): void;
  /** One acknowledged batch took so long. */
  duration(seconds: number): void;
}

export interface PublishLoopOptions {
  readonly journal: Journal;
  readonly publisher: EventPublisher;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: PublishMetrics;
  /** Events of one batch at most; default 2,000. */
  readonly maxEvents?: number;
  /** Bytes of the values of one batch at most; default 4 MiB. */
  readonly maxBytes?: number;
  /** A failure that no retry will mend: the loop has stopped, the process should too. */
  onFatal?(error: Error): void;
  readonly crashPoints?: CrashPoints;
}

export interface PublishState {
  /** `starting`: not connected yet. `retrying`: the last attempt failed. `failed`: given up for good. */
  readonly status: 'starting' | 'publishing' | 'retrying' | 'failed' | 'stopped';
  /** When the status began, ms since the epoch. */
  readonly since: number;
  /** Of the newest failure while `retrying` or `failed`; without secrets. */
  readonly error?: { readonly code: string; readonly message: string };
}

const MAX_EVENTS = 2_000;
const MAX_BYTES = 4 * 1024 * 1024;
const RETRY_BASE_MS = 200;
/** Short enough that a broker's return is noticed soon, long enough that many replicas do not press it. */
const RETRY_CAP_MS = 4_000;
/** A healthy cluster acknowledges a batch in milliseconds. */
const STALLED_MS = 4_000;

/**
 * Moves events from the journal to Kafka: reads, publishes, and moves the cursor only after the acknowledgement. Retries
 * for ever with exponential back-off and full jitter; one log line for each change of state.
 */
export class PublishLoop {
  readonly #stopping = new AbortController();
  readonly #limits: { maxEvents: number; maxBytes: number };
  readonly #backOff: BackOff;
  readonly #crashPoints: CrashPoints;
  #state: PublishState;
  #reader: JournalReader | undefined;
  #running: Promise<void> | undefined;
  #progress: (() => void)[] = [];
  #batchSince: number | undefined;

  constructor(private readonly options: PublishLoopOptions) {
    this.#limits = { maxEvents: options.maxEvents ?? MAX_EVENTS, maxBytes: options.maxBytes ?? MAX_BYTES };
    this.#crashPoints = options.crashPoints ?? NO_CRASH_POINTS;
    this.#backOff = new BackOff({ random: options.random, baseMs: RETRY_BASE_MS, capMs: RETRY_CAP_MS });
    this.#state = { status: 'starting', since: options.clock.now() };
  }

  get state(): PublishState {
    return this.#state;
  }

  /** Events in the journal that are not acknowledged yet. */
  get pending(): number {
    return this.options.journal.stats().lastOffset - (this.#reader?.committed ?? 0);
  }

  /** Takes the reader and begins. Resolves before the broker answers: whether it does is the loop's business. */
  async start(): Promise<void> {
    this.#reader = await this.options.journal.reader(PUBLISHER_READER);
    this.#running = this.#run(this.#reader);
  }

  /** Waits until everything that the journal holds now is acknowledged. Resolves early when the signal aborts or the loop ends. */
  async drain(signal?: AbortSignal): Promise<void> {
    const target = this.options.journal.stats().lastOffset;
    const reader = this.#reader;
    if (reader === undefined) return;
    const look = (): void => this.#wake();
    signal?.addEventListener('abort', look, { once: true });
    while (reader.committed < target && signal?.aborted !== true && this.#going) {
      await new Promise<void>((resolve) => this.#progress.push(resolve));
    }
    signal?.removeEventListener('abort', look);
  }

  /**
   * Finishes the batch that is under way (not longer than the signal lets it), then closes reader and publisher. What was
   * not acknowledged stays in the journal for the next start.
   */
  async stop(signal?: AbortSignal): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    const aborted = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    if (signal?.aborted !== true) await Promise.race([this.#running, aborted]);
    await this.#reader?.close();
    await this.options.publisher.stop();
    if (this.#state.status !== 'failed') this.#enter({ status: 'stopped', since: this.options.clock.now() });
  }

  /** For readiness: why nothing goes out although it should, undefined when all is well. */
  problem(): string | undefined {
    const { status, error } = this.#state;
    if (status === 'starting') return 'not connected to Kafka yet';
    if (error !== undefined) return error.message;
    const waiting = this.#batchSince === undefined ? 0 : this.options.clock.monotonic() - this.#batchSince;
    return waiting > STALLED_MS ? `Kafka has not answered for ${Math.round(waiting / 1000)} s` : undefined;
  }

  get #going(): boolean {
    return !this.#stopping.signal.aborted && this.#state.status !== 'failed';
  }

  async #run(reader: JournalReader): Promise<void> {
    try {
      while (this.#going && !(await this.#attempt(() => this.options.publisher.start()))) await this.#pause();
      let ahead: Promise<readonly StoredEvent[]> | undefined;
      while (this.#going) {
        const events = await (ahead ?? this.#read(reader));
        const last = events[events.length - 1];
        // Nothing more comes: the loop stops or the journal has closed.
        if (last === undefined) break;
        // With a backlog the next batch is read while this one is under way; without, it would wait for events.
        ahead = last.offset < this.options.journal.stats().lastOffset ? this.#read(reader) : undefined;
        // Its failure is met when it is waited for.
        ahead?.catch(() => undefined);
        if (await this.#attempt(() => this.#publish(events))) {
          reader.commit(last.offset);
          this.#crashPoints.reached(CrashPoint.PublishCommitted);
          this.#wake();
        } else {
          await ahead;
          ahead = undefined;
          reader.rewind();
          await this.#pause();
        }
      }
    } catch (error) {
      // The journal cannot be read.
      this.#giveUp(error instanceof Error ? error : new Error(String(error)), 'WATCHER_JOURNAL_CORRUPT');
    }
    this.#wake();
  }

  /** The next batch; waits for its first event only. The journal hands out what one read of its files holds, which is less. */
  async #read(reader: JournalReader): Promise<readonly StoredEvent[]> {
    const { maxEvents, maxBytes } = this.#limits;
    const batch: StoredEvent[] = [];
    let bytes = 0;
    for (;;) {
      const limits = { maxEvents: maxEvents - batch.length, maxBytes: maxBytes - bytes };
      const events = await reader.read(limits, this.#stopping.signal);
      for (const event of events) {
        batch.push(event);
        bytes += event.value.length;
      }
      const last = events[events.length - 1];
      const behind = last !== undefined && last.offset < this.options.journal.stats().lastOffset;
      if (!behind || batch.length >= maxEvents || bytes >= maxBytes) return batch;
    }
  }

  async #publish(events: readonly StoredEvent[]): Promise<void> {
    const { clock, metrics, publisher } = this.options;
    const startedAt = clock.monotonic();
    this.#batchSince = startedAt;
    this.#crashPoints.reached(CrashPoint.PublishBeforeSend);
    try {
      await publisher.publish(events);
    } finally {
      this.#batchSince = undefined;
    }
    this.#crashPoints.reached(CrashPoint.PublishAcknowledged);
    metrics.duration((clock.monotonic() - startedAt) / 1000);
  }

  /** Whether it worked; notes, counts and says what happened. */
  async #attempt(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
    } catch (error) {
      this.#failed(error);
      return false;
    }
    if (this.#state.status !== 'publishing') {
      this.options.logger.info('publisher.connected', { attempts: this.#backOff.attempts + 1 });
      this.#enter({ status: 'publishing', since: this.options.clock.now() });
    }
    this.#backOff.reset();
    return true;
  }

  #failed(cause: unknown): void {
    const error =
      cause instanceof PublishError
        ? cause
        : new PublishError('WATCHER_KAFKA_NOT_ACKNOWLEDGED', 'Publishing failed.', { cause });
    this.options.metrics.failed(error.code);
    if (!error.retryable) {
      this.#giveUp(error, error.code);
      return;
    }
    const shown = { code: error.code, message: error.message };
    if (this.#state.error?.code !== error.code) {
      const { commands } = error.context;
      this.options.logger.warn('publisher.failing', {
        ...shown,
        pending: this.pending,
        ...(commands ? { commands } : {}),
      });
      this.#enter({ status: 'retrying', since: this.options.clock.now(), error: shown });
    }
  }

  #giveUp(error: Error, code: string): void {
    this.options.logger.error('publisher.failed', { code, message: error.message });
    this.#enter({ status: 'failed', since: this.options.clock.now(), error: { code, message: error.message } });
    this.options.onFatal?.(error);
  }

  #enter(state: PublishState): void {
    this.#state = state;
  }

  /** Ends early when the loop is stopped. */
  async #pause(): Promise<void> {
    if (this.#going) await pause(this.options.clock, this.#backOff.next(), this.#stopping.signal);
  }

  #wake(): void {
    const waiting = this.#progress;
    this.#progress = [];
    for (const resume of waiting) resume();
  }
}
