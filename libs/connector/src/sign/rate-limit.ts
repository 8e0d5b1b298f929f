import type { SignAnswer } from './sign-call.js';

/** What an answer of the sign server says about its quota; absent: it did not say. */
export interface SignRateLimit {
  /** HTTP status of the answer. */
  readonly status: number;
  /** Requests that the window allows. */
  readonly limit?: number;
  /** Requests that it will still answer in the window. */
  readonly remaining?: number;
  /** When the window begins anew by the server's clock, whole seconds since the epoch. The same in all answers of a window. */
  readonly resetMark?: number;
  /** How long until then from the moment of the answer, milliseconds; up to two seconds too long, never too short. */
  readonly resetInMs?: number;
  /** What the server asks to wait before the next request, milliseconds. */
  readonly retryAfterMs?: number;
  /** Its word for the window of a refusal. */
  readonly label?: string;
}

/** Larger numbers are a point in time, smaller ones a duration (both are in use), seconds. */
const EPOCH_SECONDS = 1_000_000_000;

/** Reads the quota from the headers of an answer. `now`: ms since the epoch, for a server without a `Date` header. */
export function readRateLimit(answer: SignAnswer, now: number, label?: string): SignRateLimit {
  const { status, headers } = answer;
  // Whole seconds, cut: by it a reset is never taken to be sooner than it is.
  const date = Date.parse(typeof headers['date'] === 'string' ? headers['date'] : '');
  const serverSeconds = Math.floor((Number.isNaN(date) ? now : date) / 1000);
  const reset = amount(headers['x-ratelimit-reset'] ?? headers['ratelimit-reset']);
  const resetMark = reset === undefined || reset > EPOCH_SECONDS ? reset : serverSeconds + Math.ceil(reset);
  const retryAfter = amount(headers['retry-after']);
  const limit = amount(headers['x-ratelimit-limit'] ?? headers['ratelimit-limit']);
  const remaining = amount(headers['x-ratelimit-remaining'] ?? headers['ratelimit-remaining']);
  return {
    status,
    ...(limit === undefined ? {} : { limit }),
    ...(remaining === undefined ? {} : { remaining }),
    ...(resetMark === undefined
      ? {}
      : { resetMark: Math.ceil(resetMark), resetInMs: Math.max(0, Math.ceil(resetMark) - serverSeconds) * 1000 }),
    ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter * 1000 }),
    ...(label === undefined ? {} : { label }),
  };
}

function amount(value: unknown): number | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const number = value === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) && number >= 0 ? number : undefined;
}
