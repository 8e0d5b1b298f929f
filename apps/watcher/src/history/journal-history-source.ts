import type { Journal, JournalReader, StoredEvent } from '../journal/journal.port.js';
import { FoldRetry, type FoldRetryOptions } from './fold-retry.js';
import type { HistorySource } from './history-source.port.js';

/** Name of the fold's reader in the journal. */
export const HISTORY_READER_NAME = 'history';

export interface JournalHistorySourceOptions extends FoldRetryOptions {
  readonly journal: Journal;
}

const LIMITS = { maxEvents: 1_000, maxBytes: 8 * 1024 * 1024 };

/** Raw bytes and canaries tell nothing about a session. */
export function isFolded(event: Pick<StoredEvent, 'topic'>): boolean {
  return event.topic !== 'raw' && event.topic !== 'canary';
}

/** Folds history from the journal: for a service without Kafka. The position in the database wins over the file cursor. */
export class JournalHistorySource implements HistorySource {
  readonly #retry: FoldRetry;
  readonly #stopping = new AbortController();
  readonly #waiting = new Set<() => void>();
  #reader: JournalReader | undefined;
  #running: Promise<void> | undefined;
  #failure: string | undefined;

  constructor(private readonly options: JournalHistorySourceOptions) {
    this.#retry = new FoldRetry(options);
  }

  async start(): Promise<void> {
    this.#reader = await this.options.journal.reader(HISTORY_READER_NAME);
    this.#running = this.#run(this.#reader);
  }

  problem(): string | undefined {
    return this.#failure ?? this.#retry.problem;
  }

  async idle(signal?: AbortSignal): Promise<void> {
    const target = this.options.journal.stats().lastOffset;
    const look = (): void => this.#wake();
    signal?.addEventListener('abort', look, { once: true });
    while ((this.#reader?.committed ?? target) < target && signal?.aborted !== true && !this.#ended) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
    signal?.removeEventListener('abort', look);
  }

  async stop(signal?: AbortSignal): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    const late = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    if (signal?.aborted !== true) await Promise.race([this.#running, late]);
    await this.#reader?.close();
  }

  get #ended(): boolean {
    return this.#stopping.signal.aborted || this.#failure !== undefined;
  }

  async #run(reader: JournalReader): Promise<void> {
    const stream = `journal:${this.options.journal.id}`;
    const signal = this.#stopping.signal;
    try {
      const stored = (await this.#retry.positions(stream, signal))?.get(stream);
      if (stored !== undefined) reader.seek(Number(stored) - 1);
      for (;;) {
        const events = await reader.read(LIMITS, signal);
        const last = events[events.length - 1];
        // Nothing more comes: stopped, or the journal has closed.
        if (last === undefined) break;
        const inputs = events.filter(isFolded);
        const positions = [{ stream, next: String(last.offset + 1) }];
        if (inputs.length > 0 && !(await this.#retry.apply(inputs, positions, signal))) break;
        reader.commit(last.offset);
        this.#wake();
      }
    } catch (error) {
      this.#failure = 'the journal cannot be read';
      this.options.logger.error('history.failed', { error });
    }
    this.#wake();
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }
}
