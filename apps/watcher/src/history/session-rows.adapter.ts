import { Prisma, type DatabaseTransaction } from '../persistence/database.js';
import { safeJson } from '../persistence/safe-text.js';
import type { SessionDelta, SnapshotDelta } from './folded-batch.js';
import type { GiftGain } from './merge-streaks.js';
import { dateOf } from './row-values.js';
import type { NewPeople } from './viewer-rows.adapter.js';

const SNAPSHOT_COLUMNS = Prisma.sql`session_id, at, viewers, viewers_sequence, likes, chats, joins, follows, shares, gifts,
  diamonds, events, final, followers, followers_sequence`;

/** Adds a batch to the sessions. `gains` and `people` by session id. */
export async function addToSessions(
  tx: DatabaseTransaction,
  sessions: readonly SessionDelta[],
  gains: ReadonlyMap<string, GiftGain>,
  people: ReadonlyMap<string, NewPeople>,
): Promise<void> {
  if (sessions.length === 0) return;
  const input = sessions.map((session) => ({
    id: session.id,
    room_id: session.roomId,
    unique_id: session.uniqueId,
    tiktok_user_id: session.tiktokUserId,
    title: session.title,
    started_at: dateOf(session.startedAt),
    joined_at: dateOf(session.joinedAt),
    last_event_at: dateOf(session.lastEventAt),
    left_at: dateOf(session.leftAt),
    ended_at: dateOf(session.endedAt),
    end_reason: session.endReason,
    peak_viewers: session.peakViewers,
    likes: session.likes,
    chats: session.chats,
    joins: session.joins,
    follows: session.follows,
    shares: session.shares,
    gifts: gains.get(session.id)?.gifts ?? 0,
    diamonds: gains.get(session.id)?.diamonds ?? 0,
    gaps: session.gaps,
    gap_ms: session.gapMs,
    events: session.events,
    viewers_sum: session.viewersSum,
    viewers_stated: session.viewersStated,
    total_viewers: session.totalViewers,
    unique_viewers: people.get(session.id)?.viewers ?? 0,
    unique_chatters: people.get(session.id)?.chatters ?? 0,
    unique_gifters: people.get(session.id)?.gifters ?? 0,
    new_followers: people.get(session.id)?.followers ?? 0,
    followers_first: session.followersFirst?.value,
    followers_first_sequence: session.followersFirst?.order,
    followers_last: session.followersLast?.value,
    followers_last_sequence: session.followersLast?.order,
  }));
  await tx.$executeRaw`
    INSERT INTO sessions AS known (id, room_id, unique_id, tiktok_user_id, title, started_at, joined_at, last_event_at,
      left_at, ended_at, end_reason, peak_viewers, likes, chats, joins, follows, shares, gifts, diamonds, gaps, gap_ms,
      events, viewers_sum, viewers_stated, total_viewers, unique_viewers, unique_chatters, unique_gifters, new_followers,
      followers_first, followers_first_sequence, followers_last, followers_last_sequence)
    SELECT * FROM jsonb_to_recordset(${safeJson(input)}::jsonb) AS g(
      id text, room_id text, unique_id text, tiktok_user_id text, title text, started_at timestamptz,
      joined_at timestamptz, last_event_at timestamptz, left_at timestamptz, ended_at timestamptz, end_reason text,
      peak_viewers bigint, likes bigint, chats bigint, joins bigint, follows bigint, shares bigint, gifts bigint,
      diamonds bigint, gaps bigint, gap_ms bigint, events bigint, viewers_sum bigint, viewers_stated bigint,
      total_viewers bigint, unique_viewers bigint, unique_chatters bigint, unique_gifters bigint, new_followers bigint,
      followers_first bigint, followers_first_sequence text, followers_last bigint, followers_last_sequence text)
    ON CONFLICT (id) DO UPDATE SET
      unique_id = CASE WHEN excluded.last_event_at >= known.last_event_at THEN excluded.unique_id ELSE known.unique_id END,
      tiktok_user_id = COALESCE(known.tiktok_user_id, excluded.tiktok_user_id),
      title = COALESCE(excluded.title, known.title),
      started_at = COALESCE(excluded.started_at, known.started_at),
      joined_at = LEAST(known.joined_at, excluded.joined_at),
      last_event_at = GREATEST(known.last_event_at, excluded.last_event_at),
      left_at = GREATEST(known.left_at, excluded.left_at),
      ended_at = COALESCE(excluded.ended_at, known.ended_at),
      end_reason = COALESCE(excluded.end_reason, known.end_reason),
      peak_viewers = GREATEST(known.peak_viewers, excluded.peak_viewers),
      likes = GREATEST(known.likes, excluded.likes),
      chats = known.chats + excluded.chats,
      joins = known.joins + excluded.joins,
      follows = known.follows + excluded.follows,
      shares = known.shares + excluded.shares,
      gifts = known.gifts + excluded.gifts,
      diamonds = known.diamonds + excluded.diamonds,
      gaps = known.gaps + excluded.gaps,
      gap_ms = known.gap_ms + excluded.gap_ms,
      events = known.events + excluded.events,
      viewers_sum = known.viewers_sum + excluded.viewers_sum,
      viewers_stated = known.viewers_stated + excluded.viewers_stated,
      total_viewers = GREATEST(known.total_viewers, excluded.total_viewers),
      unique_viewers = known.unique_viewers + excluded.unique_viewers,
      unique_chatters = known.unique_chatters + excluded.unique_chatters,
      unique_gifters = known.unique_gifters + excluded.unique_gifters,
      new_followers = known.new_followers + excluded.new_followers,
      followers_first = CASE WHEN known.followers_first IS NULL
          OR (excluded.followers_first_sequence COLLATE "C", excluded.followers_first)
            < (known.followers_first_sequence COLLATE "C", known.followers_first)
        THEN excluded.followers_first ELSE known.followers_first END,
      followers_first_sequence = LEAST(known.followers_first_sequence COLLATE "C",
        excluded.followers_first_sequence COLLATE "C"),
      followers_last = CASE WHEN known.followers_last IS NULL
          OR (excluded.followers_last_sequence COLLATE "C", excluded.followers_last)
            > (known.followers_last_sequence COLLATE "C", known.followers_last)
        THEN excluded.followers_last ELSE known.followers_last END,
      followers_last_sequence = GREATEST(known.followers_last_sequence COLLATE "C",
        excluded.followers_last_sequence COLLATE "C"),
      updated_at = now()`;
}

/** Adds a batch to the intervals of the sessions. */
export async function addToSnapshots(tx: DatabaseTransaction, snapshots: readonly SnapshotDelta[]): Promise<void> {
  if (snapshots.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO room_snapshots AS known (${SNAPSHOT_COLUMNS})
    SELECT * FROM ${snapshotRecords(snapshots)}
    ON CONFLICT (session_id, at) DO UPDATE SET
      viewers = CASE WHEN known.viewers_sequence IS NULL
                  OR excluded.viewers_sequence COLLATE "C" >= known.viewers_sequence COLLATE "C"
                THEN excluded.viewers ELSE known.viewers END,
      viewers_sequence = GREATEST(known.viewers_sequence COLLATE "C", excluded.viewers_sequence COLLATE "C"),
      likes = GREATEST(known.likes, excluded.likes),
      chats = known.chats + excluded.chats,
      joins = known.joins + excluded.joins,
      follows = known.follows + excluded.follows,
      shares = known.shares + excluded.shares,
      gifts = known.gifts + excluded.gifts,
      diamonds = known.diamonds + excluded.diamonds,
      events = known.events + excluded.events,
      final = known.final OR excluded.final,
      followers = CASE WHEN known.followers IS NULL
          OR (excluded.followers_sequence COLLATE "C", excluded.followers)
            > (known.followers_sequence COLLATE "C", known.followers)
        THEN excluded.followers ELSE known.followers END,
      followers_sequence = GREATEST(known.followers_sequence COLLATE "C", excluded.followers_sequence COLLATE "C")`;
}

/**
 * Adds a batch of intervals that are too old to be kept as they are to the 5-minute means: what maintenance would do with
 * their day, at once.
 */
export async function addToMeans(tx: DatabaseTransaction, snapshots: readonly SnapshotDelta[]): Promise<void> {
  if (snapshots.length === 0) return;
  await tx.$executeRaw`CREATE TEMPORARY TABLE livetap_old_snapshots (LIKE room_snapshots INCLUDING DEFAULTS) ON COMMIT DROP`;
  await tx.$executeRaw`
    INSERT INTO livetap_old_snapshots (${SNAPSHOT_COLUMNS}) SELECT * FROM ${snapshotRecords(snapshots)}`;
  await tx.$executeRaw`SELECT livetap_thin_snapshots('livetap_old_snapshots')`;
}

/** The intervals as records with these columns. */
function snapshotRecords(snapshots: readonly SnapshotDelta[]): Prisma.Sql {
  const input = snapshots.map(({ sessionId, at, viewers, viewersOrder, followers, ...counts }) => ({
    session_id: sessionId,
    at: dateOf(at),
    viewers,
    viewers_sequence: viewers === undefined ? undefined : viewersOrder,
    followers: followers?.value,
    followers_sequence: followers?.order,
    ...counts,
  }));
  return Prisma.sql`jsonb_to_recordset(${safeJson(input)}::jsonb) AS g(
    session_id text, at timestamptz, viewers bigint, viewers_sequence text, likes bigint, chats bigint, joins bigint,
    follows bigint, shares bigint, gifts bigint, diamonds bigint, events bigint, final boolean, followers bigint,
    followers_sequence text)`;
}
