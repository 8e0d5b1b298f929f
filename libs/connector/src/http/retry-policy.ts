/** How often and when a failed request is repeated. */
export interface RetryPolicy {
  /** Repeats after the first attempt, 0 for none. */
  readonly retries: number;
  /** First waiting time in milliseconds; it doubles with each repeat, and a random part of up to itself is added. */
  readonly baseDelayMs: number;
  /** Longest wait. When the server asks for longer, the request fails at once and says so in `retryAfterMs`. */
  readonly maxDelayMs: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = { retries: 2, baseDelayMs: 1000, maxDelayMs: 10_000 };

const RETRYABLE_STATUS: ReadonlySet<number> = new Set([408, 413, 429, 500, 502, 503, 504, 521, 522, 524]);

export function isRetryableStatus(status: number): boolean {
  return RETRYABLE_STATUS.has(status);
}

/** The wait before repeat number `attempt` (0 is the first), or undefined when it would exceed the policy. */
export function retryDelay(
  policy: RetryPolicy,
  attempt: number,
  retryAfterMs: number | undefined,
  random: () => number,
): number | undefined {
  if (retryAfterMs !== undefined) return retryAfterMs <= policy.maxDelayMs ? retryAfterMs : undefined;
  const base = policy.baseDelayMs * 2 ** attempt;
  return Math.min(policy.maxDelayMs, base + base * random());
}

/** Reads a Retry-After header (seconds or an HTTP date) as milliseconds from `now`; undefined when absent or nonsense. */
export function parseRetryAfter(value: unknown, now: number): number | undefined {
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return seconds >= 0 ? Math.round(seconds * 1000) : undefined;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
