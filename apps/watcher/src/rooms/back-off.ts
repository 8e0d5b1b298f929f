import type { Random } from '../common/clock.port.js';

export interface BackOffOptions {
  readonly random: Random;
  /** Upper end of the first delay, ms. */
  readonly baseMs?: number;
  /** Upper end of every later delay, ms. */
  readonly capMs?: number;
}

/** Waits asked for by the other side get up to this share on top, so that many rooms do not come back at one instant. */
const SPREAD = 0.1;
/** 2^20 times any base is above any cap: keeps the power finite for rooms that never give up. */
const MAX_EXPONENT = 20;

/**
 * Delays between attempts: exponential with full jitter, uniform in [0, min(cap, base × 2^n)]. It has no end; the
 * caller decides when to stop, and when a period was healthy enough to start anew.
 */
export class BackOff {
  readonly #random: Random;
  readonly #baseMs: number;
  readonly #capMs: number;
  #attempts = 0;

  constructor(options: BackOffOptions) {
    this.#random = options.random;
    this.#baseMs = options.baseMs ?? 500;
    this.#capMs = options.capMs ?? 60_000;
  }

  /** Delays given since the start or the last reset. */
  get attempts(): number {
    return this.#attempts;
  }

  /** The next delay in ms; never shorter than `floorMs` (for example what a `retry-after` asked for). */
  next(floorMs = 0): number {
    const ceiling = Math.min(this.#capMs, this.#baseMs * 2 ** Math.min(this.#attempts, MAX_EXPONENT));
    this.#attempts += 1;
    const delay = this.#random.next() * ceiling;
    return Math.round(floorMs > 0 ? Math.max(delay, floorMs * (1 + SPREAD * this.#random.next())) : delay);
  }

  reset(): void {
    this.#attempts = 0;
  }
}
