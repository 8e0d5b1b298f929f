import { Prisma, type Database } from '../persistence/database.js';
import { boundedLimit, CURSOR_TIME, decodeCursor, encodeCursor, toPage } from '../persistence/page-cursor.js';
import { safeText } from '../persistence/safe-text.js';
import { findStreamer } from './find-streamer.adapter.js';
import { seriesBounds, snapshotSeries } from './snapshot-series.adapter.js';
import type { HistoryReader, Page, SessionRow, SnapshotRow } from './history.port.js';

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

  /** Newest first. A name leads to the sessions under all names that the streamer had, also after its removal. */
  async sessionsOf(uniqueId: string, page: { limit: number; cursor?: string }): Promise<Page<SessionRow>> {
    const limit = boundedLimit(page.limit);
    const after =
      page.cursor === undefined ? undefined : decodeCursor('sessions', page.cursor, [CURSOR_TIME, SESSION_ID]);
    const rows = await this.#database.run(async (client) => {
      const { sessions: whose } = await findStreamer(client, uniqueId);
      const [joinedAt = '', id = ''] = after ?? [];
      return client.sessionRecord.findMany({
        where: {
          AND: [
            { OR: whose },
            ...(after === undefined
              ? []
              : [{ OR: [{ joinedAt: { lt: joinedAt } }, { joinedAt: { equals: joinedAt }, id: { lt: id } }] }]),
          ],
        },
        orderBy: [{ joinedAt: 'desc' }, { id: 'desc' }],
        take: limit + 1,
      });
    });
    return toPage(rows, limit, toSession, (row) => encodeCursor('sessions', [row.joinedAt.toISOString(), row.id]));
  }

  async session(id: string): Promise<SessionRow | undefined> {
    const row = await this.#database.run((client) => client.sessionRecord.findUnique({ where: { id: safeText(id) } }));
    return row === null ? undefined : toSession(row);
  }

  /** Oldest first; of snapshots that are too old the 5-minute means. */
  async snapshots(sessionId: string, page: { limit: number; cursor?: string }): Promise<Page<SnapshotRow>> {
    const limit = boundedLimit(page.limit);
    const after = page.cursor === undefined ? undefined : decodeCursor('snapshots', page.cursor, [CURSOR_TIME])[0];
    const session = safeText(sessionId);
    const rest = after === undefined ? Prisma.sql`TRUE` : Prisma.sql`at > ${after}::timestamptz`;
    const rows = await this.#database.run(async (client) => {
      const found = await client.sessionRecord.findUnique({
        where: { id: session },
        select: { joinedAt: true, lastEventAt: true },
      });
      if (found === null) return [];
      return client.$queryRaw<StoredSnapshot[]>`
        SELECT * FROM (
          SELECT *, max(likes) OVER (ORDER BY at) AS likes_so_far FROM (${snapshotSeries(session, seriesBounds(found))}) AS intervals
        ) AS series
        WHERE ${rest} ORDER BY at LIMIT ${limit + 1}`;
    });
    return toPage(rows, limit, toSnapshot, (row) => encodeCursor('snapshots', [row.at.toISOString()]));
  }
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
