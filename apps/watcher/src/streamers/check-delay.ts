import { type CheckPace, delayUntilCheck, longestInterval, type PacedStreamer } from './check-pace.js';
import type { LiveVerdict } from './live-checker.port.js';

/** What the checks of one streamer in this process said. */
export interface CheckHistory {
  /** Checks in a row that found out nothing. */
  readonly unknowns: number;
  /** Checks in a row that said `notFound` or `restricted`. */
  readonly hopeless: number;
}

export const NO_CHECKS: CheckHistory = { unknowns: 0, hopeless: 0 };

/** For so long after a streamer was added or went offline it is checked at the shortest interval, ms. */
const ATTENTION_MS = 10 * 60_000;
/** Then the interval doubles each time so much has passed, until the habits ask for a shorter one, ms. */
const ATTENTION_DOUBLING_MS = 20 * 60_000;
/** What cannot be found out is asked again after 1, 2, 4 and then 8 intervals: `unknown` is never taken for offline. */
const UNKNOWN_STEPS = 3;
/** A name that TikTok does not know, or a room closed to us, seldom changes within minutes: so many doublings. */
const HOPELESS_STEPS = 3;
/** And one more for each so many of them. */
const HOPELESS_PER_STEP = 10;
const MAX_STEPS = 20;

/** The history after one more verdict. */
export function afterVerdict(history: CheckHistory, verdict: LiveVerdict): CheckHistory {
  if (verdict === 'unknown') return { ...history, unknowns: history.unknowns + 1 };
  if (verdict === 'notFound' || verdict === 'restricted') return { unknowns: 0, hopeless: history.hopeless + 1 };
  return NO_CHECKS;
}

export interface DelayQuestion {
  readonly streamer: PacedStreamer;
  readonly pace: CheckPace;
  readonly verdict: LiveVerdict;
  /** With this verdict counted. */
  readonly history: CheckHistory;
  /** When the streamer was added or went offline here, ms since the epoch; undefined: neither is known. */
  readonly attentionSince: number | undefined;
  /** ms since the epoch. */
  readonly now: number;
  /** Factor around 1 that spreads checks apart. */
  readonly jitter: number;
}

/** Ms until the next check of a streamer: what its habits ask for, sooner or later by what the last checks said. */
export function delayAfterCheck(question: DelayQuestion): number {
  const { streamer, pace, verdict, history, attentionSince, now, jitter } = question;
  const habitual = delayUntilCheck(streamer, pace, now, jitter);
  const shortest = streamer.intervalMs * jitter;
  if (verdict === 'unknown') {
    const steps = Math.min(UNKNOWN_STEPS, Math.max(0, history.unknowns - 1));
    return Math.min(habitual, shortest * pace.stretch * 2 ** steps);
  }
  if (verdict === 'notFound' || verdict === 'restricted') {
    const steps = Math.min(MAX_STEPS, HOPELESS_STEPS + Math.floor(history.hopeless / HOPELESS_PER_STEP));
    return Math.max(habitual, Math.min(longestInterval(streamer, pace) * jitter, shortest * pace.stretch * 2 ** steps));
  }
  if (attentionSince === undefined) return habitual;
  const since = Math.max(0, now - attentionSince - ATTENTION_MS);
  return Math.min(habitual, shortest * pace.stretch * 2 ** Math.min(MAX_STEPS, since / ATTENTION_DOUBLING_MS));
}
