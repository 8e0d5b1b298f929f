import type { Database } from '../persistence/database.js';
import { safeJson } from '../persistence/safe-text.js';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import type { Lease, LeaseRenewal, LeaseStore } from './lease-store.port.js';

/**
 * Leases in Postgres: each call is one statement, and every time is the database's. A lease lasts `ttlMs` from the
 * start of the statement, so an owner that counts from before its call never believes in it too long.
 */
export class PostgresLeaseStore implements LeaseStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async acquire(request: {
    replicaId: string;
    ttlMs: number;
    limit: number;
    reclaim: boolean;
  }): Promise<readonly Lease[]> {
    if (request.limit <= 0) return [];
    // SKIP LOCKED: two replicas that ask at once share out the free ones and never wait for each other.
    const rows = await this.#database.run(
      (client) => client.$queryRaw<{ streamer_id: bigint; epoch: bigint; checkpoint: PipelineCheckpoint | null }[]>`
        WITH free AS MATERIALIZED (
          SELECT l.streamer_id
          FROM leases l JOIN streamers s ON s.id = l.streamer_id
          WHERE NOT s.paused
            AND (l.owner IS NULL OR l.expires_at <= now() OR (${request.reclaim} AND l.owner = ${request.replicaId}))
          ORDER BY s.priority DESC, l.streamer_id
          LIMIT ${request.limit}
          FOR UPDATE OF l SKIP LOCKED
        )
        UPDATE leases l SET
          owner = ${request.replicaId},
          epoch = l.epoch + 1,
          expires_at = now() + ${request.ttlMs}::double precision * interval '1 millisecond',
          updated_at = now()
        FROM free WHERE l.streamer_id = free.streamer_id
        RETURNING l.streamer_id, l.epoch, l.checkpoint`,
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
        ), renewed AS (
          UPDATE leases l SET
            expires_at = now() + ${request.ttlMs}::double precision * interval '1 millisecond',
            checkpoint = CASE WHEN g.keep THEN l.checkpoint ELSE NULLIF(g.checkpoint, 'null'::jsonb) END,
            updated_at = now()
          FROM given g
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
      (client) => client.$executeRaw`
        UPDATE leases l SET
          owner = NULL,
          expires_at = now(),
          checkpoint = CASE WHEN g.keep THEN l.checkpoint ELSE NULLIF(g.checkpoint, 'null'::jsonb) END,
          updated_at = now()
        FROM jsonb_to_recordset(${toJson(request.renewals)}::jsonb)
          AS g(id bigint, epoch bigint, keep boolean, checkpoint jsonb)
        WHERE l.streamer_id = g.id AND l.epoch = g.epoch AND l.owner = ${request.replicaId}`,
    );
  }
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
