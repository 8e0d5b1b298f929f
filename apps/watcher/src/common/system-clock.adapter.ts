import type { Clock, Random, TimerHandle } from './clock.port.js';

/** The runtime's limit (25 days); above it timers would fire at once. */
const MAX_DELAY_MS = 2_147_483_647;

/** The clock of the machine. */
export class SystemClock implements Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_DELAY_MS));
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
