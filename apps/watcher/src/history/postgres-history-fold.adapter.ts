import type { Clock } from '../common/clock.port.js';
import { CrashPoint, type CrashPoints, NO_CRASH_POINTS } from '../common/crash-point.js';
import { ADVISORY_LOCKS, FOLD_LOCKS } from '../persistence/advisory-locks.js';
import { Prisma, type Database, type DatabaseTransaction } from '../persistence/database.js';
import { DatabaseError } from '../persistence/persistence.errors.js';
import { writeGifts } from '../persistence/postgres-gift-catalogue-store.adapter.js';
import { safeText } from '../persistence/safe-text.js';
import { writeBattles } from './battle-rows.adapter.js';
import { readFacts, type EventFacts } from './event-facts.js';
import { archiveEvents, type ArchiveInput } from './event-archive.adapter.js';
import { everybodyIn, peopleIn, withoutErased } from './fold-erasures.js';
import { foldEvents } from './fold-session.js';
import type { SeenGift, SessionDelta } from './folded-batch.js';
import { writeGaps } from './gap-rows.adapter.js';
import { addSessionsToStreamers, addToGifters, addToGifts, raiseStreaks } from './gift-rows.adapter.js';
import type { FoldInput, FoldPosition, HistoryFold } from './history.port.js';
import { isBeyond } from './history-age.js';
import { ensurePartitions } from './history-partitions.adapter.js';
import { erasedAmong } from './postgres-viewer-erasure.adapter.js';
import { addToMeans, addToSessions, addToSnapshots } from './session-rows.adapter.js';
import { countPeople, writeNames } from './viewer-rows.adapter.js';

export interface PostgresHistoryFoldOptions {
  /** Length of a snapshot's interval, ms; default 10,000. Change it only between sessions. */
  readonly snapshotIntervalMs?: number;
  /** Told of events that could not be read (foreign or damaged records); they are passed over. */
  readonly onMalformed?: (input: FoldInput) => void;
  readonly crashPoints?: CrashPoints;
  /** Names of the events that are kept as a whole; default none. */
  readonly archive?: readonly string[];
  /** What is older than this is not written to be removed: snapshots become means at once. Default: everything is written. */
  readonly keep?: HistoryKeep;
}

export interface HistoryKeep {
  readonly clock: Pick<Clock, 'now'>;
  readonly snapshotMs: number;
  readonly archiveMs: number;
}

export const DEFAULT_SNAPSHOT_INTERVAL_MS = 10_000;

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
  readonly #archive: ReadonlySet<string>;
  readonly #keep: HistoryKeep | undefined;
  readonly #writtenGifts = new Map<string, WrittenGift>();

  constructor(database: Database, options: PostgresHistoryFoldOptions = {}) {
    this.#database = database;
    this.#crashPoints = options.crashPoints ?? NO_CRASH_POINTS;
    this.#intervalMs = options.snapshotIntervalMs ?? DEFAULT_SNAPSHOT_INTERVAL_MS;
    this.#archive = new Set(options.archive);
    this.#keep = options.keep;
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
    const inputs = new Map<string, FoldInput>();
    for (const input of events) {
      const outcome = readFacts(input);
      if ('facts' in outcome) {
        if (facts.has(outcome.facts.key)) continue;
        facts.set(outcome.facts.key, outcome.facts);
        if (this.#archive.has(outcome.facts.name) && !this.#isOld(outcome.facts.recordedAt, 'archiveMs'))
          inputs.set(outcome.facts.key, input);
      } else if (outcome.skipped === 'malformed') this.#onMalformed(input);
    }
    let gifts: readonly SeenGift[];
    try {
      gifts = await this.#write(facts, inputs, positions);
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.context['detail'] !== NO_PARTITION) throw error;
      // Maintenance makes partitions ahead of time; this is for replays of old recordings and for missed maintenance.
      const days = [...facts.values()]
        .map((event) => event.recordedAt)
        .filter((at) => !this.#isOld(at, 'snapshotMs') || !this.#isOld(at, 'archiveMs'));
      await this.#database.transaction((tx) => ensurePartitions(tx, days));
      gifts = await this.#write(facts, inputs, positions);
    }
    this.#crashPoints.reached(CrashPoint.HistoryCommitted);
    this.#remember(gifts);
  }

  async #write(
    facts: ReadonlyMap<string, EventFacts>,
    inputs: ReadonlyMap<string, FoldInput>,
    positions: readonly FoldPosition[],
  ): Promise<readonly SeenGift[]> {
    return this.#database.transaction(async (tx) => {
      let gifts: readonly SeenGift[] = [];
      if (facts.size > 0) {
        await lockRooms(tx, facts.values());
        const fresh = await markFolded(tx, [...facts.keys()]);
        const events = fresh.map((key) => facts.get(key)).filter((event) => event !== undefined);
        const archived = this.#archived(events, inputs);
        const erasures = await erasedAmong(tx, () => [
          ...peopleIn(events),
          ...archived.flatMap(({ facts: { data } }) => everybodyIn(data)),
        ]);
        const batch = foldEvents(
          erasures.size === 0 ? events : events.map((event) => withoutErased(event, erasures)),
          this.#intervalMs,
        );
        await archiveEvents(tx, archived, erasures);
        const owners = await ownersOf(tx, batch.sessions);
        const gains = await raiseStreaks(tx, batch.streaks);
        const people = await countPeople(tx, batch.viewers);
        await addToSessions(tx, batch.sessions, gains.sessions, people);
        // Told apart once: at the turn of a day a snapshot written as it is could be found old a moment later, and count twice.
        const old = new Set(batch.snapshots.filter(({ at }) => this.#isOld(at, 'snapshotMs')));
        const young = batch.snapshots.filter((snapshot) => !old.has(snapshot));
        await addToSnapshots(tx, young);
        await addToMeans(tx, [...old]);
        await addToGifts(tx, gains.gifts);
        await addToGifters(tx, gains.gifters, owners);
        await addSessionsToStreamers(tx, newlyOwned(batch.sessions, owners));
        await writeGaps(tx, batch.gaps);
        await writeBattles(tx, batch.battles);
        await writeNames(tx, batch.names);
        gifts = batch.gifts.filter((gift) => this.#writtenGifts.get(gift.id)?.description !== describeGift(gift));
        await writeGifts(tx, gifts);
      }
      this.#crashPoints.reached(CrashPoint.HistoryRowsWritten);
      await setPositions(tx, positions);
      this.#crashPoints.reached(CrashPoint.HistoryPositionWritten);
      return gifts;
    });
  }

  #isOld(at: number, kind: 'snapshotMs' | 'archiveMs'): boolean {
    return this.#keep !== undefined && isBeyond(at, this.#keep.clock.now(), this.#keep[kind]);
  }

  #archived(events: readonly EventFacts[], inputs: ReadonlyMap<string, FoldInput>): ArchiveInput[] {
    return events.flatMap((facts) => {
      const input = inputs.get(facts.key);
      return input === undefined ? [] : { facts, value: input.value };
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
  // Shared, so that no erasure of a viewer is under way meanwhile.
  await tx.$executeRaw`SELECT pg_advisory_xact_lock_shared(${ADVISORY_LOCKS.erasure})`;
  // In order, so that two transactions never wait for each other in a circle.
  const ordered = [...buckets].sort((a, b) => a - b);
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${FOLD_LOCKS}::int, bucket) FROM unnest(${ordered}::int[]) AS bucket`;
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

/** User id of the streamer by session, of those of the sessions for which it is known. */
async function ownersOf(
  tx: DatabaseTransaction,
  sessions: readonly SessionDelta[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.$queryRaw<{ id: string; owner: string }[]>`
    SELECT id, tiktok_user_id AS owner FROM sessions
    WHERE id = ANY(${sessions.map(({ id }) => safeText(id))}::text[]) AND tiktok_user_id IS NOT NULL`;
  return new Map(rows.map(({ id, owner }) => [id, owner]));
}

/** Sessions whose streamer's user id this batch brings. */
function newlyOwned(sessions: readonly SessionDelta[], owners: ReadonlyMap<string, string>): string[] {
  return sessions.filter(({ id, tiktokUserId }) => tiktokUserId !== undefined && !owners.has(id)).map(({ id }) => id);
}

async function setPositions(tx: DatabaseTransaction, positions: readonly FoldPosition[]): Promise<void> {
  if (positions.length === 0) return;
  const latest = new Map(positions.map((position) => [safeText(position.stream), position.next]));
  const rows = [...latest].map(([stream, next]) => Prisma.sql`(${stream}, ${next}, now())`);
  await tx.$executeRaw`
    INSERT INTO history_positions (stream, next, updated_at) VALUES ${Prisma.join(rows)}
    ON CONFLICT (stream) DO UPDATE SET next = excluded.next, updated_at = now()`;
}
