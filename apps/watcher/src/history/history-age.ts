const DAY_MS = 86_400_000;

/**
 * Whether the day (UTC) of a time is over for so long that maintenance removes what is of it: rows go by days.
 * @param at,now ms since the epoch. @param keepMs how long rows are kept
 */
export function isBeyond(at: number, now: number, keepMs: number): boolean {
  return Math.floor(at / DAY_MS) + 1 <= Math.floor((now - keepMs) / DAY_MS);
}
