import type { Clock, TimerHandle } from '../common/clock.port.js';

export interface ProbeOptions {
  readonly clock: Clock;
  /** Resolves when the other side answered, rejects when it did not; bounded in time by itself. */
  readonly check: () => Promise<void>;
  /** Time between two looks, ms; default 1,500. */
  readonly intervalMs?: number;
  /** Without an answer for so long the other side counts as away, ms; default 2,000. */
  readonly timeoutMs?: number;
}

const INTERVAL_MS = 1_500;
const TIMEOUT_MS = 2_000;

/**
 * Looks again and again whether another side answers, one look at a time, and keeps what it saw: so readiness can be asked
 * without waiting, and knows of a fault within interval and timeout together.
 */
export class Probe {
  #away = false;
  #stopped = false;
  #timer: TimerHandle | undefined;

  constructor(private readonly options: ProbeOptions) {}

  /** True when the newest look had no answer, or has had none for longer than the timeout. */
  get away(): boolean {
    return this.#away;
  }

  start(): void {
    void this.#look();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #look(): Promise<void> {
    const { clock, check, intervalMs = INTERVAL_MS, timeoutMs = TIMEOUT_MS } = this.options;
    const late = clock.setTimeout(() => (this.#away = true), timeoutMs);
    try {
      await check();
      this.#away = false;
    } catch {
      // Why is the business of those who use the other side; here counts that it did not answer.
      this.#away = true;
    } finally {
      late.cancel();
    }
    if (!this.#stopped) this.#timer = clock.setTimeout(() => void this.#look(), intervalMs);
  }
}
