import { Prisma } from '../persistence/database.js';
import { snapshotSeries, type SeriesBounds } from './snapshot-series.adapter.js';
import type { ExportName } from './history-export.port.js';

/** A session whose rows are exported, and where in time they are. */
export interface ExportedSession {
  readonly id: string;
  readonly series: SeriesBounds;
  /** Only rows of its series and its events at or after this time, and before the other. */
  readonly from: Date;
  readonly before: Date;
}

/** Key of the last row of a page: text, as the columns of `key` show it. */
export type RowKey = readonly string[];

/** How the rows of one session are read. */
export interface ExportTable {
  readonly columns: readonly string[];
  /** The columns that order the rows of a session. */
  readonly key: readonly string[];
  /** One page in the order of the key, from the row after `after` on. Result columns are `columns`; bigint for counts. */
  readonly page: (
    session: ExportedSession,
    after: RowKey | undefined,
    limit: number,
    types?: readonly string[],
  ) => Prisma.Sql;
}

/** The tables beside that of the sessions. Everything comes from the views and tables that docs/database.md describes. */
export const EXPORT_TABLES: Readonly<Record<Exclude<ExportName, 'sessions'>, ExportTable>> = {
  snapshots: {
    columns: [
      'sessionId',
      'at',
      'viewers',
      'followers',
      'likes',
      'chats',
      'joins',
      'follows',
      'shares',
      'gifts',
      'diamonds',
      'events',
      'final',
    ],
    key: ['at'],
    page: ({ id, series, from, before }, after, limit) => {
      const rest =
        after === undefined ? Prisma.sql`at >= ${from}::timestamptz` : Prisma.sql`at > ${after[0]}::timestamptz`;
      return Prisma.sql`
        WITH series AS (${snapshotSeries(id, series)}), page AS (
          SELECT * FROM series WHERE ${rest} AND at < ${before}::timestamptz ORDER BY at LIMIT ${limit}
        )
        SELECT session_id AS "sessionId", at, viewers, followers, GREATEST(max(likes) OVER (ORDER BY at),
            (SELECT max(likes) FROM series WHERE at < (SELECT min(at) FROM page))) AS likes,
          chats, joins, follows, shares, gifts, diamonds, events, final
        FROM page ORDER BY at`;
    },
  },
  gifters: {
    columns: [
      'sessionId',
      'uniqueId',
      'viewerId',
      'viewerUniqueId',
      'viewerNickname',
      'gifts',
      'diamonds',
      'firstAt',
      'lastAt',
    ],
    key: ['viewerId'],
    page: ({ id }, after, limit) => Prisma.sql`
      SELECT session_id AS "sessionId", unique_id AS "uniqueId", viewer_id::text AS "viewerId",
        viewer_unique_id AS "viewerUniqueId", viewer_nickname AS "viewerNickname", gifts, diamonds, first_at AS "firstAt",
        last_at AS "lastAt"
      FROM v_session_gifters
      WHERE session_id = ${id} AND ${
        after === undefined ? Prisma.sql`TRUE` : Prisma.sql`viewer_id > ${after[0]}::bigint`
      } ORDER BY viewer_id LIMIT ${limit}`,
  },
  gifts: {
    columns: ['sessionId', 'giftId', 'name', 'diamondsEach', 'count', 'diamonds'],
    key: ['giftId'],
    page: ({ id }, after, limit) => Prisma.sql`
      SELECT session_id AS "sessionId", gift_id::text AS "giftId", name, diamonds_each AS "diamondsEach", gifts AS count, diamonds
      FROM v_session_gifts
      WHERE session_id = ${id} AND ${after === undefined ? Prisma.sql`TRUE` : Prisma.sql`gift_id > ${after[0]}::bigint`}
      ORDER BY gift_id LIMIT ${limit}`,
  },
  battles: {
    columns: [
      'sessionId',
      'battleId',
      'type',
      'startedAt',
      'firstSeenAt',
      'endedAt',
      'cutShort',
      'kind',
      'sideId',
      'teamId',
      'uniqueId',
      'nickname',
      'score',
      'result',
      'won',
    ],
    key: ['battleId', 'kind', 'sideId'],
    page: ({ id }, after, limit) => Prisma.sql`
      SELECT s.session_id AS "sessionId", s.battle_id::text AS "battleId", b.type, b.started_at AS "startedAt",
        b.first_seen_at AS "firstSeenAt", b.ended_at AS "endedAt", b.cut_short AS "cutShort", s.kind,
        s.side_id::text AS "sideId", s.team_id::text AS "teamId", s.unique_id AS "uniqueId", s.nickname, s.score, s.result, s.won
      FROM v_battle_sides s JOIN battles b ON b.session_id = s.session_id AND b.id = s.battle_id
      WHERE s.session_id = ${id} AND ${
        after === undefined
          ? Prisma.sql`TRUE`
          : Prisma.sql`(s.battle_id, s.kind, s.side_id) > (${after[0]}::bigint, ${after[1]}::text, ${after[2]}::bigint)`
      } ORDER BY s.battle_id, s.kind, s.side_id LIMIT ${limit}`,
  },
  gaps: {
    columns: ['sessionId', 'id', 'from', 'to', 'durationMs', 'reason'],
    key: ['from', 'id'],
    page: ({ id }, after, limit) => Prisma.sql`
      SELECT session_id AS "sessionId", id, began_at AS "from", ended_at AS "to",
        (extract(epoch FROM ended_at - began_at) * 1000)::bigint AS "durationMs", reason
      FROM session_gaps
      WHERE session_id = ${id} AND ${
        after === undefined
          ? Prisma.sql`TRUE`
          : Prisma.sql`(began_at, id) > (${after[0]}::timestamptz, ${after[1]}::text)`
      } ORDER BY began_at, id LIMIT ${limit}`,
  },
  events: {
    columns: ['sessionId', 'uniqueId', 'type', 'recordedAt', 'key', 'event'],
    key: ['recordedAt', 'key'],
    page: ({ id, from, before }, after, limit, types) => Prisma.sql`
      SELECT session_id AS "sessionId", unique_id AS "uniqueId", type, recorded_at AS "recordedAt", key::text AS key, event
      FROM archived_events
      WHERE session_id = ${id} AND recorded_at >= ${from}::timestamptz AND recorded_at < ${before}::timestamptz
        AND ${types === undefined ? Prisma.sql`TRUE` : Prisma.sql`type = ANY(${types}::text[])`}
        AND ${
          after === undefined
            ? Prisma.sql`TRUE`
            : Prisma.sql`(recorded_at, key) > (${after[0]}::timestamptz, ${after[1]}::uuid)`
        }
      ORDER BY recorded_at, key LIMIT ${limit}`,
  },
};

/** Columns of the sessions, from v_sessions. */
export const SESSION_COLUMNS: Readonly<Record<string, Prisma.Sql>> = {
  sessionId: Prisma.sql`session_id`,
  roomId: Prisma.sql`room_id`,
  uniqueId: Prisma.sql`unique_id`,
  tiktokUserId: Prisma.sql`tiktok_user_id`,
  title: Prisma.sql`title`,
  startedAt: Prisma.sql`started_at`,
  joinedAt: Prisma.sql`joined_at`,
  leftAt: Prisma.sql`left_at`,
  endedAt: Prisma.sql`ended_at`,
  endReason: Prisma.sql`end_reason`,
  lastEventAt: Prisma.sql`last_event_at`,
  secondsSeen: Prisma.sql`seconds_seen`,
  peakViewers: Prisma.sql`peak_viewers`,
  averageViewers: Prisma.sql`average_viewers::float8`,
  totalViewers: Prisma.sql`total_viewers`,
  uniqueViewers: Prisma.sql`unique_viewers`,
  uniqueChatters: Prisma.sql`unique_chatters`,
  uniqueGifters: Prisma.sql`unique_gifters`,
  newFollowers: Prisma.sql`new_followers`,
  followersFirst: Prisma.sql`followers_first`,
  followersLast: Prisma.sql`followers_last`,
  likes: Prisma.sql`likes`,
  chats: Prisma.sql`chats`,
  joins: Prisma.sql`joins`,
  follows: Prisma.sql`follows`,
  shares: Prisma.sql`shares`,
  gifts: Prisma.sql`gifts`,
  diamonds: Prisma.sql`diamonds`,
  events: Prisma.sql`events`,
  gaps: Prisma.sql`gaps`,
  gapMs: Prisma.sql`gap_ms`,
};
