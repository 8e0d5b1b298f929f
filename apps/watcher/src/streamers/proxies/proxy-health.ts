import { exponentialMs, jittered } from '../../common/back-off.js';
import type { Clock, Random } from '../../common/clock.port.js';

/** `unreachable`: nobody there. `denied`: it does not know our login. `timeout`: no tunnel or no answer in time. `failed`: all else. */
export const PROXY_FAILURES = ['unreachable', 'denied', 'timeout', 'failed'] as const;
export type ProxyFailure = (typeof PROXY_FAILURES)[number];

/** `resting`: not used. `probing`: its rest is over, and one attempt decides. */
export const PROXY_STATES = ['healthy', 'resting', 'probing'] as const;
export type ProxyState = (typeof PROXY_STATES)[number];

export interface ProxyHealthReport {
  readonly state: ProxyState;
  /** Failures in a row. */
  readonly failures: number;
  readonly lastFailure?: ProxyFailure;
  /** ms since the epoch, as all times here. */
  readonly lastFailureAt?: number;
  readonly lastAnswerAt?: number;
  /** When it is tried again, while it rests. */
  readonly retryAt?: number;
}

/** Failures in a row after which a proxy rests. */
const FAILURES = 3;
/** First rest, ms; it doubles each time until an answer comes through. */
const FIRST_REST_MS = 15_000;
const MAX_REST_MS = 600_000;
/** So much of each rest is certain. */
const CERTAIN_SHARE = 0.5;
/** So long one attempt may take to decide before another one may, ms. */
const PROBE_MS = 30_000;

/**
 * Whether one proxy can be used: it rests after failures in a row, with back-off and jitter, then one attempt decides. A tunnel
 * that stands is not an answer yet: a proxy that lets everybody in and says nothing rests as well.
 */
export class ProxyHealth {
  readonly #clock: Clock;
  readonly #random: Random;
  /** In a row: tunnels that did not stand, requests without an answer. */
  #tunnels = 0;
  #silences = 0;
  #rests = 0;
  /** Monotonic. */
  #restUntil = 0;
  #resting = false;
  #probeUntil = 0;
  #lastFailure: { readonly reason: ProxyFailure; readonly at: number } | undefined;
  #lastAnswerAt: number | undefined;

  constructor({ clock, random }: { readonly clock: Clock; readonly random: Random }) {
    this.#clock = clock;
    this.#random = random;
  }

  /** 0 when it may be used now, else how long not, ms. */
  get waitMs(): number {
    if (!this.#resting) return 0;
    return Math.max(0, Math.max(this.#restUntil, this.#probeUntil) - this.#clock.monotonic());
  }

  /** It is going to be used: after a rest this is the attempt that decides. */
  chosen(): void {
    if (this.#resting) this.#probeUntil = this.#clock.monotonic() + PROBE_MS;
  }

  /** A tunnel stands. */
  connected(): void {
    this.#tunnels = 0;
    this.#recover();
  }

  /** Something came back through it. */
  answered(): void {
    this.#tunnels = 0;
    this.#silences = 0;
    this.#rests = 0;
    this.#lastAnswerAt = this.#clock.now();
    this.#recover();
  }

  /** No tunnel: `reason` says why. */
  failed(reason: ProxyFailure): void {
    this.#tunnels += 1;
    this.#fail(reason, reason === 'denied' ? FAILURES : this.#tunnels);
  }

  /** A request through it had no answer in time. */
  silent(): void {
    this.#silences += 1;
    this.#fail('timeout', this.#silences);
  }

  report(): ProxyHealthReport {
    const { waitMs } = this;
    const probing = this.#resting && this.#restUntil <= this.#clock.monotonic();
    return {
      state: !this.#resting ? 'healthy' : probing ? 'probing' : 'resting',
      failures: Math.max(this.#tunnels, this.#silences),
      ...(this.#lastFailure === undefined
        ? {}
        : { lastFailure: this.#lastFailure.reason, lastFailureAt: this.#lastFailure.at }),
      ...(this.#lastAnswerAt === undefined ? {} : { lastAnswerAt: this.#lastAnswerAt }),
      ...(this.#resting && !probing ? { retryAt: this.#clock.now() + Math.ceil(waitMs) } : {}),
    };
  }

  #fail(reason: ProxyFailure, inARow: number): void {
    this.#lastFailure = { reason, at: this.#clock.now() };
    const now = this.#clock.monotonic();
    // What was under way when the rest began says nothing new.
    if (this.#resting && now < this.#restUntil) return;
    if (!this.#resting && inARow < FAILURES) return;
    const longest = exponentialMs(FIRST_REST_MS, MAX_REST_MS, this.#rests);
    this.#rests += 1;
    this.#resting = true;
    this.#probeUntil = 0;
    this.#restUntil = now + jittered(longest, this.#random, CERTAIN_SHARE);
  }

  #recover(): void {
    this.#resting = false;
    this.#probeUntil = 0;
  }
}
