import { exponentialMs } from '../../common/back-off.js';
import type { Clock, Random } from '../../common/clock.port.js';

/** `closed`: attempts are made. `open`: the way rests. `halfOpen`: its rest is over, one attempt decides. */
export const BREAKER_STATES = ['closed', 'open', 'halfOpen'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

export interface CircuitBreakerOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** No rest is longer, unless the other side asked for it, ms; default 10 minutes. */
  readonly maxRestMs?: number;
}

/** When a failure opens the breaker. */
export interface RestRule {
  /** Failures in a row until it opens; 0 for never. */
  readonly restAfter: number;
  /** The first rest, ms. */
  readonly restMs: number;
  /** What the other side asked for, ms; the longer of the two counts. */
  readonly askedMs?: number | undefined;
}

const DEFAULT_MAX_REST_MS = 600_000;
/** Rests are up to this share longer, so that many breakers do not end theirs at one instant. */
const JITTER = 0.25;
/** An attempt that decides and is never heard of again must not close the way for ever, ms. */
const TRIAL_MS = 120_000;

/**
 * Keeps attempts from a way that does not work at present. After its rest exactly one attempt is let through: it closes
 * the breaker, or opens it again for twice as long.
 */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  #failures = 0;
  /** Rests since the last success. */
  #rests = 0;
  #openUntil = 0;
  #open = false;
  #trialUntil = 0;

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  get state(): BreakerState {
    if (!this.#open) return 'closed';
    return this.#options.clock.monotonic() < this.#openUntil ? 'open' : 'halfOpen';
  }

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** How long until an attempt may be made, ms; 0 when one may be made now. */
  get restForMs(): number {
    if (!this.#open) return 0;
    const now = this.#options.clock.monotonic();
    return Math.max(0, this.#openUntil - now, this.#trialUntil - now);
  }

  /** Begins an attempt, if one may be made. Each `true` is followed by exactly one of the three methods below. */
  enter(): boolean {
    if (this.restForMs > 0) return false;
    if (this.#open) this.#trialUntil = this.#options.clock.monotonic() + TRIAL_MS;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#rests = 0;
    this.#open = false;
    this.#trialUntil = 0;
  }

  failed({ restAfter, restMs, askedMs = 0 }: RestRule): void {
    const trial = this.#trialUntil > 0;
    this.#trialUntil = 0;
    if (restAfter === 0) return;
    this.#failures += 1;
    if (!trial && this.#failures < restAfter) return;
    // Attempts that were under way when it opened do not make its rest longer.
    if (this.state === 'open' && askedMs === 0) return;
    const { clock, random, maxRestMs = DEFAULT_MAX_REST_MS } = this.#options;
    const rest = exponentialMs(restMs, maxRestMs, this.#rests);
    this.#rests += 1;
    this.#open = true;
    const spread = Math.max(rest, askedMs) * (1 + JITTER * random.next());
    this.#openUntil = Math.max(this.#openUntil, clock.monotonic() + Math.ceil(spread));
  }

  /** The attempt was given up, or says nothing about the way. */
  left(): void {
    this.#trialUntil = 0;
  }
}
