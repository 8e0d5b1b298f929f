import { Prisma, type Database, type DatabaseClient } from '../persistence/database.js';
import {
  boundedLimit,
  CURSOR_NUMBER,
  CURSOR_TIME,
  decodeCursor,
  encodeCursor,
  toPage,
} from '../persistence/page-cursor.js';
import { safeText } from '../persistence/safe-text.js';
import { findStreamer } from './find-streamer.adapter.js';
import { seriesBounds, snapshotSeries } from './snapshot-series.adapter.js';
import type {
  HistoryReader,
  Page,
  SessionOrder,
  SessionQuery,
  SessionRow,
  SnapshotQuery,
  SnapshotRow,
} from './history.port.js';

type StoredSession = Prisma.SessionRecordGetPayload<object>;

interface StoredSnapshot {
  readonly session_id: string;
  readonly at: Date;
  readonly viewers: bigint | null;
  readonly followers: bigint | null;
  readonly likes_so_far: bigint;
  readonly chats: bigint;
  readonly joins: bigint;
  readonly follows: bigint;
  readonly shares: bigint;
  readonly gifts: bigint;
  readonly diamonds: bigint;
  readonly events: bigint;
  readonly final: boolean;
}

const SESSION_ID = /^[\x21-\x7e]{1,100}$/;

/** Sessions and snapshots from Postgres. Pages go on from the last row's own key: new rows never shift them. */
export class PostgresHistoryReader implements HistoryReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async sessions(query: SessionQuery): Promise<Page<SessionRow>> {
    return this.#list(query, async () => []);
  }

  /** A name leads to the sessions under all names that the streamer had, also after its removal. */
  async sessionsOf(uniqueId: string, query: SessionQuery): Promise<Page<SessionRow>> {
    return this.#list(query, async (client) => [{ OR: (await findStreamer(client, uniqueId)).sessions }]);
  }

  async #list(
    { sort = 'joinedAt', from, to, live, ...page }: SessionQuery,
    whose: (client: DatabaseClient) => Promise<Prisma.SessionRecordWhereInput[]>,
  ): Promise<Page<SessionRow>> {
    const limit = boundedLimit(page.limit);
    // A cursor of another order goes on from values that mean something else.
    const kind = sort === 'joinedAt' ? 'sessions' : `sessions:${sort}`;
    const pattern = sort === 'joinedAt' ? CURSOR_TIME : CURSOR_NUMBER;
    const [text, id] = page.cursor === undefined ? [] : decodeCursor(kind, page.cursor, [pattern, SESSION_ID]);
    const value = text === undefined ? undefined : sort === 'joinedAt' ? new Date(text) : BigInt(text);
    const joinedAt = { ...(from === undefined ? {} : { gte: from }), ...(to === undefined ? {} : { lt: to }) };
    return this.#database.run(async (client) => {
      // Not all orders have an index: only what decides is sorted, and the rows of a page are read by their ids.
      const sorted = await client.sessionRecord.findMany({
        where: {
          joinedAt,
          ...(live === undefined ? {} : { endedAt: live ? null : { not: null } }),
          AND: [
            ...(await whose(client)),
            ...(value === undefined || id === undefined
              ? []
              : [{ OR: [{ [sort]: { lt: value } }, { [sort]: { equals: value }, id: { lt: id } }] }]),
          ],
        },
        orderBy: [{ [sort]: 'desc' }, { id: 'desc' }],
        take: limit + 1,
        select: { id: true, [sort]: true },
      });
      const { items, ...more } = toPage(
        sorted as unknown as readonly Pick<StoredSession, 'id' | SessionOrder>[],
        limit,
        (row) => row.id,
        (row) => encodeCursor(kind, [textOf(row[sort]), row.id]),
      );
      const rows = await client.sessionRecord.findMany({ where: { id: { in: [...items] } } });
      const byId = new Map(rows.map((row) => [row.id, toSession(row)]));
      return { items: items.flatMap((each) => byId.get(each) ?? []), ...more };
    });
  }

  async session(id: string): Promise<SessionRow | undefined> {
    const row = await this.#database.run((client) => client.sessionRecord.findUnique({ where: { id: safeText(id) } }));
    return row === null ? undefined : toSession(row);
  }

  async snapshots(sessionId: string, query: SnapshotQuery): Promise<Page<SnapshotRow>> {
    const limit = boundedLimit(query.limit);
    const { from, to, resolutionSeconds, cursor } = query;
    const after = cursor === undefined ? undefined : decodeCursor('snapshots', cursor, [CURSOR_TIME])[0];
    const session = safeText(sessionId);
    const rest = Prisma.sql`(${after ?? null}::timestamptz IS NULL OR at > ${after ?? null}::timestamptz)
      AND (${from ?? null}::timestamptz IS NULL OR at >= ${from ?? null}::timestamptz)
      AND (${to ?? null}::timestamptz IS NULL OR at < ${to ?? null}::timestamptz)`;
    const rows = await this.#database.run(async (client) => {
      const found = await client.sessionRecord.findUnique({
        where: { id: session },
        select: { joinedAt: true, lastEventAt: true },
      });
      if (found === null) return [];
      const kept = snapshotSeries(session, seriesBounds(found));
      const intervals = resolutionSeconds === undefined ? kept : coarser(kept, resolutionSeconds);
      return client.$queryRaw<StoredSnapshot[]>`
        SELECT * FROM (
          SELECT *, max(likes) OVER (ORDER BY at) AS likes_so_far FROM (${intervals}) AS intervals
        ) AS series
        WHERE ${rest} ORDER BY at LIMIT ${limit + 1}`;
    });
    return toPage(rows, limit, toSnapshot, (row) => encodeCursor('snapshots', [row.at.toISOString()]));
  }
}

/** The series with one row for all of an interval: sums of what is counted, the last of what is stated, the highest like total. */
function coarser(series: Prisma.Sql, seconds: number): Prisma.Sql {
  return Prisma.sql`
    SELECT session_id, date_bin(make_interval(secs => ${seconds}::int), at, 'epoch'::timestamptz) AS at,
      (array_agg(viewers ORDER BY at DESC) FILTER (WHERE viewers IS NOT NULL))[1] AS viewers,
      (array_agg(followers ORDER BY at DESC) FILTER (WHERE followers IS NOT NULL))[1] AS followers,
      max(likes) AS likes, sum(chats)::bigint AS chats, sum(joins)::bigint AS joins, sum(follows)::bigint AS follows,
      sum(shares)::bigint AS shares, sum(gifts)::bigint AS gifts, sum(diamonds)::bigint AS diamonds,
      sum(events)::bigint AS events, bool_or(final) AS final
    FROM (${series}) AS kept GROUP BY 1, 2`;
}

function textOf(value: Date | bigint): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

function toSession(row: StoredSession): SessionRow {
  return {
    id: row.id,
    roomId: row.roomId,
    uniqueId: row.uniqueId,
    ...(row.tiktokUserId === null ? {} : { tiktokUserId: row.tiktokUserId }),
    ...(row.title === null ? {} : { title: row.title }),
    ...(row.startedAt === null ? {} : { startedAt: row.startedAt }),
    joinedAt: row.joinedAt,
    ...(row.endedAt === null ? {} : { endedAt: row.endedAt }),
    ...(row.endReason === null ? {} : { endReason: row.endReason }),
    ...(row.leftAt === null || row.leftAt < row.lastEventAt ? {} : { leftAt: row.leftAt }),
    peakViewers: Number(row.peakViewers),
    ...(row.viewersStated === 0n ? {} : { averageViewers: mean(row.viewersSum, row.viewersStated) }),
    ...(row.totalViewers === 0n ? {} : { totalViewers: Number(row.totalViewers) }),
    uniqueViewers: Number(row.uniqueViewers),
    uniqueChatters: Number(row.uniqueChatters),
    uniqueGifters: Number(row.uniqueGifters),
    newFollowers: Number(row.newFollowers),
    ...(row.followersFirst === null ? {} : { followersFirst: Number(row.followersFirst) }),
    ...(row.followersLast === null ? {} : { followersLast: Number(row.followersLast) }),
    likes: Number(row.likes),
    chats: Number(row.chats),
    joins: Number(row.joins),
    follows: Number(row.follows),
    shares: Number(row.shares),
    gifts: Number(row.gifts),
    diamonds: Number(row.diamonds),
    gaps: Number(row.gaps),
    gapMs: Number(row.gapMs),
    events: Number(row.events),
    updatedAt: row.updatedAt,
  };
}

function toSnapshot(row: StoredSnapshot): SnapshotRow {
  return {
    sessionId: row.session_id,
    at: row.at,
    ...(row.viewers === null ? {} : { viewers: Number(row.viewers) }),
    ...(row.followers === null ? {} : { followers: Number(row.followers) }),
    likes: Number(row.likes_so_far),
    chats: Number(row.chats),
    joins: Number(row.joins),
    follows: Number(row.follows),
    shares: Number(row.shares),
    gifts: Number(row.gifts),
    diamonds: Number(row.diamonds),
    events: Number(row.events),
    final: row.final,
  };
}

/** To one decimal. */
function mean(sum: bigint, number: bigint): number {
  return Math.round((Number(sum) / Number(number)) * 10) / 10;
}
