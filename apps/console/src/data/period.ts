/** Which stretch of time a list is about, as a person chooses it. */

export const PERIODS = {
  day: '24 hours',
  week: '7 days',
  month: '30 days',
  own: 'Own range',
} as const;
export type PeriodName = keyof typeof PERIODS;
/** Lists that need no period have one choice more. */
export const PERIODS_OR_ANY = { any: 'Any time', ...PERIODS } as const;

export interface PeriodChoice<Name extends string = keyof typeof PERIODS_OR_ANY> {
  readonly name: Name;
  /** First day of an own range, `YYYY-MM-DD` in the time zone of the browser; empty: from the beginning. */
  readonly from: string;
  /** Last day, which counts whole; empty: until now. */
  readonly to: string;
}

/** Times as the service takes them, RFC 3339; absent: no bound. */
export interface Bounds {
  readonly from?: string;
  readonly to?: string;
}

const DAY_MS = 86_400_000;
const ROLLING_MS = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS } as const;
/** Nothing was recorded before. */
const FIRST_YEAR = 2000;

/** What an address says about the period; what it does not say, or says wrongly, is as in `otherwise`. */
export function readPeriod<Name extends string>(
  query: URLSearchParams,
  names: Readonly<Record<Name, string>>,
  otherwise: Name,
): PeriodChoice<Name> {
  const name = (Object.keys(names) as Name[]).find((one) => one === query.get('period')) ?? otherwise;
  return { name, from: query.get('from') ?? '', to: query.get('to') ?? '' };
}

/** The period for an address; the days of an own range are left out when another period counts. */
export function writePeriod({ name, from, to }: PeriodChoice<string>, otherwise: string): Record<string, string> {
  return name === 'own' ? { period: name, from, to } : { period: name === otherwise ? '' : name };
}

/** The start of a day, `days` days later, in the browser's time zone; undefined: that is no day. */
function startOf(day: string, days = 0): Date | undefined {
  const [year = 0, month = 0, date = 0] = (/^(\d{4})-(\d\d)-(\d\d)$/.exec(day) ?? []).slice(1).map(Number);
  const start = new Date(year, month - 1, date);
  const real = year >= FIRST_YEAR && start.getMonth() === month - 1 && start.getDate() === date;
  return real ? new Date(year, month - 1, date + days) : undefined;
}

/** Why an own range cannot be asked for, in words. */
export function periodFault({ name, from, to }: PeriodChoice<string>): string | undefined {
  if (name !== 'own') return undefined;
  const wrong = [from, to].find((day) => day !== '' && startOf(day) === undefined);
  if (wrong !== undefined) return `${wrong} is no day.`;
  return from !== '' && to !== '' && from > to ? 'The last day is before the first one.' : undefined;
}

/** @param now ms since the epoch, to which 24 hours, 7 and 30 days relate */
export function boundsOf({ name, from, to }: PeriodChoice, now: number): Bounds {
  if (name === 'any') return {};
  if (name !== 'own') return { from: new Date(now - ROLLING_MS[name]).toISOString(), to: new Date(now).toISOString() };
  const [start, end] = [startOf(from), startOf(to, 1)];
  return {
    ...(start === undefined ? {} : { from: start.toISOString() }),
    ...(end === undefined ? {} : { to: end.toISOString() }),
  };
}

const pad = (value: number): string => String(value).padStart(2, '0');

/** The day of a time, `YYYY-MM-DD`, in the browser's time zone. */
export function dayOf(ms: number): string {
  const date = new Date(ms);
  return `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** An own range begins as the days of the period that was chosen before. */
export function ownRange(before: PeriodChoice, now: number): PeriodChoice<'own'> {
  if (before.name === 'own') return { ...before, name: 'own' };
  const { from } = boundsOf(before, now);
  return { name: 'own', from: from === undefined ? '' : dayOf(Date.parse(from)), to: dayOf(now) };
}
