import type { Random } from './clock.port.js';

export interface BackOffOptions {
  readonly random: Random;
  /** Upper end of the first delay, ms. */
  readonly baseMs?: number;
  /** Upper end of every later delay, ms. */
  readonly capMs?: number;
  /** So much of each delay is certain, the rest random, 0 to 1; default 0: full jitter. */
  readonly certain?: number;
}

/** Waits asked for by the other side get up to this share on top, so that many rooms do not come back at one instant. */
const SPREAD = 0.1;
/** 2^30 times any base is above any cap: keeps the power finite for those who never give up. */
const MAX_EXPONENT = 30;

/** `baseMs` doubled `n` times, `capMs` at most; the curve of every back-off of the service. Times in ms. */
export function exponentialMs(baseMs: number, capMs: number, n: number): number {
  return Math.min(capMs, baseMs * 2 ** Math.min(n, MAX_EXPONENT));
}

/** Uniform from the `certain` share of `ms` (0 to 1) up to `ms`. */
export function jittered(ms: number, random: Random, certain = 0): number {
  return ms * (certain + (1 - certain) * random.next());
}

/**
 * Delays between attempts: exponential with full jitter, uniform in [0, min(cap, base × 2^n)], or with less of it. It has no
 * end; the caller decides when to stop, and when a period was healthy enough to start anew.
 */
export class BackOff {
  readonly #random: Random;
  readonly #baseMs: number;
  readonly #capMs: number;
  readonly #certain: number;
  #attempts = 0;

  constructor(options: BackOffOptions) {
    this.#random = options.random;
    this.#baseMs = options.baseMs ?? 500;
    this.#capMs = options.capMs ?? 60_000;
    this.#certain = options.certain ?? 0;
  }

  /** Delays given since the start or the last reset. */
  get attempts(): number {
    return this.#attempts;
  }

  /** The next delay in ms; never shorter than `floorMs` (for example what a `retry-after` asked for). */
  next(floorMs = 0): number {
    const delay = jittered(exponentialMs(this.#baseMs, this.#capMs, this.#attempts), this.#random, this.#certain);
    this.#attempts += 1;
    return Math.round(floorMs > 0 ? Math.max(delay, floorMs * (1 + SPREAD * this.#random.next())) : delay);
  }

  reset(): void {
    this.#attempts = 0;
  }
}
