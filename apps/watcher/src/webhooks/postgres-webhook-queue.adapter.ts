import { Prisma, type Database } from '../persistence/database.js';
import type { ClaimedDelivery, DisabledReason } from './webhook.js';
import { toWebhook } from './webhook-rows.js';
import type { AttemptReport, ClaimRequest, WebhookQueue } from './webhook-store.port.js';

interface ClaimedRow {
  readonly id: bigint;
  readonly webhook_id: string;
  readonly event_key: string;
  readonly source: string;
  readonly event_id: string;
  readonly body: Uint8Array;
  readonly attempts: number;
  readonly expires_at: Date;
}

/** Rows that one prune changes or deletes by time. */
const PRUNE_ROWS = 5_000;
/** A success is written to the webhook's row at most so often, unless it ends a failure: rows are not rewritten for each event. */
const SUCCESS_RESOLUTION = '10 seconds';

/** The queue of deliveries in Postgres, shared by all replicas; its clock is the database's. All failures are DatabaseErrors. */
export class PostgresWebhookQueue implements WebhookQueue {
  constructor(private readonly database: Database) {}

  async claim({ limit, perWebhook, claimMs, except }: ClaimRequest): Promise<readonly ClaimedDelivery[]> {
    return this.database.transaction(async (tx) => {
      // Each webhook by itself, so that one with a long backlog does not hide the others.
      const rows = await tx.$queryRaw<ClaimedRow[]>`
        WITH due AS (
          SELECT d.id FROM webhooks w CROSS JOIN LATERAL (
            SELECT q.id, q.due_at FROM webhook_deliveries q
            WHERE q.webhook_id = w.id AND q.status = 'pending' AND q.due_at <= now() AND q.expires_at > now()
              AND (q.claimed_until IS NULL OR q.claimed_until < now())
              AND NOT EXISTS (
                SELECT 1 FROM webhook_deliveries e WHERE e.webhook_id = q.webhook_id AND e.event_key = q.event_key
                  AND e.claimed_until > now() AND e.id < q.id)
            ORDER BY q.due_at, q.id LIMIT ${perWebhook} FOR UPDATE SKIP LOCKED
          ) d
          WHERE w.enabled AND (w.hold_until IS NULL OR w.hold_until <= now()) AND w.id <> ALL(${[...except]}::text[])
          ORDER BY d.due_at, d.id LIMIT ${limit}
        )
        UPDATE webhook_deliveries t SET claimed_until = now() + ${claimMs} * interval '1 millisecond'
        FROM due WHERE t.id = due.id
        RETURNING t.id, t.webhook_id, t.event_key, t.source, t.event_id, t.body, t.attempts, t.expires_at`;
      if (rows.length === 0) return [];
      const found = await tx.webhookRecord.findMany({ where: { id: { in: rows.map((row) => row.webhook_id) } } });
      const now = new Date();
      const webhooks = new Map(found.map((row) => [row.id, toWebhook(row, now)]));
      return [...rows]
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .flatMap((row): ClaimedDelivery[] => {
          const webhook = webhooks.get(row.webhook_id);
          if (webhook === undefined) return [];
          return [
            {
              id: String(row.id),
              key: row.event_key,
              source: row.source,
              eventId: row.event_id,
              body: Buffer.from(row.body),
              attempts: row.attempts,
              expiresAt: row.expires_at,
              webhook,
            },
          ];
        });
    });
  }

  async report({ deliveryId, webhookId, outcome, status, durationMs, verdict }: AttemptReport): Promise<void> {
    const state = { delivered: 'delivered', retry: 'pending', dead: 'dead' }[verdict.kind];
    const inMs = verdict.kind === 'retry' ? verdict.inMs : 0;
    await this.database.transaction(async (tx) => {
      await tx.$executeRaw`
        UPDATE webhook_deliveries SET status = ${state}, attempts = attempts + 1, claimed_until = NULL,
          due_at = now() + ${inMs} * interval '1 millisecond', last_attempt_at = now(), last_outcome = ${outcome},
          last_status = ${status ?? null}::int, last_duration_ms = ${Math.round(durationMs)}::int,
          dead_reason = ${verdict.kind === 'dead' ? verdict.reason : null},
          finished_at = CASE WHEN ${verdict.kind === 'retry'} THEN NULL ELSE now() END
        WHERE id = ${BigInt(deliveryId)} AND status = 'pending'`;
      if (verdict.kind === 'delivered') {
        await tx.$executeRaw`
          UPDATE webhooks SET failing_since = NULL, consecutive_failures = 0, hold_until = NULL, last_success_at = now()
          WHERE id = ${webhookId} AND (consecutive_failures > 0 OR hold_until IS NOT NULL OR last_success_at IS NULL
            OR last_success_at < now() - ${SUCCESS_RESOLUTION}::interval)`;
        return;
      }
      const { holdMs, disable = null } = verdict;
      await tx.$executeRaw`
        UPDATE webhooks SET failing_since = COALESCE(failing_since, now()),
          consecutive_failures = consecutive_failures + 1,
          hold_until = CASE WHEN ${holdMs}::int = 0 THEN hold_until
            ELSE GREATEST(hold_until, now() + ${holdMs}::int * interval '1 millisecond') END
        WHERE id = ${webhookId}`;
      if (disable !== null) await tx.$executeRaw(disableStatement(webhookId, disable));
    });
  }

  async release(deliveryIds: readonly string[]): Promise<void> {
    if (deliveryIds.length === 0) return;
    await this.database.run(
      (client) => client.$executeRaw`
        UPDATE webhook_deliveries SET claimed_until = NULL
        WHERE id = ANY(${deliveryIds.map(BigInt)}::bigint[]) AND status = 'pending'`,
    );
  }

  async disable(webhookId: string, reason: DisabledReason): Promise<void> {
    await this.database.run((client) => client.$executeRaw(disableStatement(webhookId, reason)));
  }

  async pending(): Promise<number> {
    const [row] = await this.database.run(
      (client) =>
        client.$queryRaw<
          { waiting: bigint }[]
        >`SELECT count(*) AS waiting FROM webhook_deliveries WHERE status = 'pending'`,
    );
    return Number(row?.waiting ?? 0);
  }

  async prune(limits: {
    readonly keepMs: number;
    readonly keepEach: number;
    readonly keepPositionsMs: number;
  }): Promise<{ expired: number; deleted: number }> {
    const { keepMs, keepEach, keepPositionsMs } = limits;
    const expired = await this.database.run(
      (client) => client.$executeRaw`
        UPDATE webhook_deliveries SET status = 'dead', dead_reason = 'expired', finished_at = now(), claimed_until = NULL
        WHERE id IN (
          SELECT id FROM webhook_deliveries WHERE status = 'pending' AND expires_at <= now()
            AND (claimed_until IS NULL OR claimed_until < now())
          LIMIT ${PRUNE_ROWS} FOR UPDATE SKIP LOCKED)`,
    );
    const old = await this.database.run(
      (client) => client.$executeRaw`
        DELETE FROM webhook_deliveries WHERE id IN (
          SELECT id FROM webhook_deliveries WHERE finished_at < now() - ${keepMs} * interval '1 millisecond'
          LIMIT ${PRUNE_ROWS} FOR UPDATE SKIP LOCKED)`,
    );
    // Dead letters and delivered ones each have their own number, so that a busy webhook does not push its dead letters out.
    const many = await this.database.run(
      (client) => client.$executeRaw`
        DELETE FROM webhook_deliveries d USING (
          SELECT w.id AS webhook_id, s.status, (
            SELECT e.id FROM webhook_deliveries e WHERE e.webhook_id = w.id AND e.status = s.status
            ORDER BY e.id DESC OFFSET ${keepEach} LIMIT 1) AS newest
          FROM webhooks w CROSS JOIN (VALUES ('delivered'), ('dead')) AS s(status)
        ) cut
        WHERE d.webhook_id = cut.webhook_id AND d.status = cut.status AND d.id <= cut.newest`,
    );
    await this.database.run(
      (client) => client.$executeRaw`
        DELETE FROM webhook_positions WHERE updated_at < now() - ${keepPositionsMs} * interval '1 millisecond'`,
    );
    return { expired, deleted: old + many };
  }
}

/** A webhook that is off already keeps its reason. */
function disableStatement(webhookId: string, reason: DisabledReason): Prisma.Sql {
  return Prisma.sql`
    UPDATE webhooks SET enabled = false, disabled_reason = ${reason}, disabled_at = now(), updated_at = now()
    WHERE id = ${webhookId} AND enabled`;
}
