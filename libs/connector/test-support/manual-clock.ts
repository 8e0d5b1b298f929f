import type { ConnectorClock, ConnectorTimer } from '../src/common/clock.js';

interface Pending {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that moves when a test says so. */
export class ManualClock implements ConnectorClock {
  /** Delays that were asked for, in order. */
  readonly delays: number[] = [];
  private time = Date.UTC(2026, 0, 1);
  private readonly pending = new Set<Pending>();

  /** @param fireAtOnce delays that need no waiting: they fire in the next turn of the event loop, and time moves along */
  constructor(private readonly fireAtOnce: (delayMs: number) => boolean = () => false) {}

  now(): number {
    return this.time;
  }

  setTimeout(callback: () => void, delayMs: number): ConnectorTimer {
    this.delays.push(delayMs);
    const entry: Pending = { at: this.time + delayMs, callback };
    this.pending.add(entry);
    if (this.fireAtOnce(delayMs)) setImmediate(() => this.fire(entry));
    return { cancel: () => this.pending.delete(entry) };
  }

  get timers(): number {
    return this.pending.size;
  }

  /** Moves time on and fires what becomes due, in order of due times. */
  advance(byMs: number): void {
    const target = this.time + byMs;
    for (;;) {
      const next = [...this.pending].sort((a, b) => a.at - b.at)[0];
      if (!next || next.at > target) break;
      this.fire(next);
    }
    this.time = target;
  }

  private fire(entry: Pending): void {
    if (!this.pending.delete(entry)) return;
    this.time = Math.max(this.time, entry.at);
    entry.callback();
  }
}
