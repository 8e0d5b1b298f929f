interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/**
 * Time that moves only when told to. Matches the watcher's `Clock` port: `now` may be set to jump, `monotonic` never
 * goes back, timers fire in the order of their due times during `advance`.
 */
export class FakeClock {
  #now: number;
  #monotonic = 0;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(startAt = Date.UTC(2026, 0, 1)) {
    this.#now = startAt;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimeout(callback: () => void, delayMs: number): { cancel(): void } {
    const timer = { at: this.#monotonic + Math.max(0, delayMs), order: (this.#order += 1), callback };
    this.#timers.add(timer);
    return { cancel: () => this.#timers.delete(timer) };
  }

  /** Timers that have not fired. */
  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** Milliseconds until the next timer, undefined when none is set. */
  get nextTimerIn(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : next.at - this.#monotonic;
  }

  /** Moves the wall clock alone, as a correction by the system would. */
  jump(byMs: number): void {
    this.#now += byMs;
  }

  /**
   * Moves time on and fires what becomes due, also timers set on the way. After each timer the event loop gets a turn, so
   * that promises which the callback settled are handled before the next one fires.
   */
  async advance(byMs: number): Promise<void> {
    const target = this.#monotonic + byMs;
    await turn();
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.at > target) break;
      this.#moveTo(next.at);
      this.#timers.delete(next);
      next.callback();
      await turn();
    }
    this.#moveTo(target);
    await turn();
  }

  #moveTo(monotonic: number): void {
    this.#now += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    }
    return next;
  }
}

/** One full turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
