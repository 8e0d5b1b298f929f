import { Prisma, type Database } from '../persistence/database.js';
import { boundedLimit, CURSOR_TIME, decodeCursor, encodeCursor } from '../persistence/page-cursor.js';
import { safeText } from '../persistence/safe-text.js';
import type { HistoryReader, Page, SessionRow, SnapshotRow } from './history.port.js';

type StoredSession = Prisma.SessionRecordGetPayload<object>;

interface StoredSnapshot {
  readonly session_id: string;
  readonly at: Date;
  readonly viewers: bigint | null;
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
const ID_PREFIX = 'id:';

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
      const whose = await this.#whose(safeText(uniqueId));
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

  /** Oldest first. */
  async snapshots(sessionId: string, page: { limit: number; cursor?: string }): Promise<Page<SnapshotRow>> {
    const limit = boundedLimit(page.limit);
    const after = page.cursor === undefined ? undefined : decodeCursor('snapshots', page.cursor, [CURSOR_TIME])[0];
    const rest = after === undefined ? Prisma.sql`TRUE` : Prisma.sql`at > ${after}::timestamptz`;
    const rows = await this.#database.run(
      (client) => client.$queryRaw<StoredSnapshot[]>`
        SELECT * FROM (
          SELECT session_id, at, viewers, max(likes) OVER (ORDER BY at) AS likes_so_far, chats, joins, follows, shares,
            gifts, diamonds, events, final
          FROM room_snapshots WHERE session_id = ${safeText(sessionId)}
        ) AS series
        WHERE ${rest} ORDER BY at LIMIT ${limit + 1}`,
    );
    return toPage(rows, limit, toSnapshot, (row) => encodeCursor('snapshots', [row.at.toISOString()]));
  }

  async #whose(name: string): Promise<Prisma.SessionRecordWhereInput[]> {
    const userId = name.startsWith(ID_PREFIX) ? name.slice(ID_PREFIX.length) : undefined;
    const streamer = await this.#database.run((client) =>
      client.streamerRecord.findFirst({
        where: {
          OR: [
            { uniqueId: name },
            { aliases: { some: { alias: name } } },
            ...(userId === undefined ? [] : [{ tiktokUserId: userId }]),
          ],
        },
        include: { aliases: true },
      }),
    );
    const names = new Set([name, ...(streamer ? [streamer.uniqueId, ...streamer.aliases.map((a) => a.alias)] : [])]);
    const knownUserId = streamer?.tiktokUserId ?? userId;
    return [{ uniqueId: { in: [...names] } }, ...(knownUserId === undefined ? [] : [{ tiktokUserId: knownUserId }])];
  }
}

function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  convert: (row: Row) => Item,
  cursorOf: (row: Row) => string,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(convert),
    ...(rows.length > limit && last !== undefined ? { nextCursor: cursorOf(last) } : {}),
  };
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
