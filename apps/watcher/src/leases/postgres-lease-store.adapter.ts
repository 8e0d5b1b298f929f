import { type Database, Prisma } from '../persistence/database.js';
import { safeJson } from '../persistence/safe-text.js';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import { LEASE_CHANNEL } from './postgres-lease-hints.adapter.js';
import {
  type AcquireRequest,
  type Fleet,
  type FleetReplica,
  type Lease,
  type LeaseOffer,
  type LeaseRenewal,
  type LeaseStore,
  NO_ROOM,
  type Offers,
  OVERDUE_MS,
} from './lease-store.port.js';

interface FleetRow {
  id: string;
  held: number;
  giving: number;
  getting: number;
  silent_ms: number;
  total: number;
  free: number;
  now_ms: number;
  up_since_ms: number;
}

interface OfferRow {
  id: bigint;
  epoch: bigint;
  ours: boolean;
  offered_to: string;
  ready_room: string | null;
  room_id: string | null;
  released: boolean;
}

/**
 * Leases in Postgres: each call is one statement, and every time is the database's. A lease lasts `ttlMs` from the
 * start of the statement, so an owner that counts from before its call never believes in it too long. Whoever has to
 * know of a change is told by NOTIFY, as a hint (`PostgresLeaseHints`).
 */
export class PostgresLeaseStore implements LeaseStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async acquire(request: AcquireRequest): Promise<readonly Lease[]> {
    const { replicaId, ttlMs, limit, reclaim, share = limit, sparing = false } = request;
    if (limit <= 0) return [];
    // SKIP LOCKED: two replicas that ask at once share out the free ones and never wait for each other. Who has taken its
    // share and may have left something says so.
    const rows = await this.#database.run(
      (client) => client.$queryRaw<{ streamer_id: bigint; epoch: bigint; checkpoint: PipelineCheckpoint | null }[]>`
        WITH due AS MATERIALIZED (
          SELECT l.streamer_id
          FROM leases l JOIN streamers s ON s.id = l.streamer_id
          WHERE NOT s.paused AND (
            (${reclaim} AND l.owner = ${replicaId})
            OR (
              (l.owner IS NULL OR (l.expires_at <= now() AND NOT (${sparing} AND l.owner <> ${replicaId})))
              AND (
                l.offered_to = ${replicaId}
                OR l.expires_at <= now() - ${OVERDUE_MS}::double precision * interval '1 millisecond'
              )
            )
          )
          ORDER BY s.priority DESC, l.streamer_id
          LIMIT ${limit}
          FOR UPDATE OF l SKIP LOCKED
        ), fair AS MATERIALIZED (
          SELECT l.streamer_id
          FROM leases l JOIN streamers s ON s.id = l.streamer_id
          WHERE NOT s.paused
            AND (l.owner IS NULL OR (l.expires_at <= now() AND NOT (${sparing} AND l.owner <> ${replicaId})))
            AND l.offered_to IS NULL
            AND l.expires_at > now() - ${OVERDUE_MS}::double precision * interval '1 millisecond'
          ORDER BY s.priority DESC, l.streamer_id
          LIMIT ${Math.min(share, limit)}
          FOR UPDATE OF l SKIP LOCKED
        ), chosen AS MATERIALIZED (
          SELECT streamer_id FROM due UNION ALL SELECT streamer_id FROM fair LIMIT ${limit}
        ), taken AS (
          UPDATE leases l SET
            owner = ${replicaId},
            epoch = l.epoch + 1,
            expires_at = now() + ${ttlMs}::double precision * interval '1 millisecond',
            offered_to = NULL,
            ready_room = NULL,
            updated_at = now()
          FROM chosen WHERE l.streamer_id = chosen.streamer_id
          RETURNING l.streamer_id, l.epoch, l.checkpoint
        )
        SELECT streamer_id, epoch, checkpoint,
          CASE WHEN ${share < limit} AND (SELECT count(*) FROM fair) >= ${share}
            THEN pg_notify(${LEASE_CHANNEL}, '')::text END AS told
        FROM taken`,
    );
    return rows.map((row) => ({
      streamerId: String(row.streamer_id),
      epoch: Number(row.epoch),
      checkpoint: row.checkpoint,
    }));
  }

  async renew(request: {
    replicaId: string;
    ttlMs: number;
    renewals: readonly LeaseRenewal[];
  }): Promise<{ readonly lost: readonly string[] }> {
    if (request.renewals.length === 0) return { lost: [] };
    const rows = await this.#database.run(
      (client) => client.$queryRaw<{ id: bigint }[]>`
        WITH given AS MATERIALIZED (
          SELECT * FROM jsonb_to_recordset(${toJson(request.renewals)}::jsonb)
            AS g(id bigint, epoch bigint, keep boolean, checkpoint jsonb)
        ), ${lockedInOrder(request.renewals, Prisma.sql`owner = ${request.replicaId}`)}, renewed AS (
          UPDATE leases l SET
            expires_at = now() + ${request.ttlMs}::double precision * interval '1 millisecond',
            checkpoint = CASE WHEN g.keep THEN l.checkpoint ELSE livetap_without_erased(NULLIF(g.checkpoint, 'null'::jsonb)) END,
            updated_at = now()
          FROM given g JOIN locked ON locked.streamer_id = g.id
          WHERE l.streamer_id = g.id AND l.epoch = g.epoch AND l.owner = ${request.replicaId}
          RETURNING l.streamer_id
        )
        SELECT g.id FROM given g WHERE g.id NOT IN (SELECT streamer_id FROM renewed)`,
    );
    return { lost: rows.map((row) => String(row.id)) };
  }

  async release(request: { replicaId: string; renewals: readonly LeaseRenewal[] }): Promise<void> {
    if (request.renewals.length === 0) return;
    await this.#database.run(
      (client) => client.$queryRaw`
        WITH ${lockedInOrder(request.renewals, Prisma.sql`owner = ${request.replicaId}`)}, released AS (
          UPDATE leases l SET
            owner = NULL,
            expires_at = now(),
            checkpoint = CASE WHEN g.keep THEN l.checkpoint ELSE livetap_without_erased(NULLIF(g.checkpoint, 'null'::jsonb)) END,
            updated_at = now()
          FROM jsonb_to_recordset(${toJson(request.renewals)}::jsonb)
            AS g(id bigint, epoch bigint, keep boolean, checkpoint jsonb) JOIN locked ON locked.streamer_id = g.id
          WHERE l.streamer_id = g.id AND l.epoch = g.epoch AND l.owner = ${request.replicaId}
          RETURNING COALESCE(l.offered_to, '') AS whom
        )
        SELECT pg_notify(${LEASE_CHANNEL}, whom)::text AS told FROM (SELECT DISTINCT whom FROM released) AS each`,
    );
  }

  async beat({ replicaId, ttlMs, takes }: Parameters<LeaseStore['beat']>[0]): Promise<Fleet> {
    const rows = await this.#database.run(
      (client) => client.$queryRaw<FleetRow[]>`
        WITH present AS (
          INSERT INTO replicas (id, version, renewed_at) VALUES (${replicaId}, '', CASE WHEN ${takes} THEN now() END)
          ON CONFLICT (id) DO UPDATE SET renewed_at = excluded.renewed_at, last_seen_at = now()
        ), members AS (
          SELECT id, EXTRACT(EPOCH FROM now() - renewed_at) * 1000 AS silent_ms
          FROM replicas
          WHERE id <> ${replicaId} AND renewed_at > now() - ${ttlMs}::double precision * interval '1 millisecond'
          UNION ALL
          SELECT ${replicaId}, 0
        ), held AS (
          SELECT owner, count(*) AS held, count(offered_to) AS giving
          FROM leases WHERE owner IS NOT NULL AND expires_at > now() GROUP BY owner
        ), coming AS (
          SELECT offered_to, count(*) AS getting FROM leases WHERE offered_to IS NOT NULL GROUP BY offered_to
        ), leased AS (
          SELECT count(*) AS total, count(*) FILTER (WHERE l.owner IS NULL OR l.expires_at <= now()) AS free
          FROM leases l JOIN streamers s ON s.id = l.streamer_id WHERE NOT s.paused
        )
        SELECT m.id, m.silent_ms::double precision AS silent_ms,
          COALESCE(h.held, 0)::int AS held, COALESCE(h.giving, 0)::int AS giving, COALESCE(c.getting, 0)::int AS getting,
          leased.total::int AS total, leased.free::int AS free,
          (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::double precision AS now_ms,
          (EXTRACT(EPOCH FROM pg_postmaster_start_time()) * 1000)::double precision AS up_since_ms
        FROM members m
          LEFT JOIN held h ON h.owner = m.id
          LEFT JOIN coming c ON c.offered_to = m.id
          CROSS JOIN leased
        ORDER BY m.id`,
    );
    const { total = 0, free = 0, now_ms: now = 0, up_since_ms: upSince = 0 } = rows[0] ?? {};
    const replicas = rows.map(({ id, held, giving, getting, silent_ms: silentMs }): FleetReplica => ({
      id,
      held,
      giving,
      getting,
      silentMs,
    }));
    return { replicas, total, free, now, upSince };
  }

  async retire(replicaId: string): Promise<void> {
    await this.#database.run(
      (client) => client.$queryRaw`
        WITH gone AS (
          UPDATE replicas SET renewed_at = NULL WHERE id = ${replicaId}
        ), locked AS MATERIALIZED (
          SELECT streamer_id FROM leases WHERE offered_to = ${replicaId} ORDER BY streamer_id FOR NO KEY UPDATE
        ), declined AS (
          UPDATE leases l SET offered_to = NULL, ready_room = NULL FROM locked
          WHERE l.streamer_id = locked.streamer_id AND l.offered_to = ${replicaId} RETURNING COALESCE(l.owner, '') AS whom
        )
        SELECT pg_notify(${LEASE_CHANNEL}, whom)::text AS told FROM (SELECT DISTINCT whom FROM declined) AS each`,
    );
  }

  async offer({ replicaId, offers }: { replicaId: string; offers: readonly LeaseOffer[] }): Promise<void> {
    if (offers.length === 0) return;
    const given = JSON.stringify(offers.map(({ streamerId: id, epoch, to }) => ({ id, epoch, to })));
    await this.#database.run(
      (client) => client.$queryRaw`
        WITH ${lockedInOrder(offers, Prisma.sql`owner = ${replicaId}`)}, offered AS (
          UPDATE leases l SET offered_to = g."to", ready_room = NULL, updated_at = now()
          FROM jsonb_to_recordset(${given}::jsonb) AS g(id bigint, epoch bigint, "to" text)
            JOIN locked ON locked.streamer_id = g.id
          WHERE l.streamer_id = g.id AND l.epoch = g.epoch AND l.owner = ${replicaId}
          RETURNING l.offered_to AS whom
        )
        SELECT pg_notify(${LEASE_CHANNEL}, whom)::text AS told FROM (SELECT DISTINCT whom FROM offered) AS each`,
    );
  }

  async withdraw({ replicaId, streamerIds }: { replicaId: string; streamerIds: readonly string[] }): Promise<void> {
    if (streamerIds.length === 0) return;
    await this.#database.run(
      (client) => client.$executeRaw`
        WITH ${lockedInOrder(
          streamerIds.map((streamerId) => ({ streamerId })),
          Prisma.sql`owner = ${replicaId}`,
        )}
        UPDATE leases l SET offered_to = NULL, ready_room = NULL, updated_at = now() FROM locked
        WHERE l.streamer_id = locked.streamer_id AND l.owner = ${replicaId}`,
    );
  }

  async offers(replicaId: string): Promise<Offers> {
    const rows = await this.#database.run(
      (client) => client.$queryRaw<OfferRow[]>`
        SELECT l.streamer_id AS id, l.epoch, l.offered_to, l.ready_room, l.owner IS NOT DISTINCT FROM ${replicaId} AS ours,
          CASE WHEN (l.checkpoint->>'joined')::boolean THEN l.checkpoint->>'roomId' END AS room_id,
          l.owner IS NULL OR l.expires_at <= now() AS released
        FROM leases l JOIN streamers s ON s.id = l.streamer_id
        WHERE l.offered_to IS NOT NULL AND (l.owner = ${replicaId} OR l.offered_to = ${replicaId}) AND NOT s.paused
        ORDER BY s.priority DESC, l.streamer_id`,
    );
    return {
      made: rows
        .filter(({ ours }) => ours)
        .map(({ id, epoch, offered_to: to, ready_room: readyRoom }) => ({
          streamerId: String(id),
          epoch: Number(epoch),
          to,
          ...(readyRoom === null ? {} : { readyRoom }),
        })),
      received: rows
        .filter(({ offered_to: to, ours }) => to === replicaId && !ours)
        .map(({ id, epoch, room_id: roomId, released }) => ({
          streamerId: String(id),
          epoch: Number(epoch),
          roomId: roomId ?? NO_ROOM,
          released,
        })),
    };
  }

  async answer(request: Parameters<LeaseStore['answer']>[0]): Promise<void> {
    if (request.answers.length === 0) return;
    const given = JSON.stringify(
      request.answers.map(({ streamerId: id, epoch, readyRoom }) => ({ id, epoch, room: readyRoom ?? null })),
    );
    await this.#database.run(
      (client) => client.$queryRaw`
        WITH ${lockedInOrder(request.answers, Prisma.sql`offered_to = ${request.replicaId}`)}, answered AS (
          UPDATE leases l SET
            offered_to = CASE WHEN g.room IS NULL THEN NULL ELSE l.offered_to END,
            ready_room = g.room,
            updated_at = now()
          FROM jsonb_to_recordset(${given}::jsonb) AS g(id bigint, epoch bigint, room text)
            JOIN locked ON locked.streamer_id = g.id
          WHERE l.streamer_id = g.id AND l.epoch = g.epoch AND l.offered_to = ${request.replicaId}
          RETURNING COALESCE(l.owner, '') AS whom
        )
        SELECT pg_notify(${LEASE_CHANNEL}, whom)::text AS told FROM (SELECT DISTINCT whom FROM answered) AS each`,
    );
  }
}

/** Rows are locked in the order of their ids before they are changed, so that two replicas never wait for each other in a circle. */
function lockedInOrder(leases: readonly { readonly streamerId: string }[], whose: Prisma.Sql): Prisma.Sql {
  const ids = leases.map(({ streamerId }) => BigInt(streamerId));
  return Prisma.sql`locked AS MATERIALIZED (
    SELECT streamer_id FROM leases WHERE streamer_id = ANY(${ids}::bigint[]) AND ${whose}
    ORDER BY streamer_id FOR NO KEY UPDATE
  )`;
}

function toJson(renewals: readonly LeaseRenewal[]): string {
  return safeJson(
    renewals.map((renewal) => ({
      id: renewal.streamerId,
      epoch: renewal.epoch,
      keep: renewal.checkpoint === undefined,
      checkpoint: renewal.checkpoint ?? null,
    })),
  );
}
