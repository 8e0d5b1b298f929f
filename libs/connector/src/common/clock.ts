/** A timer that was set and can be taken back. */
export interface ConnectorTimer {
  cancel(): void;
}

/** Time, injected, so that time-outs and heartbeats can be tested without waiting. */
export interface ConnectorClock {
  /** Milliseconds since the epoch; may jump. */
  now(): number;
  /** Calls `callback` once after `delayMs` milliseconds. */
  setTimeout(callback: () => void, delayMs: number): ConnectorTimer;
}

/** A timer of the runtime. A class, because one object with a method that all share is less than an object with a closure. */
class SystemTimer implements ConnectorTimer {
  constructor(private readonly timeout: NodeJS.Timeout) {}

  cancel(): void {
    clearTimeout(this.timeout);
  }
}

/** The computer's own clock. A pending timer keeps the process alive, as every wait of a caller should. */
export const systemClock: ConnectorClock = {
  now: () => Date.now(),
  setTimeout: (callback, delayMs) => new SystemTimer(setTimeout(callback, delayMs)),
};
