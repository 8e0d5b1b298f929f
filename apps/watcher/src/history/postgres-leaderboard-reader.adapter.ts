import { Prisma, type Database } from '../persistence/database.js';
import { boundedLimit, CURSOR_NUMBER, decodeCursor, encodeCursor, toPage } from '../persistence/page-cursor.js';
import { findStreamer, isOfStreamer } from './find-streamer.adapter.js';
import type { PageRequest } from './gift-history.port.js';
import type { Page } from './history.port.js';
import type {
  GifterStanding,
  LeaderboardReader,
  Period,
  StreamerMeasure,
  StreamerStanding,
} from './leaderboard.port.js';
import { sessionsGifterOf, type StoredSessionsGifter } from './row-values.js';

interface StoredStanding {
  /** User id, else the name: who these sessions belong to. */
  readonly whose: string;
  readonly unique_id: string;
  readonly tiktok_user_id: string | null;
  readonly sessions: bigint;
  readonly diamonds: bigint;
  readonly gifts: bigint;
  readonly likes: bigint;
  readonly chats: bigint;
  readonly shares: bigint;
  readonly new_followers: bigint;
  readonly peak_viewers: bigint;
  readonly measure: bigint;
}

const COLUMNS: Readonly<Record<StreamerMeasure, Prisma.Sql>> = {
  diamonds: Prisma.sql`sum(diamonds)`,
  gifts: Prisma.sql`sum(gifts)`,
  likes: Prisma.sql`sum(likes)`,
  chats: Prisma.sql`sum(chats)`,
  shares: Prisma.sql`sum(shares)`,
  newFollowers: Prisma.sql`sum(new_followers)`,
  sessions: Prisma.sql`count(*)`,
};
const WHOSE = /^.{1,200}$/u;

/** Leaderboards from the rows of sessions and their gifters in Postgres. */
export class PostgresLeaderboardReader implements LeaderboardReader {
  constructor(private readonly database: Database) {}

  async streamers(period: Period, by: StreamerMeasure, page: PageRequest): Promise<Page<StreamerStanding>> {
    const limit = boundedLimit(page.limit);
    // A cursor of another measure goes on from figures that mean something else.
    const kind = `streamers:${by}`;
    const [measure, whose] = page.cursor === undefined ? [] : decodeCursor(kind, page.cursor, [CURSOR_NUMBER, WHOSE]);
    const rest =
      measure === undefined || whose === undefined
        ? Prisma.sql`TRUE`
        : Prisma.sql`(measure, whose) < (${measure}::bigint, ${whose})`;
    const rows = await this.database.run(
      (client) => client.$queryRaw<StoredStanding[]>`
        SELECT * FROM (
          SELECT coalesce(tiktok_user_id, unique_id) COLLATE "C" AS whose,
            (array_agg(unique_id ORDER BY joined_at DESC))[1] AS unique_id, max(tiktok_user_id) AS tiktok_user_id,
            count(*) AS sessions, sum(diamonds)::bigint AS diamonds, sum(gifts)::bigint AS gifts,
            sum(likes)::bigint AS likes, sum(chats)::bigint AS chats, sum(shares)::bigint AS shares,
            sum(new_followers)::bigint AS new_followers, max(peak_viewers) AS peak_viewers,
            (${COLUMNS[by]})::bigint AS measure
          FROM sessions WHERE joined_at >= ${period.from} AND joined_at < ${period.to}
          GROUP BY 1
        ) AS standings WHERE ${rest} ORDER BY measure DESC, whose DESC LIMIT ${limit + 1}`,
    );
    return toPage(rows, limit, toStanding, (row) => encodeCursor(kind, [String(row.measure), row.whose]));
  }

  async gifters(period: Period, streamer: string | undefined, page: PageRequest): Promise<Page<GifterStanding>> {
    const limit = boundedLimit(page.limit);
    const [diamonds, viewer] =
      page.cursor === undefined ? [] : decodeCursor('gifterStandings', page.cursor, [CURSOR_NUMBER, CURSOR_NUMBER]);
    const rest =
      diamonds === undefined || viewer === undefined
        ? Prisma.sql`TRUE`
        : Prisma.sql`(sum(g.diamonds)::bigint, g.viewer_id) < (${diamonds}::bigint, ${viewer}::bigint)`;
    const rows = await this.database.run(async (client) => {
      const whose = streamer === undefined ? Prisma.sql`TRUE` : isOfStreamer(await findStreamer(client, streamer));
      return client.$queryRaw<StoredSessionsGifter[]>`
        SELECT standings.*, v.unique_id, v.nickname FROM (
          SELECT g.viewer_id, sum(g.gifts)::bigint AS gifts, sum(g.diamonds)::bigint AS diamonds, count(*) AS sessions,
            min(g.first_at) AS first_at, max(g.last_at) AS last_at
          FROM sessions s JOIN session_gifters g ON g.session_id = s.id
          WHERE s.joined_at >= ${period.from} AND s.joined_at < ${period.to} AND ${whose}
          GROUP BY g.viewer_id HAVING ${rest}
          ORDER BY 3 DESC, 1 DESC LIMIT ${limit + 1}
        ) AS standings LEFT JOIN viewers v ON v.id = viewer_id ORDER BY diamonds DESC, viewer_id DESC`;
    });
    return toPage(rows, limit, sessionsGifterOf, (row) =>
      encodeCursor('gifterStandings', [String(row.diamonds), String(row.viewer_id)]),
    );
  }
}

function toStanding(row: StoredStanding): StreamerStanding {
  return {
    uniqueId: row.unique_id,
    ...(row.tiktok_user_id === null ? {} : { tiktokUserId: row.tiktok_user_id }),
    sessions: Number(row.sessions),
    diamonds: Number(row.diamonds),
    gifts: Number(row.gifts),
    likes: Number(row.likes),
    chats: Number(row.chats),
    shares: Number(row.shares),
    newFollowers: Number(row.new_followers),
    peakViewers: Number(row.peak_viewers),
  };
}
