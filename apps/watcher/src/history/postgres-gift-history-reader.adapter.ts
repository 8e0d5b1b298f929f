import { Prisma, type Database, type DatabaseClient } from '../persistence/database.js';
import { boundedLimit, CURSOR_NUMBER, decodeCursor, encodeCursor, toPage } from '../persistence/page-cursor.js';
import { safeText } from '../persistence/safe-text.js';
import { findStreamer, type FoundStreamer } from './find-streamer.adapter.js';
import type {
  GifterRow,
  GiftHistoryReader,
  GivenGiftRow,
  PageRequest,
  StreamerGifterRow,
} from './gift-history.port.js';
import type { Page } from './history.port.js';
import { gifterOf, sessionsGifterOf, type StoredGifter, type StoredSessionsGifter } from './row-values.js';

interface StoredGivenGift {
  readonly gift_id: bigint;
  readonly name: string | null;
  readonly diamonds_each: bigint | null;
  readonly image_url: string | null;
  readonly gifts: bigint;
  readonly diamonds: bigint;
}

/** Gifters and gifts from Postgres. Pages go on from the last row's own diamonds and id. */
export class PostgresGiftHistoryReader implements GiftHistoryReader {
  constructor(private readonly database: Database) {}

  async gifters(sessionId: string, page: PageRequest): Promise<Page<GifterRow>> {
    const limit = boundedLimit(page.limit);
    const rest = after('gifters', page.cursor, 'viewer_id');
    const rows = await this.database.run(
      (client) => client.$queryRaw<StoredGifter[]>`
        SELECT g.*, v.unique_id, v.nickname FROM (
          SELECT viewer_id, gifts, diamonds, first_at, last_at FROM session_gifters
          WHERE session_id = ${safeText(sessionId)} AND ${rest}
          ORDER BY diamonds DESC, viewer_id DESC LIMIT ${limit + 1}
        ) AS g LEFT JOIN viewers v ON v.id = g.viewer_id ORDER BY diamonds DESC, viewer_id DESC`,
    );
    return toPage(rows, limit, gifterOf, (row) => cursorOf('gifters', row.diamonds, row.viewer_id));
  }

  async gifts(sessionId: string, page: PageRequest): Promise<Page<GivenGiftRow>> {
    const limit = boundedLimit(page.limit);
    const rest = after('gifts', page.cursor, 'gift_id');
    const rows = await this.database.run(
      (client) => client.$queryRaw<StoredGivenGift[]>`
        SELECT s.*, g.name, g.diamonds_each, g.image_url FROM (
          SELECT gift_id, gifts, diamonds FROM session_gifts
          WHERE session_id = ${safeText(sessionId)} AND ${rest}
          ORDER BY diamonds DESC, gift_id DESC LIMIT ${limit + 1}
        ) AS s LEFT JOIN gifts g ON g.id = s.gift_id ORDER BY diamonds DESC, gift_id DESC`,
    );
    return toPage(rows, limit, toGivenGift, (row) => cursorOf('gifts', row.diamonds, row.gift_id));
  }

  async giftersOf(uniqueId: string, page: PageRequest): Promise<Page<StreamerGifterRow>> {
    const limit = boundedLimit(page.limit);
    const rest = after('streamerGifters', page.cursor, 'viewer_id');
    const rows = await this.database.run(async (client) => {
      const streamer = await findStreamer(client, uniqueId);
      return client.$queryRaw<StoredSessionsGifter[]>`
        SELECT g.*, v.unique_id, v.nickname FROM (
          SELECT viewer_id, gifts, diamonds, sessions, first_at, last_at FROM ${await giftersTable(client, streamer)}
          WHERE ${rest} ORDER BY diamonds DESC, viewer_id DESC LIMIT ${limit + 1}
        ) AS g LEFT JOIN viewers v ON v.id = g.viewer_id ORDER BY diamonds DESC, viewer_id DESC`;
    });
    return toPage(rows, limit, sessionsGifterOf, (row) => cursorOf('streamerGifters', row.diamonds, row.viewer_id));
  }
}

/**
 * The totals by user id of the streamer. What was given in sessions whose streamer's user id is not known (some ways into
 * a room do not tell it) is not in them and is added up here, if there is any.
 */
async function giftersTable(client: DatabaseClient, { names, tiktokUserId }: FoundStreamer): Promise<Prisma.Sql> {
  const ids = await userIds(client, names, tiktokUserId);
  const nameless = await client.sessionRecord.findMany({
    where: { uniqueId: { in: [...names] }, tiktokUserId: null },
    select: { id: true },
  });
  const [only] = ids;
  if (nameless.length === 0 && ids.length <= 1) {
    return Prisma.sql`(SELECT * FROM streamer_gifters WHERE tiktok_user_id = ${only ?? ''}) AS totals`;
  }
  return Prisma.sql`(
    SELECT viewer_id, sum(gifts)::bigint AS gifts, sum(diamonds)::bigint AS diamonds, sum(sessions)::bigint AS sessions,
      min(first_at) AS first_at, max(last_at) AS last_at
    FROM (
      SELECT viewer_id, gifts, diamonds, sessions, first_at, last_at FROM streamer_gifters
      WHERE tiktok_user_id = ANY(${ids}::text[])
      UNION ALL
      SELECT viewer_id, gifts, diamonds, 1, first_at, last_at FROM session_gifters
      WHERE session_id = ANY(${nameless.map(({ id }) => id)}::text[])
    ) AS both_kinds GROUP BY viewer_id
  ) AS totals`;
}

/** A name without a monitored streamer leads to the user ids that its sessions have. */
async function userIds(client: DatabaseClient, names: readonly string[], known: string | undefined): Promise<string[]> {
  if (known !== undefined) return [known];
  const rows = await client.sessionRecord.findMany({
    where: { uniqueId: { in: [...names] }, tiktokUserId: { not: null } },
    select: { tiktokUserId: true },
    distinct: ['tiktokUserId'],
  });
  return rows.flatMap(({ tiktokUserId }) => tiktokUserId ?? []);
}

function after(kind: string, cursor: string | undefined, column: 'viewer_id' | 'gift_id'): Prisma.Sql {
  if (cursor === undefined) return Prisma.sql`TRUE`;
  const [diamonds, id] = decodeCursor(kind, cursor, [CURSOR_NUMBER, CURSOR_NUMBER]);
  return Prisma.sql`(diamonds, ${Prisma.raw(column)}) < (${diamonds}::bigint, ${id}::bigint)`;
}

function cursorOf(kind: string, diamonds: bigint, id: bigint): string {
  return encodeCursor(kind, [String(diamonds), String(id)]);
}

function toGivenGift(row: StoredGivenGift): GivenGiftRow {
  return {
    gift: {
      id: String(row.gift_id),
      ...(row.name === null ? {} : { name: row.name }),
      ...(row.diamonds_each === null ? {} : { diamondsEach: Number(row.diamonds_each) }),
      ...(row.image_url === null ? {} : { imageUrl: row.image_url }),
    },
    count: Number(row.gifts),
    diamonds: Number(row.diamonds),
  };
}
