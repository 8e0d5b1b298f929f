import type { Clock, Random } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import { pause } from '../publishing/pause.js';
import { BackOff } from '../common/back-off.js';

export interface PersistentRetryOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** What it is for, in the log. */
  readonly part: string;
}

const RETRY_BASE_MS = 200;
const RETRY_CAP_MS = 5_000;

/** Calls again until it succeeds or is told to stop. One log line when the database goes away and one when it is back. */
export class PersistentRetry {
  readonly #backOff: BackOff;
  #failing = false;

  constructor(private readonly options: PersistentRetryOptions) {
    this.#backOff = new BackOff({ random: options.random, baseMs: RETRY_BASE_MS, capMs: RETRY_CAP_MS });
  }

  /** True from a failure until the next success. */
  get failing(): boolean {
    return this.#failing;
  }

  /** The result as `{ value }`; undefined when the signal aborted first. Never rejects. */
  async insist<T>(work: () => Promise<T>, signal: AbortSignal): Promise<{ readonly value: T } | undefined> {
    const { clock, logger, part } = this.options;
    while (!signal.aborted) {
      try {
        const value = await work();
        if (this.#failing) logger.info('webhooks.resumed', { part });
        this.#failing = false;
        this.#backOff.reset();
        return { value };
      } catch (error) {
        if (!this.#failing) logger.warn('webhooks.databaseAway', { part, error });
        this.#failing = true;
      }
      await pause(clock, this.#backOff.next(), signal);
    }
    return undefined;
  }
}
