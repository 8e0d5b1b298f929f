import type { Clock } from '../common/clock.port.js';

export interface CircuitBreakerOptions {
  readonly clock: Clock;
  /** Failures in a row that open it; default 3. */
  readonly failures?: number;
  /** How long it stays open, ms; default 60,000. */
  readonly openMs?: number;
}

/** Keeps attempts from a way that does not work at present. After its time one attempt decides again. */
export class CircuitBreaker {
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #openMs: number;
  #failures = 0;
  #openUntil = 0;

  constructor(options: CircuitBreakerOptions) {
    this.#clock = options.clock;
    this.#limit = options.failures ?? 3;
    this.#openMs = options.openMs ?? 60_000;
  }

  /** How long it stays open, ms; 0 when attempts may be made. */
  get openForMs(): number {
    return Math.max(0, this.#openUntil - this.#clock.monotonic());
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openUntil = 0;
  }

  failed(): void {
    this.#failures += 1;
    if (this.#failures >= this.#limit) this.open(this.#openMs);
  }

  /** The way is closed for sure: opens at once. */
  open(ms: number): void {
    this.#openUntil = Math.max(this.#openUntil, this.#clock.monotonic() + ms);
  }
}
