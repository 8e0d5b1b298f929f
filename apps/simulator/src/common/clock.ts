/** A pending timer; opaque to its holder. */
export type TimerHandle = object;

/** Time as the simulator sees it. Every timer and every timestamp goes through it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `callback` once, `ms` milliseconds from now. */
  setTimeout(callback: () => void, ms: number): TimerHandle;
  /** Cancels a timer; a fired or cancelled one is ignored. */
  clearTimeout(handle: TimerHandle | undefined): void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (handle) => {
    clearTimeout(handle as NodeJS.Timeout | undefined);
  },
};

interface ManualTimer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until `advance` is called: tests play hours in milliseconds and get the same run each time. */
export class ManualClock implements Clock {
  private current: number;
  private order = 0;
  private timers: ManualTimer[] = [];

  constructor(start = 1_760_000_000_000) {
    this.current = start;
  }

  now(): number {
    return this.current;
  }

  setTimeout(callback: () => void, ms: number): TimerHandle {
    const timer: ManualTimer = { at: this.current + Math.ceil(Math.max(0, ms)), order: (this.order += 1), callback };
    this.timers.push(timer);
    return timer;
  }

  clearTimeout(handle: TimerHandle | undefined): void {
    this.timers = this.timers.filter((timer) => timer !== handle);
  }

  /** Moves the time on by `ms` and runs what falls due on the way, in order; timers may set further timers. */
  advance(ms: number): void {
    const end = this.current + ms;
    for (;;) {
      let next: ManualTimer | undefined;
      for (const timer of this.timers) {
        if (
          timer.at <= end &&
          (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order))
        )
          next = timer;
      }
      if (next === undefined) break;
      this.timers.splice(this.timers.indexOf(next), 1);
      this.current = Math.max(this.current, next.at);
      next.callback();
    }
    this.current = end;
  }
}
