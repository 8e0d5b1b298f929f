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
/** Doubles add up in half the time of bigints, and exactly as far as answers hold numbers exactly (2^53). */
const DIAMONDS_OF_GIFTER = Prisma.sql`sum(g.diamonds::float8)::bigint`;
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
    // The name of a user id is read for the rows of the page alone: to keep the latest one of each would sort all sessions.
    const rows = await this.database.run(
      (client) => client.$queryRaw<StoredStanding[]>`
        WITH standings AS (
          SELECT coalesce(tiktok_user_id, unique_id) COLLATE "C" AS whose, max(tiktok_user_id) AS tiktok_user_id,
            count(*) AS sessions, sum(diamonds)::bigint AS diamonds, sum(gifts)::bigint AS gifts,
            sum(likes)::bigint AS likes, sum(chats)::bigint AS chats, sum(shares)::bigint AS shares,
            sum(new_followers)::bigint AS new_followers, max(peak_viewers) AS peak_viewers,
            (${COLUMNS[by]})::bigint AS measure
          FROM sessions WHERE joined_at >= ${period.from} AND joined_at < ${period.to}
          GROUP BY 1
        ), page AS MATERIALIZED (
          SELECT * FROM standings WHERE ${rest} ORDER BY measure DESC, whose DESC LIMIT ${limit + 1}
        )
        SELECT page.*, coalesce(
          (
            SELECT s.unique_id FROM sessions s
            WHERE s.tiktok_user_id = page.tiktok_user_id
              AND s.joined_at >= ${period.from} AND s.joined_at < ${period.to}
            ORDER BY s.joined_at DESC, s.id DESC LIMIT 1
          ),
          whose
        ) AS unique_id
        FROM page ORDER BY measure DESC, whose DESC`,
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
        : Prisma.sql`(${DIAMONDS_OF_GIFTER}, g.viewer_id) < (${diamonds}::bigint, ${viewer}::bigint)`;
    const rows = await this.database.run(async (client) => {
      const whose = streamer === undefined ? Prisma.sql`TRUE` : isOfStreamer(await findStreamer(client, streamer));
      // First who is on the page, from an index that has all that decides; then what else is said of those.
      return client.$queryRaw<StoredSessionsGifter[]>`
        WITH chosen AS MATERIALIZED (
          SELECT s.id FROM sessions s WHERE s.joined_at >= ${period.from} AND s.joined_at < ${period.to} AND ${whose}
        ), page AS MATERIALIZED (
          SELECT g.viewer_id, ${DIAMONDS_OF_GIFTER} AS diamonds
          FROM chosen JOIN session_gifters g ON g.session_id = chosen.id
          GROUP BY g.viewer_id HAVING ${rest}
          ORDER BY 2 DESC, 1 DESC LIMIT ${limit + 1}
        )
        SELECT page.viewer_id, page.diamonds, v.unique_id, v.nickname, sum(g.gifts)::bigint AS gifts, count(*) AS sessions,
          min(g.first_at) AS first_at, max(g.last_at) AS last_at
        FROM page
          JOIN session_gifters g ON g.viewer_id = page.viewer_id
          JOIN chosen ON chosen.id = g.session_id
          LEFT JOIN viewers v ON v.id = page.viewer_id
        GROUP BY 1, 2, 3, 4 ORDER BY diamonds DESC, viewer_id DESC`;
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
