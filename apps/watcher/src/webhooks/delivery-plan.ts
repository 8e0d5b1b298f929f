import { exponentialMs, jittered } from '../common/back-off.js';
import type { Random } from '../common/clock.port.js';
import type { AttemptOutcome, DeadReason, DisabledReason } from './webhook.js';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The figures of retrying, all in one place; docs/webhooks.md tells them. */
export const DELIVERY_RULES = {
  /** Upper end of the pause after the first failed attempt; it doubles with each. */
  firstRetryMs: 5 * SECOND_MS,
  /** Upper end of every later pause. */
  longestRetryMs: 4 * HOUR_MS,
  /** After this many attempts a delivery is given up; with the pauses above some 60 hours. */
  maxAttempts: 40,
  /** So long after it was taken up (or sent again) a delivery is given up. */
  maxAgeMs: 72 * HOUR_MS,
  /** A `Retry-After` counts up to this. */
  longestRetryAfterMs: HOUR_MS,
  /** Upper end of the first pause of a whole webhook whose destination is away; it doubles with each failure in a row. */
  firstHoldMs: SECOND_MS,
  longestHoldMs: MINUTE_MS,
  /** A webhook that took nothing for so long and so many attempts is paused. */
  pauseAfterMs: 24 * HOUR_MS,
  pauseAfterFailures: 10,
} as const;

/** What one attempt told. */
export interface Attempt {
  readonly outcome: AttemptOutcome;
  readonly status?: number;
  /** What the destination asked for. */
  readonly retryAfterMs?: number;
}

/** What is known before the attempt is judged. `at`: when it ended, ms since the epoch. */
export interface DeliveryFacts {
  readonly at: number;
  /** Failed attempts before this one. */
  readonly attempts: number;
  readonly expiresAt: number;
  /** Of the webhook: since when it fails, ms since the epoch, and how often in a row, before this attempt. */
  readonly failingSince: number | undefined;
  readonly consecutiveFailures: number;
}

export type DeliveryVerdict =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly inMs: number; readonly holdMs: number; readonly disable?: DisabledReason }
  | { readonly kind: 'dead'; readonly reason: DeadReason; readonly holdMs: number; readonly disable?: DisabledReason };

/** Outcomes that speak of the destination as a whole, not of one event: then the whole webhook waits. */
const AWAY: ReadonlySet<AttemptOutcome> = new Set(['busy', 'timeout', 'unreachable', 'tls', 'forbiddenAddress']);

/** What follows from an attempt: done, once more (exponential pauses with full jitter), or given up. */
export function judge(attempt: Attempt, facts: DeliveryFacts, random: Random): DeliveryVerdict {
  const { outcome } = attempt;
  if (outcome === 'delivered') return { kind: 'delivered' };
  if (outcome === 'gone') return { kind: 'dead', reason: 'gone', holdMs: 0, disable: 'gone' };
  const asked = Math.min(attempt.retryAfterMs ?? 0, DELIVERY_RULES.longestRetryAfterMs);
  const failures = facts.consecutiveFailures + 1;
  const failingFor = facts.failingSince === undefined ? 0 : facts.at - facts.failingSince;
  const common = {
    holdMs: AWAY.has(outcome)
      ? Math.max(asked, jitter(DELIVERY_RULES.firstHoldMs, DELIVERY_RULES.longestHoldMs, failures - 1, random))
      : asked,
    ...(failingFor >= DELIVERY_RULES.pauseAfterMs && failures >= DELIVERY_RULES.pauseAfterFailures
      ? ({ disable: 'failing' } as const)
      : {}),
  };
  const pause = jitter(DELIVERY_RULES.firstRetryMs, DELIVERY_RULES.longestRetryMs, facts.attempts, random);
  const inMs = Math.max(asked, pause);
  const last = facts.attempts + 1 >= DELIVERY_RULES.maxAttempts || facts.at + inMs >= facts.expiresAt;
  return last ? { kind: 'dead', reason: outcome, ...common } : { kind: 'retry', inMs, ...common };
}

/** Uniform in [0, min(cap, first × 2^n)], whole milliseconds. */
function jitter(firstMs: number, capMs: number, n: number, random: Random): number {
  return Math.round(jittered(exponentialMs(firstMs, capMs, n), random));
}

/** Milliseconds of a `Retry-After`: seconds, or an HTTP date; undefined when it is neither or in the past. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * SECOND_MS;
  const at = Date.parse(header);
  return Number.isNaN(at) || at <= now ? undefined : at - now;
}

/** The outcome of an answer by its status. */
export function outcomeOf(status: number): AttemptOutcome {
  if (status >= 200 && status < 300) return 'delivered';
  if (status === 410) return 'gone';
  if (status === 429 || status === 503) return 'busy';
  return status >= 300 && status < 400 ? 'redirect' : 'refused';
}
