import { BackOff } from '../common/back-off.js';
import type { Clock, Random } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import { withTimeout } from '../common/with-timeout.js';

export interface StoreLineOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** A call that takes longer has failed, ms. */
  readonly timeoutMs: number;
  /** Longest pause between two attempts while the store is away, ms. */
  readonly maxPauseMs: number;
}

/** A store that takes longer for one statement is not well, ms. */
const SLOW_CALL_MS = 3_000;
/** Nobody waits longer for a last word to a store that is away, ms. */
const LAST_WORD_MS = 3_000;
const FIRST_PAUSE_MS = 1_000;
/** A store that is away is not asked at once, as full jitter would have it now and then. */
const CERTAIN_SHARE = 0.5;

/**
 * The way to the lease store: one piece of work at a time, no call longer than its limit, and the knowledge whether the
 * store is there. While it is away attempts are spread: doubling pauses with jitter, so that a fleet does not come back
 * at one instant.
 */
export class StoreLine {
  readonly #o: StoreLineOptions;
  readonly #backOff: BackOff;
  #chain: Promise<void> = Promise.resolve();
  #away = false;
  #retryAt = 0;
  #contactAt: number;
  /** When the call that is under way began. */
  #callSince: number | undefined;

  constructor(options: StoreLineOptions) {
    this.#o = options;
    const { random, maxPauseMs } = options;
    this.#backOff = new BackOff({ random, baseMs: FIRST_PAUSE_MS, capMs: maxPauseMs, certain: CERTAIN_SHARE });
    this.#contactAt = options.clock.monotonic();
  }

  /** True from a failed call to the next one that succeeds. */
  get away(): boolean {
    return this.#away;
  }

  /** True when the store is away and it is time to try again. */
  get retryDue(): boolean {
    return this.#away && this.#o.clock.monotonic() >= this.#retryAt;
  }

  /** True when the call that is under way should have had its answer. */
  get slow(): boolean {
    return this.#callSince !== undefined && this.#o.clock.monotonic() - this.#callSince > SLOW_CALL_MS;
  }

  /** True when a further call would most likely have no answer either. */
  get silent(): boolean {
    return this.#away || this.slow;
  }

  /** Since the last answer, ms. */
  get sinceContactMs(): number {
    return this.#o.clock.monotonic() - this.#contactAt;
  }

  /** Everything that was queued so far is done when it resolves. Never rejects. */
  get idle(): Promise<void> {
    return this.#chain;
  }

  /** Runs `work` after what was queued before it. Never rejects: what the work throws is logged. */
  enqueue(work: () => Promise<void>): Promise<void> {
    this.#chain = this.#chain
      .then(work)
      .catch((error: unknown) => this.#o.logger.error('leases.listener_failed', { error }));
    return this.#chain;
  }

  /** One call of the store. @throws what the store throws, or an Error when it does not answer in time */
  async call<T>(work: () => Promise<T>): Promise<T> {
    this.#callSince = this.#o.clock.monotonic();
    try {
      return await this.#within(this.#o.timeoutMs, work);
    } finally {
      this.#callSince = undefined;
    }
  }

  /** As `call`, for what is said at a stop: beside other calls, and a store that is away is not waited for as long. */
  lastWord<T>(work: () => Promise<T>): Promise<T> {
    return this.#within(this.silent ? Math.min(LAST_WORD_MS, this.#o.timeoutMs) : this.#o.timeoutMs, work);
  }

  #within<T>(timeoutMs: number, work: () => Promise<T>): Promise<T> {
    return withTimeout(work, timeoutMs, this.#o.clock, 'The lease store did not answer in time.');
  }

  /** The store answered. `held`: leases of this replica, for the log. */
  reached(held: number): void {
    this.#contactAt = this.#o.clock.monotonic();
    this.#backOff.reset();
    if (!this.#away) return;
    this.#away = false;
    this.#o.logger.info('leases.store_back', { held });
  }

  /** The store did not answer. Told once until it is back. */
  failed(error: unknown, fields: Readonly<Record<string, unknown>>): void {
    if (!this.#away) this.#o.logger.warn('leases.store_away', { ...fields, error });
    this.#away = true;
    this.#retryAt = this.#o.clock.monotonic() + this.#backOff.next();
  }
}
