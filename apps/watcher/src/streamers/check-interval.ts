import type { LiveVerdict } from './live-checker.port.js';

/** What is remembered about the checks of one streamer in this process. */
export interface CheckHistory {
  /** Verdicts in a row that said: not live (`offline`, `restricted`, `notFound`). `unknown` neither counts nor resets. */
  readonly misses: number;
  /** Checks in a row that found out nothing. */
  readonly unknowns: number;
}

export const NO_CHECKS: CheckHistory = { misses: 0, unknowns: 0 };

export interface CheckIntervalOptions {
  /** Interval of a streamer that was live lately, ms. */
  readonly intervalMs: number;
  /** Longest interval, ms. */
  readonly maxIntervalMs: number;
}

/** So many misses in a row double the interval once. */
const MISSES_PER_STEP = 10;
/** A streamer that was live within this time is one with habits: its interval grows by two steps at most. */
const HABIT_MS = 36 * 3_600_000;
const HABIT_STEPS = 2;
/** A name that TikTok does not know, or a room closed to us, seldom changes within minutes. */
const HOPELESS_STEPS = 3;
/** What cannot be found out is asked again within this many steps: `unknown` is never taken for offline. */
const UNKNOWN_STEPS = 3;
const MAX_STEPS = 10;

/** The history after one more verdict. */
export function afterVerdict(history: CheckHistory, verdict: LiveVerdict): CheckHistory {
  if (verdict === 'unknown') return { misses: history.misses, unknowns: history.unknowns + 1 };
  if (verdict === 'live' || verdict === 'paused') return NO_CHECKS;
  return { misses: history.misses + 1, unknowns: 0 };
}

/**
 * Time until the next check in ms, without jitter: interval × 2^k, k by what the last checks said and when the streamer
 * was last live; priority 100 halves it (never below the interval), priority 0 doubles it; never above the maximum.
 */
export function checkInterval(
  streamer: { readonly priority: number; readonly sinceLiveMs: number | undefined },
  verdict: LiveVerdict,
  history: CheckHistory,
  options: CheckIntervalOptions,
): number {
  const steps = Math.min(MAX_STEPS, stepsFor(streamer.sinceLiveMs, verdict, history));
  const byPriority = 2 ** ((50 - streamer.priority) / 50);
  const scaled = options.intervalMs * 2 ** steps * byPriority;
  return Math.min(options.maxIntervalMs, Math.max(options.intervalMs, scaled));
}

function stepsFor(sinceLiveMs: number | undefined, verdict: LiveVerdict, history: CheckHistory): number {
  if (verdict === 'unknown') return Math.min(UNKNOWN_STEPS, Math.max(0, history.unknowns - 1));
  const grown = Math.floor(history.misses / MISSES_PER_STEP);
  if (verdict === 'notFound' || verdict === 'restricted') return HOPELESS_STEPS + grown;
  return sinceLiveMs !== undefined && sinceLiveMs < HABIT_MS ? Math.min(HABIT_STEPS, grown) : grown;
}
