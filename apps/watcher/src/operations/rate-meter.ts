import type { Clock } from '../common/clock.port.js';

const WINDOW_SECONDS = 10;

/** Events a second over the last ten seconds, in one bucket a second. */
export class RateMeter {
  readonly #buckets = new Map<number, number>();
  #total = 0;

  constructor(private readonly clock: Clock) {}

  get total(): number {
    return this.#total;
  }

  add(count: number): void {
    const second = this.#second();
    this.#total += count;
    this.#buckets.set(second, (this.#buckets.get(second) ?? 0) + count);
    for (const old of this.#buckets.keys()) if (old < second - WINDOW_SECONDS) this.#buckets.delete(old);
  }

  /** Over the last ten whole seconds; the running one does not count yet. */
  perSecond(): number {
    const now = this.#second();
    let sum = 0;
    for (const [second, count] of this.#buckets) if (second < now && second >= now - WINDOW_SECONDS) sum += count;
    return sum / WINDOW_SECONDS;
  }

  #second(): number {
    return Math.floor(this.clock.monotonic() / 1_000);
  }
}
