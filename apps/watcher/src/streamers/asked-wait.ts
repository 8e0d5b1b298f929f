const HOUR_MS = 3_600_000;
/** The longest wait that a quota by the day can mean. */
const MAX_WAIT_MS = 24 * HOUR_MS;

/**
 * How long to leave somebody alone who asked for it, ms. More than a day is no wait but a mistake (a point in time
 * instead of a duration, for example): taken as an hour, for a room that is live is never given up.
 */
export function askedWait(retryAfterMs: number): number {
  return retryAfterMs <= MAX_WAIT_MS ? retryAfterMs : HOUR_MS;
}
