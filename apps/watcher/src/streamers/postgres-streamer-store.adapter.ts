import { ADVISORY_LOCKS } from '../persistence/advisory-locks.js';
import type { Database, DatabaseTransaction } from '../persistence/database.js';
import { Prisma } from '../persistence/database.js';
import { boundedLimit, decodeCursor, encodeCursor } from '../persistence/page-cursor.js';
import { safeJson, safeText } from '../persistence/safe-text.js';
import { sha256 } from '../persistence/sha256.js';
import { habitFromJson } from './start-habit.js';
import {
  changedSettings,
  DEFAULT_PRIORITY,
  plainChangeOf,
  SETTING_NAMES,
  type PlainSettings,
} from './streamer-settings.js';
import type { Streamer, StreamerObservation, StreamerSettings, StreamerState } from './streamer.js';
import { StreamerVault } from './streamer-vault.js';
import type { AddedStreamer, NewStreamer, StreamerPage, StreamerQuery, StreamerStore } from './streamer-store.port.js';

const STATES: readonly StreamerState[] = ['pending', 'offline', 'live', 'paused', 'restricted', 'notFound', 'unknown'];
const WITH_ALIASES = { aliases: { orderBy: { alias: 'asc' } } } as const satisfies Prisma.StreamerRecordInclude;
type Row = Prisma.StreamerRecordGetPayload<{ include: typeof WITH_ALIASES }>;

const ID_PREFIX = 'id:';
/** So many streamers are added in one transaction: others that change names wait for it. */
const ADDED_AT_ONCE = 100;

/** What the identity part of an observation says of one row. */
interface IdentityChange {
  readonly id: bigint;
  readonly uniqueId?: string;
  readonly tiktokUserId?: string;
}

/** The monitored streamers in Postgres. All failures are DatabaseErrors. */
export class PostgresStreamerStore implements StreamerStore {
  readonly #database: Database;
  readonly #vault: StreamerVault;

  /** Without a vault, addresses of proxies that hold credentials are refused. */
  constructor(database: Database, vault = StreamerVault.withoutKeys()) {
    this.#database = database;
    this.#vault = vault;
  }

  async add(uniqueId: string, settings: StreamerSettings): Promise<AddedStreamer> {
    const [added] = await this.addMany([{ uniqueId, settings }]);
    if (added === undefined) throw new Error('A streamer was given and none came back.');
    return added;
  }

  async addMany(streamers: readonly NewStreamer[]): Promise<readonly AddedStreamer[]> {
    const added: AddedStreamer[] = [];
    for (let from = 0; from < streamers.length; from += ADDED_AT_ONCE) {
      const part = streamers.slice(from, from + ADDED_AT_ONCE);
      added.push(...(await this.#database.transaction((tx) => this.#addPart(tx, part))));
    }
    return added;
  }

  async #addPart(tx: DatabaseTransaction, streamers: readonly NewStreamer[]): Promise<AddedStreamer[]> {
    await lockNames(tx);
    const known = await findRows(
      tx,
      streamers.map(({ uniqueId }) => uniqueId),
    );
    const fresh = new Map<string, StreamerSettings>();
    for (const { uniqueId, settings } of streamers)
      if (!known.has(uniqueId) && !fresh.has(uniqueId)) fresh.set(uniqueId, settings);
    const created = await this.#create(tx, fresh);
    return streamers.map(({ uniqueId }) => {
      // Created by its first mention; from then on it is known.
      const row = created.get(uniqueId);
      const isNew = fresh.delete(uniqueId);
      const found = row ?? known.get(uniqueId);
      if (found === undefined) throw new Error(`The streamer ${uniqueId} was neither found nor created.`);
      return { streamer: toStreamer(found), created: isNew };
    });
  }

  async #create(tx: DatabaseTransaction, fresh: ReadonlyMap<string, StreamerSettings>): Promise<Map<string, Row>> {
    if (fresh.size === 0) return new Map();
    const nameHashes = new Map([...fresh.keys()].map((name) => [sha256(name).toString('hex'), name]));
    const retired = await tx.retiredEpochRecord.findMany({
      where: { nameHash: { in: [...fresh.keys()].map(sha256) } },
    });
    const epochs = new Map(
      retired.map(({ nameHash, epoch }) => [nameHashes.get(Buffer.from(nameHash).toString('hex')), epoch]),
    );
    const rows = await tx.streamerRecord.createManyAndReturn({
      data: [...fresh].map(([uniqueId, settings]) => ({
        uniqueId,
        tiktokUserId: uniqueId.startsWith(ID_PREFIX) ? uniqueId.slice(ID_PREFIX.length) : null,
        ...settingsData(settings),
        settings: { ...changedSettings({}, settings) },
      })),
    });
    await tx.leaseRecord.createMany({
      data: rows.map(({ id, uniqueId }) => ({ streamerId: id, epoch: epochs.get(uniqueId) ?? 0n })),
    });
    await settlePriorities(
      tx,
      rows.map(({ id }) => id),
    );
    // Who was watched before has habits already.
    const habits = await tx.$queryRaw<{ id: bigint; start_habit: unknown }[]>`
      UPDATE streamers SET start_habit = start_habit_of_sessions(ARRAY[unique_id], tiktok_user_id, now())
      WHERE id = ANY(${rows.map(({ id }) => id)}::bigint[]) RETURNING id, start_habit`;
    const habitOf = new Map(habits.map((row) => [row.id, row.start_habit as Row['startHabit']]));
    const created = new Map<string, Row>();
    for (const row of rows) {
      // Sealed for this id, which there was none of before; nobody sees the row until then.
      const { proxyUrl = null } = this.#proxyData(row.id, fresh.get(row.uniqueId) ?? {});
      if (proxyUrl) await tx.streamerRecord.update({ where: { id: row.id }, data: { proxyUrl } });
      created.set(row.uniqueId, { ...row, proxyUrl, startHabit: habitOf.get(row.id) ?? null, aliases: [] });
    }
    return created;
  }

  async find(uniqueId: string): Promise<Streamer | undefined> {
    const row = await this.#database.run((client) => findRow(client, uniqueId));
    return row === null ? undefined : toStreamer(row);
  }

  async findByIds(ids: readonly string[]): Promise<readonly Streamer[]> {
    if (ids.length === 0) return [];
    const rows = await this.#database.run((client) =>
      client.streamerRecord.findMany({
        where: { id: { in: ids.map(BigInt) } },
        orderBy: { id: 'asc' },
        include: WITH_ALIASES,
      }),
    );
    return rows.map(toStreamer);
  }

  async list(query: StreamerQuery): Promise<StreamerPage> {
    const limit = boundedLimit(query.limit);
    const after = query.cursor === undefined ? undefined : decodeCursor('streamers', query.cursor, [/^\d{1,18}$/])[0];
    const rows = await this.#database.run((client) =>
      client.streamerRecord.findMany({
        where: {
          ...(after === undefined ? {} : { id: { gt: BigInt(after) } }),
          ...(query.state === undefined ? {} : { state: query.state }),
          ...(query.label === undefined ? {} : { labels: { has: query.label } }),
          ...(query.paused === undefined ? {} : { paused: query.paused }),
        },
        orderBy: { id: 'asc' },
        take: limit + 1,
        include: WITH_ALIASES,
      }),
    );
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return {
      streamers: page.map(toStreamer),
      ...(rows.length > limit && last ? { nextCursor: encodeCursor('streamers', [String(last.id)]) } : {}),
    };
  }

  async countByState(): Promise<Readonly<Record<StreamerState, number>>> {
    const groups = await this.#database.run((client) =>
      client.streamerRecord.groupBy({ by: ['state'], _count: { _all: true } }),
    );
    const counts = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<StreamerState, number>;
    for (const group of groups) counts[group.state as StreamerState] = group._count._all;
    return counts;
  }

  async update(uniqueId: string, settings: StreamerSettings): Promise<Streamer | undefined> {
    return this.#database.transaction(async (tx) => {
      const found = await findRow(tx, uniqueId);
      if (found === null) return undefined;
      // Laid over what is there by the database itself: two changes at once both count.
      const change = JSON.stringify(plainChangeOf(settings));
      await tx.$executeRaw`
        UPDATE streamers SET settings = jsonb_strip_nulls(settings || ${change}::jsonb) WHERE id = ${found.id}`;
      const changed = await tx.streamerRecord.updateManyAndReturn({
        where: { id: found.id },
        data: { ...settingsData(settings), ...this.#proxyData(found.id, settings), updatedAt: new Date() },
      });
      await settlePriorities(tx, [found.id]);
      return changed[0] && toStreamer({ ...changed[0], aliases: found.aliases });
    });
  }

  async setSession(id: string, sealedSession: string | null): Promise<Streamer | undefined> {
    return this.#database.run(async (client) => {
      const now = new Date();
      const { count } = await client.streamerRecord.updateMany({
        where: { id: BigInt(id) },
        data: { sealedSession, sessionSetAt: sealedSession === null ? null : now, updatedAt: now },
      });
      if (count === 0) return undefined;
      const row = await client.streamerRecord.findUnique({ where: { id: BigInt(id) }, include: WITH_ALIASES });
      return row === null ? undefined : toStreamer(row);
    });
  }

  async remove(uniqueId: string, options: { purge: boolean }): Promise<boolean> {
    return this.#database.transaction(async (tx) => {
      await lockNames(tx);
      const row = await findRow(tx, uniqueId);
      if (row === null) return false;
      const names = [row.uniqueId, ...row.aliases.map(({ alias }) => alias)];
      if (row.tiktokUserId !== null) names.push(`${ID_PREFIX}${row.tiktokUserId}`);
      // The lock on the lease row makes this the last epoch: a taking under way is waited for, later ones find no row.
      const [lease] = await tx.$queryRaw<
        { epoch: bigint }[]
      >`SELECT epoch FROM leases WHERE streamer_id = ${row.id} FOR UPDATE`;
      await tx.$executeRaw`
        INSERT INTO retired_epochs (name_hash, epoch)
        SELECT decode(hash, 'hex'), ${lease?.epoch ?? 0n}
        FROM unnest(${names.map((name) => sha256(name).toString('hex'))}::text[]) AS hash
        ON CONFLICT (name_hash) DO UPDATE SET epoch = GREATEST(retired_epochs.epoch, excluded.epoch)`;
      await tx.streamerRecord.delete({ where: { id: row.id } });
      if (options.purge) await purgeHistory(tx, names, row.tiktokUserId);
      return true;
    });
  }

  async observe(observations: ReadonlyMap<string, StreamerObservation>): Promise<void> {
    if (observations.size === 0) return;
    const input = [...observations].map(([id, seen]) => ({
      id,
      state: seen.state,
      state_reason: seen.stateReason,
      room_id: seen.roomId,
      nickname: seen.nickname,
      avatar_url: seen.avatarUrl,
      last_checked_at: seen.lastCheckedAt,
      last_live_at: seen.lastLiveAt,
      start_habit: seen.startHabit,
      next_check_at: seen.nextCheckAt ?? undefined,
      clear_next_check: seen.nextCheckAt === null,
    }));
    // Rows are locked in id order, so that two replicas never wait for each other in a circle.
    const rows = await this.#database.run(
      (client) => client.$queryRaw<{ id: bigint; unique_id: string; tiktok_user_id: string | null }[]>`
        WITH given AS (
          SELECT * FROM jsonb_to_recordset(${safeJson(input)}::jsonb) AS g(
            id bigint, state text, state_reason text, room_id text, nickname text, avatar_url text,
            last_checked_at timestamptz, last_live_at timestamptz, start_habit jsonb, next_check_at timestamptz,
            clear_next_check boolean)
        ), locked AS MATERIALIZED (
          SELECT s.id FROM streamers s WHERE s.id IN (SELECT id FROM given) ORDER BY s.id FOR NO KEY UPDATE
        )
        UPDATE streamers s SET
          state = COALESCE(g.state, s.state),
          state_reason = CASE WHEN g.state IS NULL THEN COALESCE(g.state_reason, s.state_reason) ELSE g.state_reason END,
          room_id = COALESCE(g.room_id, s.room_id),
          nickname = COALESCE(g.nickname, s.nickname),
          avatar_url = COALESCE(g.avatar_url, s.avatar_url),
          last_checked_at = COALESCE(g.last_checked_at, s.last_checked_at),
          last_live_at = COALESCE(g.last_live_at, s.last_live_at),
          start_habit = COALESCE(g.start_habit, s.start_habit),
          next_check_at = CASE WHEN g.clear_next_check THEN NULL ELSE COALESCE(g.next_check_at, s.next_check_at) END,
          updated_at = now()
        FROM given g JOIN locked USING (id)
        WHERE s.id = g.id
        RETURNING s.id, s.unique_id, s.tiktok_user_id`,
    );
    for (const row of rows) {
      const change = identityChange(row, observations.get(String(row.id)));
      if (change !== undefined) await this.#changeIdentity(change);
    }
  }

  #proxyData(id: bigint, { proxyUrl }: StreamerSettings): { proxyUrl?: string | null } {
    if (proxyUrl === undefined) return {};
    return { proxyUrl: proxyUrl === null ? null : this.#vault.sealProxy(String(id), proxyUrl) };
  }

  /** Rare (first sight of a user id, a renaming), so one transaction each. Names that lead elsewhere are left alone. */
  async #changeIdentity({ id, uniqueId, tiktokUserId }: IdentityChange): Promise<void> {
    await this.#database.transaction(async (tx) => {
      await lockNames(tx);
      const row = await tx.streamerRecord.findUnique({ where: { id } });
      if (row === null) return;
      if (tiktokUserId !== undefined) {
        const other = await findRow(tx, `${ID_PREFIX}${tiktokUserId}`);
        if (other === null || other.id === id)
          await tx.streamerRecord.update({ where: { id }, data: { tiktokUserId } });
      }
      if (uniqueId === undefined || uniqueId === row.uniqueId) return;
      const other = await findRow(tx, uniqueId);
      if (other !== null && other.id !== id) return;
      await tx.streamerAliasRecord.deleteMany({ where: { alias: uniqueId } });
      await tx.streamerAliasRecord.create({ data: { alias: row.uniqueId, streamerId: id } });
      await tx.streamerRecord.update({ where: { id }, data: { uniqueId } });
    });
  }
}

/** The column by which leases are given out holds what counts, labels included. */
async function settlePriorities(tx: DatabaseTransaction, ids: readonly bigint[]): Promise<void> {
  await tx.$executeRaw`
    UPDATE streamers SET priority = livetap_effective_priority(settings, labels, ${DEFAULT_PRIORITY}::int)
    WHERE id = ANY(${ids}::bigint[])`;
}

/** Whoever changes which name leads to which streamer does it alone. */
async function lockNames(tx: DatabaseTransaction): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_LOCKS.names})`;
}

/** By name first, then by alias, then by TikTok user id. */
async function findRow(client: DatabaseTransaction, name: string): Promise<Row | null> {
  return (await findRows(client, [name])).get(name) ?? null;
}

/** Those of the names that lead to a streamer. */
async function findRows(client: DatabaseTransaction, names: readonly string[]): Promise<Map<string, Row>> {
  const texts = new Map(names.map((name) => [name, safeText(name)]));
  const given = [...texts.values()];
  const userIds = given.filter((text) => text.startsWith(ID_PREFIX)).map((text) => text.slice(ID_PREFIX.length));
  const rows = await client.streamerRecord.findMany({
    where: {
      OR: [
        { uniqueId: { in: given } },
        { aliases: { some: { alias: { in: given } } } },
        ...(userIds.length === 0 ? [] : [{ tiktokUserId: { in: userIds } }]),
      ],
    },
    orderBy: { id: 'asc' },
    include: WITH_ALIASES,
  });
  // The first way wins over the others, the older row over a younger one.
  const byText = new Map<string, Row>();
  const ways: ((row: Row) => readonly string[])[] = [
    (row) => [row.uniqueId],
    (row) => row.aliases.map(({ alias }) => alias),
    (row) => (row.tiktokUserId === null ? [] : [`${ID_PREFIX}${row.tiktokUserId}`]),
  ];
  for (const way of ways)
    for (const row of rows) for (const text of way(row)) if (!byText.has(text)) byText.set(text, row);
  return new Map(
    [...texts].flatMap(([name, text]) => {
      const row = byText.get(text);
      return row === undefined ? [] : [[name, row] as const];
    }),
  );
}

function identityChange(
  row: { id: bigint; unique_id: string; tiktok_user_id: string | null },
  seen: StreamerObservation | undefined,
): IdentityChange | undefined {
  const uniqueId = seen?.uniqueId === row.unique_id ? undefined : seen?.uniqueId;
  const tiktokUserId = seen?.tiktokUserId === row.tiktok_user_id ? undefined : seen?.tiktokUserId;
  if (uniqueId === undefined && tiktokUserId === undefined) return undefined;
  return {
    id: row.id,
    ...(uniqueId === undefined ? {} : { uniqueId: safeText(uniqueId) }),
    ...(tiktokUserId === undefined ? {} : { tiktokUserId: safeText(tiktokUserId) }),
  };
}

/** Erases sessions and all folded from them, and takes the names out of the audit log. */
async function purgeHistory(tx: DatabaseTransaction, names: readonly string[], userId: string | null): Promise<void> {
  const sessions = await tx.sessionRecord.findMany({
    where: { OR: [{ uniqueId: { in: [...names] } }, ...(userId === null ? [] : [{ tiktokUserId: userId }])] },
    select: { id: true },
  });
  const ids = sessions.map(({ id }) => id);
  await tx.$executeRaw`SELECT livetap_purge_sessions(${ids}::text[], ${userId}::text)`;
  const targets = names.map((name) => `streamers/${encodeURIComponent(name)}`);
  await tx.auditEntryRecord.updateMany({ where: { target: { in: targets } }, data: { target: null } });
}

function settingsData(settings: StreamerSettings): {
  paused?: boolean;
  labels?: string[];
} {
  return {
    ...(settings.paused === undefined ? {} : { paused: settings.paused }),
    ...(settings.labels === undefined ? {} : { labels: settings.labels.map(safeText) }),
  };
}

/** Only what this version knows; another one may have written more. */
function ownSettings(stored: unknown): PlainSettings {
  const given = stored as Readonly<Record<string, unknown>>;
  return Object.fromEntries(SETTING_NAMES.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));
}

function toStreamer(row: Row): Streamer {
  // Written by us alone; should it be none all the same, the habit is learned anew.
  const startHabit = habitFromJson(row.startHabit);
  const own = ownSettings(row.settings);
  return {
    id: String(row.id),
    uniqueId: row.uniqueId,
    ...(row.tiktokUserId === null ? {} : { tiktokUserId: row.tiktokUserId }),
    aliases: row.aliases.map(({ alias }) => alias),
    ...(row.nickname === null ? {} : { nickname: row.nickname }),
    ...(row.avatarUrl === null ? {} : { avatarUrl: row.avatarUrl }),
    paused: row.paused,
    labels: row.labels,
    priority: own.priority ?? DEFAULT_PRIORITY,
    ...(Object.keys(own).length === 0 ? {} : { own }),
    ...(row.proxyUrl === null ? {} : { proxyUrl: row.proxyUrl }),
    ...(row.sealedSession === null ? {} : { sealedSession: row.sealedSession }),
    ...(row.sessionSetAt === null ? {} : { sessionSetAt: row.sessionSetAt }),
    state: row.state as StreamerState,
    ...(row.stateReason === null ? {} : { stateReason: row.stateReason }),
    ...(row.roomId === null ? {} : { roomId: row.roomId }),
    ...(row.lastCheckedAt === null ? {} : { lastCheckedAt: row.lastCheckedAt }),
    ...(row.nextCheckAt === null ? {} : { nextCheckAt: row.nextCheckAt }),
    ...(row.lastLiveAt === null ? {} : { lastLiveAt: row.lastLiveAt }),
    ...(startHabit === undefined ? {} : { startHabit }),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
