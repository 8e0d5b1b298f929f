import type { Database, DatabaseTransaction } from '../persistence/database.js';
import { safeJson } from '../persistence/safe-text.js';
import type { Webhook } from './webhook.js';
import { toWebhook } from './webhook-rows.js';
import type { EnqueueResult, JournalPosition, WantedEvent, WebhookIntake } from './webhook-store.port.js';

/** What is to be sent, and how far each journal was read for it, in Postgres. All failures are DatabaseErrors. */
export class PostgresWebhookIntake implements WebhookIntake {
  constructor(private readonly database: Database) {}

  async position(journalId: string): Promise<number | undefined> {
    const row = await this.database.run((client) => client.webhookPositionRecord.findUnique({ where: { journalId } }));
    return row === null ? undefined : Number(row.position);
  }

  async enabled(): Promise<readonly Webhook[]> {
    const rows = await this.database.run((client) =>
      client.webhookRecord.findMany({ where: { enabled: true }, orderBy: { number: 'asc' } }),
    );
    const now = new Date();
    return rows.map((row) => toWebhook(row, now));
  }

  async labelsOf(uniqueIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    const names = [...uniqueIds];
    const rows = await this.database.run(
      (client) => client.$queryRaw<{ name: string; labels: string[] }[]>`
        SELECT unique_id AS name, labels FROM streamers WHERE unique_id = ANY(${names}::text[])
        UNION ALL
        SELECT a.alias, s.labels FROM streamer_aliases a JOIN streamers s ON s.id = a.streamer_id
        WHERE a.alias = ANY(${names}::text[])`,
    );
    return new Map(rows.map(({ name, labels }) => [name, labels]));
  }

  async enqueue(
    wanted: readonly WantedEvent[],
    position: JournalPosition,
    limits: { readonly maxPending: number; readonly maxAgeMs: number },
  ): Promise<EnqueueResult> {
    return this.database.transaction(async (tx) => {
      const room = wanted.length === 0 ? new Map<string, number>() : await roomOf(tx, wanted, limits.maxPending);
      const taken: WantedEvent[] = [];
      const dropped = new Map<string, number>();
      for (const one of wanted) {
        const left = room.get(one.webhookId);
        if (left === undefined) continue;
        if (left > 0) taken.push(one);
        else dropped.set(one.webhookId, (dropped.get(one.webhookId) ?? 0) + 1);
        room.set(one.webhookId, left - 1);
      }
      const enqueued = taken.length === 0 ? 0 : await insert(tx, taken, limits.maxAgeMs);
      for (const [webhookId, count] of dropped) {
        await tx.$executeRaw`UPDATE webhooks SET dropped_events = dropped_events + ${count} WHERE id = ${webhookId}`;
      }
      await tx.$executeRaw`
        INSERT INTO webhook_positions (journal_id, position) VALUES (${position.journalId}, ${position.offset})
        ON CONFLICT (journal_id) DO UPDATE SET position = excluded.position, updated_at = now()`;
      return { enqueued, dropped: [...dropped.values()].reduce((sum, count) => sum + count, 0) };
    });
  }
}

/** How many more may wait for each webhook; those that are gone or off are absent. Holds off their removal until the end. */
async function roomOf(
  tx: DatabaseTransaction,
  wanted: readonly WantedEvent[],
  maxPending: number,
): Promise<Map<string, number>> {
  const ids = [...new Set(wanted.map(({ webhookId }) => webhookId))].sort();
  const rows = await tx.$queryRaw<{ id: string; waiting: bigint }[]>`
    SELECT w.id, (SELECT count(*) FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.status = 'pending') AS waiting
    FROM webhooks w WHERE w.id = ANY(${ids}::text[]) AND w.enabled
    ORDER BY w.id FOR KEY SHARE OF w`;
  return new Map(rows.map(({ id, waiting }) => [id, maxPending - Number(waiting)]));
}

async function insert(tx: DatabaseTransaction, taken: readonly WantedEvent[], maxAgeMs: number): Promise<number> {
  const input = taken.map(({ webhookId, event }, order) => ({
    nr: order,
    webhook_id: webhookId,
    source: event.source,
    event_id: event.id,
    event_type: event.type,
    event_key: event.key,
    subject: event.subject,
    body: event.value.toString('base64'),
  }));
  // Numbers are given in the order of the events: that is the order of sending.
  return tx.$executeRaw`
    INSERT INTO webhook_deliveries (webhook_id, source, event_id, event_type, event_key, subject, body, expires_at)
    SELECT webhook_id, source, event_id, event_type, event_key, subject, decode(body, 'base64'),
      now() + ${maxAgeMs} * interval '1 millisecond'
    FROM jsonb_to_recordset(${safeJson(input)}::jsonb) AS g(nr int, webhook_id text, source text, event_id text,
      event_type text, event_key text, subject text, body text)
    ORDER BY nr
    ON CONFLICT (webhook_id, source, event_id) DO NOTHING`;
}
