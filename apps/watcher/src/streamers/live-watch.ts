import type { Clock, Random, TimerHandle } from '../common/clock.port.js';
import {
  afterVerdict,
  type CheckHistory,
  checkInterval,
  type CheckIntervalOptions,
  NO_CHECKS,
} from './check-interval.js';
import { DueList } from './due-list.js';
import type { LiveChecker, LiveCheckResult } from './live-checker.port.js';
import { observationOf } from './observation.js';
import type { PlainSettings } from './streamer-settings.js';
import type { Streamer, StreamerObservation } from './streamer.js';

export interface LiveWatchOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly checker: LiveChecker;
  /** Takes what a check learned; see `ObservationWriter`. */
  readonly observe: (streamerId: string, observation: StreamerObservation) => void;
  /** The streamer is live: called once; the streamer is off the list until `watch` is called again. */
  readonly onLive: (streamer: Streamer, result: LiveCheckResult) => void;
  /** Interval of a streamer that was live lately, ms; default 60,000. */
  readonly intervalMs?: number;
  /** Longest interval, ms; default 1,800,000. */
  readonly maxIntervalMs?: number;
  /** Checks under way at once; default 8. */
  readonly concurrency?: number;
}

export interface LiveWatchStats {
  /** Streamers on the list or being checked. */
  readonly watched: number;
  readonly running: number;
  /** How late the most overdue check is, ms. */
  readonly latenessMs: number;
  readonly checks: Readonly<Record<LiveCheckResult['verdict'], number>>;
}

interface Watched {
  streamer: Streamer;
  history: CheckHistory;
  abort: AbortController | undefined;
}

/** Intervals are spread by this share up and down, so that streamers added together do not stay together. */
const JITTER = 0.15;

/**
 * The schedule of live checks for the streamers that this replica owns and that are not connected: newly watched ones
 * at once, then at an interval that grows with their misses. How many requests a host gets in a second is the
 * checker's matter; here the number of checks under way is bounded, the most overdue first. No streamer is ever
 * checked twice at a time.
 */
export class LiveWatch {
  readonly #options: LiveWatchOptions;
  readonly #intervals: CheckIntervalOptions;
  readonly #concurrency: number;
  readonly #due = new DueList();
  readonly #watched = new Map<string, Watched>();
  readonly #checks: Record<LiveCheckResult['verdict'], number> = {
    live: 0,
    paused: 0,
    offline: 0,
    restricted: 0,
    notFound: 0,
    unknown: 0,
  };
  #running = 0;
  #timer: { readonly at: number; readonly handle: TimerHandle } | undefined;
  #stopped = false;

  constructor(options: LiveWatchOptions) {
    this.#options = options;
    this.#intervals = { intervalMs: options.intervalMs ?? 60_000, maxIntervalMs: options.maxIntervalMs ?? 1_800_000 };
    this.#concurrency = options.concurrency ?? 8;
  }

  /** Puts a streamer on the list, to be checked after `delayMs` (default: at once). On the list already: only its data is renewed; with other intervals it is checked within the new one. */
  watch(streamer: Streamer, delayMs = 0): void {
    if (this.#stopped) return;
    const known = this.#watched.get(streamer.id);
    if (known !== undefined) {
      const before = intervalsOf(known.streamer, this.#intervals);
      const now = intervalsOf(streamer, this.#intervals);
      known.streamer = streamer;
      const differs = before.intervalMs !== now.intervalMs || before.maxIntervalMs !== now.maxIntervalMs;
      // One that is being checked is scheduled when that is done.
      if (differs && this.#due.has(streamer.id)) this.#schedule(streamer, now.intervalMs * this.#options.random.next());
      return;
    }
    this.#watched.set(streamer.id, { streamer, history: NO_CHECKS, abort: undefined });
    this.#schedule(streamer, delayMs);
  }

  /** Takes a streamer off the list; a check of it that is under way is given up. */
  unwatch(streamerId: string): void {
    this.#watched.get(streamerId)?.abort?.abort(new Error('no longer watched'));
    this.#watched.delete(streamerId);
    this.#due.delete(streamerId);
  }

  has(streamerId: string): boolean {
    return this.#watched.has(streamerId);
  }

  stats(): LiveWatchStats {
    const next = this.#due.nextAt;
    const latenessMs = next === undefined ? 0 : Math.max(0, this.#options.clock.monotonic() - next);
    return { watched: this.#watched.size, running: this.#running, latenessMs, checks: { ...this.#checks } };
  }

  /** Gives up every check; nothing is called back afterwards. */
  stop(): void {
    this.#stopped = true;
    for (const id of [...this.#watched.keys()]) this.unwatch(id);
    this.#timer?.handle.cancel();
    this.#timer = undefined;
  }

  #schedule(streamer: Streamer, delayMs: number): void {
    this.#due.set(streamer.id, this.#options.clock.monotonic() + delayMs, streamer.priority);
    this.#arm();
  }

  #arm(): void {
    const at = this.#due.nextAt;
    if (this.#stopped || at === undefined || this.#running >= this.#concurrency) return;
    if (this.#timer !== undefined && this.#timer.at <= at) return;
    this.#timer?.handle.cancel();
    const handle = this.#options.clock.setTimeout(
      () => {
        this.#timer = undefined;
        this.#run();
      },
      Math.max(0, at - this.#options.clock.monotonic()),
    );
    this.#timer = { at, handle };
  }

  #run(): void {
    while (this.#running < this.#concurrency) {
      const due = this.#due.take(this.#options.clock.monotonic());
      if (due === undefined) break;
      const watched = this.#watched.get(due.key);
      if (watched !== undefined) void this.#check(watched);
    }
    this.#arm();
  }

  async #check(watched: Watched): Promise<void> {
    const abort = new AbortController();
    watched.abort = abort;
    this.#running += 1;
    try {
      const result = await this.#ask(watched.streamer, abort.signal);
      if (!abort.signal.aborted) this.#conclude(watched, result);
    } finally {
      watched.abort = undefined;
      this.#running -= 1;
      this.#arm();
    }
  }

  async #ask(streamer: Streamer, signal: AbortSignal): Promise<LiveCheckResult> {
    try {
      return await this.#options.checker.check(streamer, signal);
    } catch (error) {
      // The checker rejects for an aborted signal only; anything else must still not stop the schedule.
      return { verdict: 'unknown', reason: error instanceof Error ? error.message : 'the check failed' };
    }
  }

  #conclude(watched: Watched, result: LiveCheckResult): void {
    const { streamer } = watched;
    const now = this.#options.clock.now();
    this.#checks[result.verdict] += 1;
    watched.history = afterVerdict(watched.history, result.verdict);
    const learned = observationOf(streamer, result, now);
    watched.streamer = { ...streamer, ...(learned.state === undefined ? {} : { state: learned.state }) };
    if ((result.verdict === 'live' || result.verdict === 'paused') && result.roomId !== undefined) {
      this.#watched.delete(streamer.id);
      this.#options.observe(streamer.id, { ...learned, nextCheckAt: null });
      this.#options.onLive(streamer, result);
      return;
    }
    const sinceLiveMs = streamer.lastLiveAt === undefined ? undefined : now - streamer.lastLiveAt.getTime();
    const interval = checkInterval(
      { priority: streamer.priority, sinceLiveMs },
      result.verdict,
      watched.history,
      intervalsOf(streamer, this.#intervals),
    );
    const jittered = interval * (1 + JITTER * (2 * this.#options.random.next() - 1));
    const delay = Math.round(Math.max(jittered, result.retryAfterMs ?? 0));
    this.#options.observe(streamer.id, { ...learned, nextCheckAt: new Date(now + delay) });
    this.#schedule(streamer, delay);
  }
}

/** The intervals of a streamer: its own settings before those of the service. */
function intervalsOf(streamer: PlainSettings, service: CheckIntervalOptions): CheckIntervalOptions {
  const intervalMs = streamer.checkIntervalMs ?? service.intervalMs;
  return { intervalMs, maxIntervalMs: Math.max(intervalMs, streamer.checkIntervalMaxMs ?? service.maxIntervalMs) };
}
