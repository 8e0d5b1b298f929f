import type { Clock, Random, TimerHandle } from './clock.port.js';

/** The clock of the machine. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  }
}

/** The random numbers of the runtime; not for secrets. */
export class SystemRandom implements Random {
  next(): number {
    return Math.random();
  }
}
