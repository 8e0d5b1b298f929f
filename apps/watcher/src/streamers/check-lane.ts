import { type CheckPace, FULL_PACE, type PacedStreamer, paceFor } from './check-pace.js';
import { DueList } from './due-list.js';
import { HOUR_MS } from './start-habit.js';

/** What one way of asking allows. */
export interface CheckLaneOptions {
  /** Streamers a millisecond that may be checked in the long run. */
  readonly checksPerMs: number;
  /** Requests under way at once. */
  readonly concurrency: number;
  /** Streamers in one request. */
  readonly batch: number;
  /** Least time between two requests, ms. */
  readonly gapMs: number;
}

/** The pace is found anew at least so often, ms. */
const REFIT_MS = 60_000;
/** And when the number of streamers has changed by this share. */
const REFIT_SHARE = 0.05;
/** A request with room for more takes along who is due within so long, ms. */
const TAKE_ALONG_MS = 30_000;

/** What is due on one way of asking (an address of ours; the bulk check), and how closely its streamers can be looked after. */
export class CheckLane {
  readonly due = new DueList();
  /** By streamer id. */
  readonly members = new Map<string, PacedStreamer>();
  /** Requests under way. */
  running = 0;
  readonly #options: CheckLaneOptions;
  #pace = FULL_PACE;
  #refitAt = 0;
  #fittedFor = 0;
  /** Nothing is asked before, monotonic. */
  #notBefore = 0;

  constructor(options: CheckLaneOptions) {
    this.#options = options;
  }

  get unused(): boolean {
    return this.members.size === 0 && this.running === 0;
  }

  /** When the next request may begin, monotonic; Infinity while there is nothing to ask or enough is under way. */
  get readyAt(): number {
    if (this.running >= this.#options.concurrency) return Infinity;
    return Math.max(this.due.nextAt ?? Infinity, this.#notBefore);
  }

  /** Who is checked by the next request, if it may begin at `now` (monotonic); `at`: when the first of them was due. */
  take(now: number): { readonly ids: readonly string[]; readonly at: number } | undefined {
    if (this.readyAt > now) return undefined;
    const first = this.due.take(now);
    if (first === undefined) return undefined;
    const ids = [first.key];
    while (ids.length < this.#options.batch) {
      const next = this.due.take(now + TAKE_ALONG_MS);
      if (next === undefined) break;
      ids.push(next.key);
    }
    this.#notBefore = now + this.#options.gapMs;
    return { ids, at: first.at };
  }

  /** The present pace. `now` is ms since the epoch. */
  pace(now: number): CheckPace {
    const changed = Math.abs(this.members.size - this.#fittedFor) > REFIT_SHARE * this.#fittedFor;
    // A wall clock that was set back must not keep an old pace for ever.
    if (changed || now >= this.#refitAt || now < this.#refitAt - REFIT_MS) {
      this.#pace = paceFor([...this.members.values()], this.#options.checksPerMs, now);
      this.#fittedFor = this.members.size;
      this.#refitAt = Math.min(now + REFIT_MS, (Math.floor(now / HOUR_MS) + 1) * HOUR_MS);
    }
    return this.#pace;
  }
}
