import type { Clock, Random } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import { pause } from '../publishing/pause.js';
import { BackOff } from '../common/back-off.js';
import type { FoldInput, FoldPosition, HistoryFold } from './history.port.js';

export interface FoldRetryOptions {
  readonly fold: HistoryFold;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const RETRY_BASE_MS = 200;
const RETRY_CAP_MS = 5_000;

/** Calls the fold again until the database takes the batch. One log line when it goes away and one when it is back. */
export class FoldRetry {
  readonly #backOff: BackOff;
  #problem: string | undefined;

  constructor(private readonly options: FoldRetryOptions) {
    this.#backOff = new BackOff({ random: options.random, baseMs: RETRY_BASE_MS, capMs: RETRY_CAP_MS });
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** False when the signal aborted first. */
  async apply(events: readonly FoldInput[], positions: readonly FoldPosition[], signal: AbortSignal): Promise<boolean> {
    const done = await this.#insist(() => this.options.fold.apply(events, positions).then(() => true), signal);
    return done === true;
  }

  /** Stored positions; undefined when the signal aborted first. */
  positions(prefix: string, signal: AbortSignal): Promise<ReadonlyMap<string, string> | undefined> {
    return this.#insist(() => this.options.fold.positions(prefix), signal);
  }

  async #insist<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    while (!signal.aborted) {
      try {
        const result = await work();
        if (this.#problem !== undefined)
          this.options.logger.info('history.resumed', { attempts: this.#backOff.attempts + 1 });
        this.#problem = undefined;
        this.#backOff.reset();
        return result;
      } catch (error) {
        if (this.#problem === undefined) this.options.logger.warn('history.failing', { error });
        this.#problem = 'the database does not take history';
      }
      await pause(this.options.clock, this.#backOff.next(), signal);
    }
    return undefined;
  }
}
