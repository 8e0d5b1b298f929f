import { Prisma } from '../persistence/database.js';

/** Where in time all snapshots of a session are, both ends included. Naming it spares Postgres all other days. */
export interface SeriesBounds {
  readonly first: Date;
  readonly last: Date;
}

/** A snapshot stands at the start of its interval: at most the longest interval of the settings, and of means, before an event. */
const LONGEST_INTERVAL_MS = 86_400_000 + 300_000;

/** @param session receipt of its first and of its last event */
export function seriesBounds(session: { readonly joinedAt: Date; readonly lastEventAt: Date }): SeriesBounds {
  return { first: new Date(session.joinedAt.getTime() - LONGEST_INTERVAL_MS), last: session.lastEventAt };
}

/** A SELECT of all snapshots of a session, of those that are too old the 5-minute means; in no order. */
export function snapshotSeries(sessionId: string, { first, last }: SeriesBounds): Prisma.Sql {
  const which = Prisma.sql`session_id = ${sessionId} AND at BETWEEN ${first}::timestamptz AND ${last}::timestamptz`;
  return Prisma.sql`
    SELECT session_id, at, viewers, followers, likes, chats, joins, follows, shares, gifts, diamonds, events, final
    FROM room_snapshots WHERE ${which}
    UNION ALL
    SELECT session_id, at, round(viewers_sum::numeric / NULLIF(viewers_stated, 0))::bigint, followers, likes, chats, joins,
      follows, shares, gifts, diamonds, events, final
    FROM room_snapshot_means WHERE ${which}`;
}
