import type { Clock, TimerHandle } from '../common/clock.port.js';

export interface HostRateLimiterOptions {
  readonly clock: Clock;
  /** Requests per second and host in the long run; default 1. */
  readonly perSecond?: number;
  /** Requests that may go at once after a quiet time; default 1. */
  readonly burst?: number;
}

interface Waiter {
  readonly grant: () => void;
}

interface Host {
  tokens: number;
  refilledAt: number;
  blockedUntil: number;
  readonly waiting: Set<Waiter>;
  timer?: TimerHandle | undefined;
}

/**
 * A token bucket for each host, shared by everything in the process that sends requests there. Grants are in order of
 * asking. Bounded by its callers: each has a bounded number of requests under way.
 */
export class HostRateLimiter {
  readonly #clock: Clock;
  readonly #perMs: number;
  readonly #burst: number;
  readonly #hosts = new Map<string, Host>();

  constructor(options: HostRateLimiterOptions) {
    this.#clock = options.clock;
    this.#perMs = (options.perSecond ?? 1) / 1000;
    this.#burst = Math.max(1, options.burst ?? 1);
  }

  /** Resolves when a request to the host may be sent. @throws the signal's reason when it aborts before that. */
  acquire(host: string, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(signal.reason as Error);
    const entry = this.#host(host);
    if (entry.waiting.size === 0 && this.#take(entry)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        entry.waiting.delete(waiter);
        reject(signal?.reason as Error);
      };
      const waiter: Waiter = {
        grant: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      signal?.addEventListener('abort', abort, { once: true });
      entry.waiting.add(waiter);
      this.#schedule(entry);
    });
  }

  /** The host asked to be left alone: nothing is granted for so long. A shorter wait than the present one changes nothing. */
  block(host: string, ms: number): void {
    const entry = this.#host(host);
    entry.blockedUntil = Math.max(entry.blockedUntil, this.#clock.monotonic() + ms);
    entry.timer?.cancel();
    entry.timer = undefined;
    this.#schedule(entry);
  }

  /** How long the host still wants to be left alone, ms; 0 when it does not. */
  blockedFor(host: string): number {
    return Math.max(0, (this.#hosts.get(host)?.blockedUntil ?? 0) - this.#clock.monotonic());
  }

  /** Requests that wait for their turn, over all hosts. */
  get waiting(): number {
    let count = 0;
    for (const host of this.#hosts.values()) count += host.waiting.size;
    return count;
  }

  #host(name: string): Host {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = { tokens: this.#burst, refilledAt: this.#clock.monotonic(), blockedUntil: 0, waiting: new Set() };
      this.#hosts.set(name, host);
    }
    return host;
  }

  #take(host: Host): boolean {
    const now = this.#clock.monotonic();
    host.tokens = Math.min(this.#burst, host.tokens + (now - host.refilledAt) * this.#perMs);
    host.refilledAt = now;
    // A timer may fire a hair early: a missing millionth of a token is none.
    if (now < host.blockedUntil || host.tokens < 1 - 1e-6) return false;
    host.tokens -= 1;
    return true;
  }

  #schedule(host: Host): void {
    if (host.timer !== undefined || host.waiting.size === 0) return;
    const now = this.#clock.monotonic();
    const refill = (1 - host.tokens) / this.#perMs - (now - host.refilledAt);
    const delay = Math.ceil(Math.max(0, refill, host.blockedUntil - now));
    host.timer = this.#clock.setTimeout(() => {
      host.timer = undefined;
      for (const waiter of host.waiting) {
        if (!this.#take(host)) break;
        host.waiting.delete(waiter);
        waiter.grant();
      }
      this.#schedule(host);
    }, delay);
  }
}
