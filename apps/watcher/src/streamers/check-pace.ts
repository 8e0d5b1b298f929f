import { HOUR_MS, hourOfWeek, type StartRates } from './start-habit.js';

/** Bounds of the time between two checks of one streamer, ms. */
export interface CheckBounds {
  readonly intervalMs: number;
  readonly maxIntervalMs: number;
}

/** How closely all streamers of one address are looked after at the moment. */
export interface CheckPace {
  /** 1: as closely as their habits ask for; more: every interval is so many times longer, for the requests must suffice. */
  readonly stretch: number;
  /** 1: the longest intervals hold; more: they are so many times longer, for the requests do not suffice even for them. */
  readonly slack: number;
}

/** As closely as asked for. */
export const FULL_PACE: CheckPace = { stretch: 1, slack: 1 };

/** A streamer as the pace sees it. */
export interface PacedStreamer extends CheckBounds {
  /** Expected starts an hour, by hour of the week. */
  readonly rates: StartRates;
  /** How much a minute of lateness matters; see `weightOf`. */
  readonly weight: number;
}

/** A streamer of the usual weight that is as likely as not to start within the hour is checked at the shortest interval. */
const REFERENCE_RATE = 0.5;
/**
 * One with an eighth of that rate at twice the interval, and so on: this root makes the sum of all squared waiting least for
 * a number of requests. Squared, because a start found an hour late is worse than two found half an hour late: it may be over.
 */
const RATE_EXPONENT = 1 / 3;
/** The smallest rate that is told apart from none. */
const LEAST_RATE = 1e-9;
/** So much of the requests at most goes to streamers that are checked because of the longest interval alone. */
const IDLE_SHARE = 0.6;
const MAX_STRETCH = 1_024;
const BISECTIONS = 24;

/** Priority 100 halves the interval, priority 0 doubles it. */
export function weightOf(priority: number): number {
  return 8 ** ((priority - 50) / 50);
}

/**
 * The pace at which `streamers` cost at most `perMs` requests a millisecond at the time `now` (ms since the epoch). When
 * even their longest intervals are too much for that, they grow.
 */
export function paceFor(streamers: readonly PacedStreamer[], perMs: number, now: number): CheckPace {
  const idle = streamers.reduce((sum, { maxIntervalMs }) => sum + 1 / maxIntervalMs, 0);
  const slack = Math.max(1, idle / (perMs * IDLE_SHARE));
  const hour = hourOfWeek(now);
  // Once for each, not once for each try.
  const wanted = streamers.map((streamer) => wantedInterval(streamer, hour));
  const cost = (stretch: number): number =>
    streamers.reduce((sum, streamer, n) => sum + 1 / intervalAt(streamer, wanted[n] ?? 0, { stretch, slack }), 0);
  let low = 1;
  let high = 1;
  while (cost(high) > perMs && high < MAX_STRETCH) [low, high] = [high, high * 2];
  for (let n = 0; n < BISECTIONS && low < high; n += 1) {
    const middle = (low + high) / 2;
    if (cost(middle) > perMs) low = middle;
    else high = middle;
  }
  return { stretch: high, slack };
}

/**
 * Ms from `now` (ms since the epoch) until the next check: its habits are followed hour by hour, so that a check in a
 * quiet hour does not sleep over the beginning of a busy one. `share`: of the time between two checks, 1 for all of it.
 */
export function delayUntilCheck(streamer: PacedStreamer, pace: CheckPace, now: number, share: number): number {
  let left = share;
  let at = now;
  for (;;) {
    const perMs = checksPerMs(streamer, hourOfWeek(at), pace);
    const hourEnd = (Math.floor(at / HOUR_MS) + 1) * HOUR_MS;
    if (perMs * (hourEnd - at) >= left) return at + left / perMs - now;
    left -= perMs * (hourEnd - at);
    at = hourEnd;
  }
}

/** The longest interval of a streamer, ms. */
export function longestInterval({ intervalMs, maxIntervalMs }: CheckBounds, { slack }: CheckPace): number {
  return Math.max(intervalMs, maxIntervalMs) * slack;
}

/** How often a streamer is checked in an hour of the week. */
function checksPerMs(streamer: PacedStreamer, hour: number, pace: CheckPace): number {
  return 1 / intervalAt(streamer, wantedInterval(streamer, hour), pace);
}

/** What the habits ask for in an hour of the week, whatever the bounds, ms. */
function wantedInterval({ rates, weight, intervalMs }: PacedStreamer, hour: number): number {
  const rate = Math.max(LEAST_RATE, (rates[hour] ?? 0) * weight);
  return intervalMs * (REFERENCE_RATE / rate) ** RATE_EXPONENT;
}

function intervalAt(streamer: PacedStreamer, wantedMs: number, pace: CheckPace): number {
  return Math.min(longestInterval(streamer, pace), Math.max(streamer.intervalMs, wantedMs * pace.stretch));
}
