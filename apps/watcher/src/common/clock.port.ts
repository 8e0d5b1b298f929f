/** A timer that was set and can be taken back. */
export interface TimerHandle {
  cancel(): void;
}

/** Time, injected: rules never call Date.now or setTimeout themselves. */
export interface Clock {
  /** Milliseconds since the epoch; may jump. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
  /** Calls `callback` once after `delayMs` milliseconds. Timers do not keep the process alive. */
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
}

/** Randomness, injected. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}

export const CLOCK = Symbol('Clock');
export const RANDOM = Symbol('Random');
