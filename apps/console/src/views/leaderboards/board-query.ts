import { boundsOf, type PeriodChoice } from '../../data/period.js';

/** Sums over all of it are slower than a list of rows, and change little from one look to the next. */
export const REFRESH_MS = 30_000;
const PAGE = 50;
/** Without a first day the service would take the last 30 days. */
const BEGINNING = '2000-01-01T00:00:00.000Z';

/** The parameters of a leaderboard; `at`: ms since the epoch, the present of all its pages. */
export function boardQuery(
  period: PeriodChoice,
  at: number,
  rest: Readonly<Record<string, string | undefined>>,
): string {
  const bounds = { from: BEGINNING, to: new Date(at).toISOString(), ...boundsOf(period, at) };
  const given = Object.entries({ limit: String(PAGE), ...bounds, ...rest }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  return new URLSearchParams(given).toString();
}
