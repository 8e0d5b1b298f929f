import type { Clock } from '../common/clock.port.js';
import type { LiveChecker, LiveCheckResult } from '../streamers/live-checker.port.js';
import type { Streamer } from '../streamers/streamer.js';
import { isLive } from './verdict-judge.js';

export interface LiveProofOptions {
  readonly clock: Clock;
  readonly checker: LiveChecker;
  /** Told every answer. */
  readonly onResult: (result: LiveCheckResult) => void;
}

/** A word of the stream, or a verdict, this young needs no other, ms. */
const FRESH_MS = 30_000;
/** When nobody can say whether it is live: a proof this young still counts, ms. An older one does not, so that nothing is spent in the dark. */
const DOUBT_MS = 600_000;

/** When a room was last known to be live, and the question whether it still is before something is spent on it. */
export class LiveProof {
  readonly #options: LiveProofOptions;
  /** ms since the epoch. */
  #seenAt = Number.NEGATIVE_INFINITY;

  constructor(options: LiveProofOptions) {
    this.#options = options;
  }

  /** The room is live for certain, at `at` (ms since the epoch; default now). */
  seen(at = this.#options.clock.now()): void {
    this.#seenAt = Math.max(this.#seenAt, at);
  }

  /** It is over: what was seen before counts no more. */
  forget(): void {
    this.#seenAt = Number.NEGATIVE_INFINITY;
  }

  /** True when the room is live; asks the checker unless that was seen just now. @throws the signal's reason */
  async confirm(streamer: Streamer, roomId: string, signal: AbortSignal): Promise<boolean> {
    const { clock, checker, onResult } = this.#options;
    if (clock.now() - this.#seenAt <= FRESH_MS) return true;
    const result = await checker.check(streamer, signal);
    signal.throwIfAborted();
    onResult(result);
    if (isLive(result) && result.roomId === roomId) this.seen();
    else if (result.verdict === 'offline' || result.verdict === 'notFound' || isLive(result)) this.forget();
    return clock.now() - this.#seenAt <= DOUBT_MS;
  }
}
