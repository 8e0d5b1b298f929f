import { type DatabaseTransaction, Prisma } from '../persistence/database.js';
import { safeJson } from '../persistence/safe-text.js';
import type { StreakMaximum } from './folded-batch.js';
import {
  mergeStreaks,
  type GiftGains,
  type GifterGain,
  type SessionGiftGain,
  type StoredStreak,
} from './merge-streaks.js';

/** The end of a statement that adds rows to `streamer_gifters AS known`. */
const ADD_TO_STREAMERS = Prisma.sql`
    ON CONFLICT (tiktok_user_id, viewer_id) DO UPDATE SET
      gifts = known.gifts + excluded.gifts,
      diamonds = known.diamonds + excluded.diamonds,
      sessions = known.sessions + excluded.sessions,
      first_at = LEAST(known.first_at, excluded.first_at),
      last_at = GREATEST(known.last_at, excluded.last_at)`;

/** Raises the streaks' maxima. @returns what that adds to the totals of sessions, people and gifts */
export async function raiseStreaks(tx: DatabaseTransaction, streaks: readonly StreakMaximum[]): Promise<GiftGains> {
  if (streaks.length === 0) return mergeStreaks([], []);
  const input = safeJson(
    streaks.map((streak) => ({
      session_id: streak.sessionId,
      streak: streak.streak,
      count: streak.count,
      diamonds_each: streak.diamondsEach,
    })),
  );
  const stored = await tx.$queryRaw<
    { session_id: string; streak: string; count: bigint; diamonds_each: bigint | null }[]
  >`
    SELECT s.session_id, s.streak::text AS streak, s.count, s.diamonds_each
    FROM gift_streaks s JOIN jsonb_to_recordset(${input}::jsonb) AS g(session_id text, streak uuid) USING (session_id, streak)`;
  await tx.$executeRaw`
    INSERT INTO gift_streaks AS known (session_id, streak, count, diamonds_each, seen_at)
    SELECT g.*, now() FROM jsonb_to_recordset(${input}::jsonb)
      AS g(session_id text, streak uuid, count bigint, diamonds_each bigint)
    ON CONFLICT (session_id, streak) DO UPDATE SET
      count = GREATEST(known.count, excluded.count),
      diamonds_each = GREATEST(known.diamonds_each, excluded.diamonds_each),
      seen_at = excluded.seen_at`;
  const before = stored.map((row): StoredStreak => ({
    sessionId: row.session_id,
    streak: row.streak,
    count: Number(row.count),
    ...(row.diamonds_each === null ? {} : { diamondsEach: Number(row.diamonds_each) }),
  }));
  return mergeStreaks(before, streaks);
}

/**
 * Adds to what people gave in sessions, and to what they gave to the streamers in all.
 * @param owners user id of the streamer by session, as it was known before this batch; sessions that are not in it come
 *   to the streamer's totals as a whole, by {@link addSessionsToStreamers}
 */
export async function addToGifters(
  tx: DatabaseTransaction,
  gains: readonly GifterGain[],
  owners: ReadonlyMap<string, string>,
): Promise<void> {
  if (gains.length === 0) return;
  const input = gains.map((gain) => ({
    session_id: gain.sessionId,
    viewer_id: gain.viewerId,
    gifts: gain.gifts,
    diamonds: gain.diamonds,
    first_at: new Date(gain.firstAt),
    last_at: new Date(gain.lastAt),
    owner: owners.get(gain.sessionId),
  }));
  // Rows of one streamer may be written for two rooms at once: everyone takes them in the same order.
  await tx.$executeRaw`
    WITH given AS MATERIALIZED (
      SELECT g.*, known.session_id IS NULL AS first_here
      FROM jsonb_to_recordset(${safeJson(input)}::jsonb) AS g(session_id text, viewer_id bigint, gifts bigint,
        diamonds bigint, first_at timestamptz, last_at timestamptz, owner text)
      LEFT JOIN session_gifters AS known USING (session_id, viewer_id)
    ), of_sessions AS (
      INSERT INTO session_gifters AS known (session_id, viewer_id, gifts, diamonds, first_at, last_at)
      SELECT session_id, viewer_id, gifts, diamonds, first_at, last_at FROM given
      ON CONFLICT (session_id, viewer_id) DO UPDATE SET
        gifts = known.gifts + excluded.gifts,
        diamonds = known.diamonds + excluded.diamonds,
        first_at = LEAST(known.first_at, excluded.first_at),
        last_at = GREATEST(known.last_at, excluded.last_at)
    )
    INSERT INTO streamer_gifters AS known (tiktok_user_id, viewer_id, gifts, diamonds, sessions, first_at, last_at)
    SELECT owner, viewer_id, sum(gifts), sum(diamonds), count(*) FILTER (WHERE first_here), min(first_at), max(last_at)
    FROM given WHERE owner IS NOT NULL GROUP BY owner, viewer_id ORDER BY owner, viewer_id
    ${ADD_TO_STREAMERS}`;
}

/** Sessions whose streamer's user id is known from now on: all that was given in them counts for the streamer. */
export async function addSessionsToStreamers(tx: DatabaseTransaction, sessionIds: readonly string[]): Promise<void> {
  if (sessionIds.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO streamer_gifters AS known (tiktok_user_id, viewer_id, gifts, diamonds, sessions, first_at, last_at)
    SELECT s.tiktok_user_id, g.viewer_id, sum(g.gifts), sum(g.diamonds), count(*), min(g.first_at), max(g.last_at)
    FROM session_gifters g JOIN sessions s ON s.id = g.session_id
    WHERE g.session_id = ANY(${sessionIds}::text[]) AND s.tiktok_user_id IS NOT NULL
    GROUP BY 1, 2 ORDER BY 1, 2
    ${ADD_TO_STREAMERS}`;
}

/** Adds to how many of each gift were given in sessions. */
export async function addToGifts(tx: DatabaseTransaction, gains: readonly SessionGiftGain[]): Promise<void> {
  if (gains.length === 0) return;
  const input = gains.map((gain) => ({
    session_id: gain.sessionId,
    gift_id: gain.giftId,
    gifts: gain.gifts,
    diamonds: gain.diamonds,
  }));
  await tx.$executeRaw`
    INSERT INTO session_gifts AS known (session_id, gift_id, gifts, diamonds)
    SELECT * FROM jsonb_to_recordset(${safeJson(input)}::jsonb)
      AS g(session_id text, gift_id bigint, gifts bigint, diamonds bigint)
    ON CONFLICT (session_id, gift_id) DO UPDATE SET
      gifts = known.gifts + excluded.gifts,
      diamonds = known.diamonds + excluded.diamonds`;
}
