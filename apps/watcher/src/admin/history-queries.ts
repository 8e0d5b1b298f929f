import { z } from 'zod';
import { SESSION_ORDERS, type SessionQuery, type SnapshotQuery } from '../history/history.port.js';
import { STREAMER_MEASURES, type Period } from '../history/leaderboard.port.js';
import { pageOf } from './history-routes.js';
import { givenTime, pageQuerySchema } from './schemas.js';

/** The parameters of the routes about sessions, snapshots and leaderboards. */

const DAY_MS = 86_400_000;
/** What a leaderboard is about when nothing is said. */
const DEFAULT_PERIOD_MS = 30 * DAY_MS;
/** A day in one snapshot is the coarsest. */
const MAX_RESOLUTION_SECONDS = 86_400;

const joined = {
  from: givenTime.describe('Only sessions joined from this time on, RFC 3339.').optional(),
  to: givenTime.describe('Only sessions joined before this time, RFC 3339.').optional(),
};

export const sessionQuerySchema = pageQuerySchema.extend({
  ...joined,
  live: z.enum(['true', 'false']).describe('Only sessions that have not ended, or only others.').optional(),
  sort: z.enum(SESSION_ORDERS).default('joinedAt').describe('The newest, or the most of this, first.'),
});

export const snapshotQuerySchema = pageQuerySchema.extend({
  from: givenTime.describe('Only snapshots from this time on, RFC 3339.').optional(),
  to: givenTime.describe('Only snapshots before this time, RFC 3339.').optional(),
  resolution: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_RESOLUTION_SECONDS)
    .describe('Puts the snapshots of so many seconds into one: sums of counts, the last of what is stated.')
    .optional(),
});

const period = {
  from: givenTime.describe('From this time on, RFC 3339; 30 days before `to` by default.').optional(),
  to: givenTime.describe('Before this time, RFC 3339; now by default.').optional(),
};
export const streamerBoardQuerySchema = pageQuerySchema.extend({
  ...period,
  by: z.enum(STREAMER_MEASURES).default('diamonds').describe('The most of this first.'),
});
export const gifterBoardQuerySchema = pageQuerySchema.extend({
  ...period,
  streamer: z
    .string()
    .min(1)
    .max(200)
    .describe('Only gifts to this streamer: a name, an earlier name or id:<TikTok user id>.')
    .optional(),
});

const dateOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

/** Bounds as the readers take them; what was not given is absent. */
export function rangeOf(from: string | undefined, to: string | undefined): { from?: Date; to?: Date } {
  const [first, end] = [dateOf(from), dateOf(to)];
  return { ...(first === undefined ? {} : { from: first }), ...(end === undefined ? {} : { to: end }) };
}

export function sessionsWanted({ from, to, live, sort, ...page }: z.output<typeof sessionQuerySchema>): SessionQuery {
  return { ...pageOf(page), ...rangeOf(from, to), sort, ...(live === undefined ? {} : { live: live === 'true' }) };
}

export function snapshotsWanted({
  from,
  to,
  resolution,
  ...page
}: z.output<typeof snapshotQuerySchema>): SnapshotQuery {
  const coarse = resolution === undefined ? {} : { resolutionSeconds: resolution };
  return { ...pageOf(page), ...rangeOf(from, to), ...coarse };
}

/** @param now ms since the epoch */
export function periodOf({ from, to }: { from?: string | undefined; to?: string | undefined }, now: number): Period {
  const end = dateOf(to) ?? new Date(now);
  return { from: dateOf(from) ?? new Date(end.getTime() - DEFAULT_PERIOD_MS), to: end };
}
