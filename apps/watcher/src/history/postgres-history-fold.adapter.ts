import { CrashPoint, type CrashPoints, NO_CRASH_POINTS } from '../common/crash-point.js';
import { Prisma, type Database, type DatabaseTransaction } from '../persistence/database.js';
import { DatabaseError } from '../persistence/persistence.errors.js';
import { writeGifts } from '../persistence/postgres-gift-catalogue-store.adapter.js';
import { safeJson, safeText } from '../persistence/safe-text.js';
import { readFacts, type EventFacts } from './event-facts.js';
import {
  foldEvents,
  type SeenGift,
  type SessionDelta,
  type SnapshotDelta,
  type StreakMaximum,
} from './fold-session.js';
import type { FoldInput, FoldPosition, HistoryFold } from './history.port.js';
import { ensurePartitions } from './history-partitions.adapter.js';
import { mergeStreaks, type GiftGain, type StoredStreak } from './merge-streaks.js';

export interface PostgresHistoryFoldOptions {
  /** Length of a snapshot's interval, ms; default 10,000. Change it only between sessions. */
  readonly snapshotIntervalMs?: number;
  /** Told of events that could not be read (foreign or damaged records); they are passed over. */
  readonly onMalformed?: (input: FoldInput) => void;
  readonly crashPoints?: CrashPoints;
}

export const DEFAULT_SNAPSHOT_INTERVAL_MS = 10_000;

/** First half of the advisory locks below; the second is a bucket of the room. */
const FOLD_LOCK = 1_818_850_402;
/** Rooms share buckets, so that the number of locks in a batch stays small whatever the number of rooms. */
const LOCK_BUCKETS = 512;
const NO_PARTITION = '23514';
/** Gift descriptions remembered as written, so that a popular gift is not written with each batch. */
const REMEMBERED_GIFTS = 5_000;

/** The fold of events into sessions and snapshots, in Postgres. One `apply` at a time for each instance. */
export class PostgresHistoryFold implements HistoryFold {
  readonly #database: Database;
  readonly #intervalMs: number;
  readonly #crashPoints: CrashPoints;
  readonly #onMalformed: (input: FoldInput) => void;
  readonly #writtenGifts = new Map<string, WrittenGift>();

  constructor(database: Database, options: PostgresHistoryFoldOptions = {}) {
    this.#database = database;
    this.#crashPoints = options.crashPoints ?? NO_CRASH_POINTS;
    this.#intervalMs = options.snapshotIntervalMs ?? DEFAULT_SNAPSHOT_INTERVAL_MS;
    this.#onMalformed = options.onMalformed ?? (() => undefined);
  }

  async positions(prefix: string): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#database.run((client) =>
      client.historyPositionRecord.findMany({ where: { stream: { startsWith: prefix } } }),
    );
    // The database takes `_` in a prefix for any character.
    return new Map(rows.filter((row) => row.stream.startsWith(prefix)).map((row) => [row.stream, row.next]));
  }

  async apply(events: readonly FoldInput[], positions: readonly FoldPosition[]): Promise<void> {
    const facts = new Map<string, EventFacts>();
    for (const input of events) {
      const outcome = readFacts(input);
      if ('facts' in outcome) {
        if (!facts.has(outcome.facts.key)) facts.set(outcome.facts.key, outcome.facts);
      } else if (outcome.skipped === 'malformed') this.#onMalformed(input);
    }
    let gifts: readonly SeenGift[];
    try {
      gifts = await this.#write(facts, positions);
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.context['detail'] !== NO_PARTITION) throw error;
      // Maintenance makes partitions ahead of time; this is for replays of old recordings and for missed maintenance.
      const days = [...facts.values()].map((event) => event.recordedAt);
      await this.#database.transaction((tx) => ensurePartitions(tx, days));
      gifts = await this.#write(facts, positions);
    }
    this.#crashPoints.reached(CrashPoint.HistoryCommitted);
    this.#remember(gifts);
  }

  async #write(
    facts: ReadonlyMap<string, EventFacts>,
    positions: readonly FoldPosition[],
  ): Promise<readonly SeenGift[]> {
    return this.#database.transaction(async (tx) => {
      let gifts: readonly SeenGift[] = [];
      if (facts.size > 0) {
        await lockRooms(tx, facts.values());
        const fresh = await markFolded(tx, [...facts.keys()]);
        const batch = foldEvents(
          fresh.map((key) => facts.get(key)).filter((event) => event !== undefined),
          this.#intervalMs,
        );
        const gains = await raiseStreaks(tx, batch.streaks);
        await addToSessions(tx, batch.sessions, gains);
        await addToSnapshots(tx, batch.snapshots);
        gifts = batch.gifts.filter((gift) => this.#writtenGifts.get(gift.id)?.description !== describeGift(gift));
        await writeGifts(tx, gifts);
      }
      this.#crashPoints.reached(CrashPoint.HistoryRowsWritten);
      await setPositions(tx, positions);
      this.#crashPoints.reached(CrashPoint.HistoryPositionWritten);
      return gifts;
    });
  }

  #remember(gifts: readonly SeenGift[]): void {
    for (const gift of gifts) {
      const known = this.#writtenGifts.get(gift.id);
      // An older description did not replace the newer one in the table either.
      if (known !== undefined && known.seenAt > gift.seenAt) continue;
      this.#writtenGifts.delete(gift.id);
      this.#writtenGifts.set(gift.id, { description: describeGift(gift), seenAt: gift.seenAt });
    }
    for (const id of this.#writtenGifts.keys()) {
      if (this.#writtenGifts.size <= REMEMBERED_GIFTS) break;
      this.#writtenGifts.delete(id);
    }
  }
}

interface WrittenGift {
  readonly description: string;
  readonly seenAt: number;
}

function describeGift({ name, diamondsEach, imageUrl }: SeenGift): string {
  return JSON.stringify([name, diamondsEach, imageUrl]);
}

/** One transaction at a time for each room: so "is it folded already" and the streaks' maxima cannot race. */
async function lockRooms(tx: DatabaseTransaction, events: Iterable<EventFacts>): Promise<void> {
  const buckets = new Set<number>();
  for (const { roomId } of events) {
    let hash = 0;
    for (let index = 0; index < roomId.length; index += 1) hash = (hash * 31 + roomId.charCodeAt(index)) | 0;
    buckets.add(((hash % LOCK_BUCKETS) + LOCK_BUCKETS) % LOCK_BUCKETS);
  }
  // In order, so that two transactions never wait for each other in a circle.
  const ordered = [...buckets].sort((a, b) => a - b);
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${FOLD_LOCK}::int, bucket) FROM unnest(${ordered}::int[]) AS bucket`;
}

/** @returns the keys that were not folded before, in the order given */
async function markFolded(tx: DatabaseTransaction, keys: readonly string[]): Promise<readonly string[]> {
  // LIMIT keeps the planner from reading the whole table to compare: one look into the index for each key.
  const rows = await tx.$queryRaw<{ key: string }[]>`
    INSERT INTO folded_events (key, seen_on)
    SELECT given, (now() AT TIME ZONE 'UTC')::date
    FROM unnest(${keys}::uuid[]) AS given
    LEFT JOIN LATERAL (SELECT TRUE AS folded FROM folded_events f WHERE f.key = given LIMIT 1) AS known ON TRUE
    WHERE known.folded IS NULL
    ON CONFLICT DO NOTHING
    RETURNING key::text AS key`;
  const fresh = new Set(rows.map((row) => row.key));
  return keys.filter((key) => fresh.has(key));
}

async function raiseStreaks(
  tx: DatabaseTransaction,
  streaks: readonly StreakMaximum[],
): Promise<ReadonlyMap<string, GiftGain>> {
  if (streaks.length === 0) return new Map();
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

async function addToSessions(
  tx: DatabaseTransaction,
  sessions: readonly SessionDelta[],
  gains: ReadonlyMap<string, GiftGain>,
): Promise<void> {
  if (sessions.length === 0) return;
  const input = sessions.map((session) => ({
    id: session.id,
    room_id: session.roomId,
    unique_id: session.uniqueId,
    tiktok_user_id: session.tiktokUserId,
    title: session.title,
    started_at: date(session.startedAt),
    joined_at: date(session.joinedAt),
    last_event_at: date(session.lastEventAt),
    left_at: date(session.leftAt),
    ended_at: date(session.endedAt),
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
  }));
  await tx.$executeRaw`
    INSERT INTO sessions AS known (id, room_id, unique_id, tiktok_user_id, title, started_at, joined_at, last_event_at,
      left_at, ended_at, end_reason, peak_viewers, likes, chats, joins, follows, shares, gifts, diamonds, gaps, gap_ms,
      events)
    SELECT * FROM jsonb_to_recordset(${safeJson(input)}::jsonb) AS g(
      id text, room_id text, unique_id text, tiktok_user_id text, title text, started_at timestamptz,
      joined_at timestamptz, last_event_at timestamptz, left_at timestamptz, ended_at timestamptz, end_reason text,
      peak_viewers bigint, likes bigint, chats bigint, joins bigint, follows bigint, shares bigint, gifts bigint,
      diamonds bigint, gaps bigint, gap_ms bigint, events bigint)
    ON CONFLICT (id) DO UPDATE SET
      unique_id = CASE WHEN excluded.last_event_at >= known.last_event_at THEN excluded.unique_id ELSE known.unique_id END,
      tiktok_user_id = COALESCE(excluded.tiktok_user_id, known.tiktok_user_id),
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
      updated_at = now()`;
}

async function addToSnapshots(tx: DatabaseTransaction, snapshots: readonly SnapshotDelta[]): Promise<void> {
  if (snapshots.length === 0) return;
  const input = snapshots.map(({ sessionId, at, viewers, viewersSequence, ...counts }) => ({
    session_id: sessionId,
    at: date(at),
    viewers,
    viewers_sequence: viewers === undefined ? undefined : viewersSequence,
    ...counts,
  }));
  await tx.$executeRaw`
    INSERT INTO room_snapshots AS known (session_id, at, viewers, viewers_sequence, likes, chats, joins, follows, shares,
      gifts, diamonds, events, final)
    SELECT * FROM jsonb_to_recordset(${safeJson(input)}::jsonb) AS g(
      session_id text, at timestamptz, viewers bigint, viewers_sequence text, likes bigint, chats bigint, joins bigint,
      follows bigint, shares bigint, gifts bigint, diamonds bigint, events bigint, final boolean)
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
      final = known.final OR excluded.final`;
}

async function setPositions(tx: DatabaseTransaction, positions: readonly FoldPosition[]): Promise<void> {
  if (positions.length === 0) return;
  const latest = new Map(positions.map((position) => [safeText(position.stream), position.next]));
  const rows = [...latest].map(([stream, next]) => Prisma.sql`(${stream}, ${next}, now())`);
  await tx.$executeRaw`
    INSERT INTO history_positions (stream, next, updated_at) VALUES ${Prisma.join(rows)}
    ON CONFLICT (stream) DO UPDATE SET next = excluded.next, updated_at = now()`;
}

function date(at: number | undefined): Date | undefined {
  return at === undefined ? undefined : new Date(at);
}
