import { ADVISORY_LOCKS } from '../persistence/advisory-locks.js';
import { Prisma, type Database } from '../persistence/database.js';
import { boundedLimit, decodeCursor, encodeCursor } from '../persistence/page-cursor.js';
import { safeText } from '../persistence/safe-text.js';
import type { Delivery, DeliveryStatus, NewWebhook, Webhook, WebhookChanges } from './webhook.js';
import { DELIVERY_COLUMNS, toDelivery, toWebhook } from './webhook-rows.js';
import type { DeliveryLog, Page, PageRequest, WebhookStore } from './webhook-store.port.js';

const NUMBER = /^\d{1,18}$/;

/** The webhooks and their delivery log in Postgres. All failures are DatabaseErrors. */
export class PostgresWebhookStore implements WebhookStore, DeliveryLog {
  constructor(private readonly database: Database) {}

  async add(webhook: NewWebhook, most: number): Promise<Webhook | undefined> {
    const { enabled, description, types, streamers, labels, ...rest } = webhook;
    return this.database.transaction(async (tx) => {
      await tx.$executeRaw`SELECT pg_advisory_xact_lock(${ADVISORY_LOCKS.webhooks})`;
      if ((await tx.webhookRecord.count()) >= most) return undefined;
      const row = await tx.webhookRecord.create({
        data: {
          ...rest,
          description: safeText(description),
          types: [...types],
          streamers: streamers.map(safeText),
          labels: labels.map(safeText),
          enabled,
          ...(enabled ? {} : { disabledReason: 'operator', disabledAt: new Date() }),
        },
      });
      return toWebhook(row, new Date());
    });
  }

  async find(id: string): Promise<Webhook | undefined> {
    const row = await this.database.run((client) => client.webhookRecord.findUnique({ where: { id: safeText(id) } }));
    return row === null ? undefined : toWebhook(row, new Date());
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<Webhook>> {
    const size = boundedLimit(limit);
    const after = cursor === undefined ? undefined : decodeCursor('webhooks', cursor, [NUMBER])[0];
    const rows = await this.database.run((client) =>
      client.webhookRecord.findMany({
        where: after === undefined ? {} : { number: { gt: BigInt(after) } },
        orderBy: { number: 'asc' },
        take: size + 1,
      }),
    );
    const page = rows.slice(0, size);
    const last = page.at(-1);
    const now = new Date();
    return {
      items: page.map((row) => toWebhook(row, now)),
      ...(rows.length > size && last ? { nextCursor: encodeCursor('webhooks', [String(last.number)]) } : {}),
    };
  }

  async update(id: string, changes: WebhookChanges): Promise<Webhook | undefined> {
    const { enabled, types, streamers, labels, description, ...rest } = changes;
    const now = new Date();
    const data: Prisma.WebhookRecordUpdateManyMutationInput = {
      ...rest,
      ...(description === undefined ? {} : { description: safeText(description) }),
      ...(types === undefined ? {} : { types: [...types] }),
      ...(streamers === undefined ? {} : { streamers: streamers.map(safeText) }),
      ...(labels === undefined ? {} : { labels: labels.map(safeText) }),
      updatedAt: now,
    };
    return this.database.transaction(async (tx) => {
      const where = { id: safeText(id) };
      const [row] = await tx.webhookRecord.updateManyAndReturn({ where, data });
      if (row === undefined) return undefined;
      if (enabled === undefined || (enabled && row.enabled)) return toWebhook(row, now);
      if (!enabled) {
        if (row.disabledReason === 'operator') return toWebhook(row, now);
        const off = { enabled: false, disabledReason: 'operator', disabledAt: now };
        return toWebhook(await tx.webhookRecord.update({ where, data: off }), now);
      }
      await tx.$executeRaw`
        UPDATE webhook_deliveries SET due_at = now()
        WHERE webhook_id = ${where.id} AND status = 'pending' AND due_at > now()`;
      const on = {
        enabled: true,
        disabledReason: null,
        disabledAt: null,
        holdUntil: null,
        failingSince: null,
        consecutiveFailures: 0,
      };
      return toWebhook(await tx.webhookRecord.update({ where, data: on }), now);
    });
  }

  async rotate(id: string, sealedSecret: string, keepMs: number): Promise<Webhook | undefined> {
    const changed = await this.database.run(
      (client) => client.$executeRaw`
        UPDATE webhooks SET previous_secret = sealed_secret, sealed_secret = ${sealedSecret}, updated_at = now(),
          previous_secret_until = now() + ${keepMs} * interval '1 millisecond'
        WHERE id = ${safeText(id)}`,
    );
    return changed === 0 ? undefined : this.find(id);
  }

  async remove(id: string): Promise<boolean> {
    const { count } = await this.database.run((client) =>
      client.webhookRecord.deleteMany({ where: { id: safeText(id) } }),
    );
    return count > 0;
  }

  async listDeliveries(
    webhookId: string,
    { limit, cursor, status }: PageRequest & { readonly status?: DeliveryStatus | undefined },
  ): Promise<Page<Delivery>> {
    const size = boundedLimit(limit);
    const before = cursor === undefined ? undefined : decodeCursor('deliveries', cursor, [NUMBER])[0];
    const rows = await this.database.run((client) =>
      client.webhookDeliveryRecord.findMany({
        where: {
          webhookId: safeText(webhookId),
          ...(status === undefined ? {} : { status }),
          ...(before === undefined ? {} : { id: { lt: BigInt(before) } }),
        },
        orderBy: { id: 'desc' },
        take: size + 1,
        omit: DELIVERY_COLUMNS,
      }),
    );
    const page = rows.slice(0, size);
    const last = page.at(-1);
    return {
      items: page.map(toDelivery),
      ...(rows.length > size && last ? { nextCursor: encodeCursor('deliveries', [String(last.id)]) } : {}),
    };
  }

  async redeliver(webhookId: string, deliveryId: string, maxAgeMs: number): Promise<Delivery | undefined> {
    if (!NUMBER.test(deliveryId)) return undefined;
    const id = BigInt(deliveryId);
    const changed = await this.#sendAgain(Prisma.sql`webhook_id = ${safeText(webhookId)} AND id = ${id}`, maxAgeMs);
    if (changed === 0) return undefined;
    const row = await this.database.run((client) =>
      client.webhookDeliveryRecord.findUnique({ where: { id }, omit: DELIVERY_COLUMNS }),
    );
    return row === null ? undefined : toDelivery(row);
  }

  redeliverDead(webhookId: string, maxAgeMs: number): Promise<number> {
    return this.#sendAgain(Prisma.sql`webhook_id = ${safeText(webhookId)} AND status = 'dead'`, maxAgeMs);
  }

  /** A claim under way stays: its attempt counts, too. */
  #sendAgain(which: Prisma.Sql, maxAgeMs: number): Promise<number> {
    return this.database.run(
      (client) => client.$executeRaw`
        UPDATE webhook_deliveries SET status = 'pending', attempts = 0, due_at = now(), dead_reason = NULL,
          finished_at = NULL, expires_at = now() + ${maxAgeMs} * interval '1 millisecond'
        WHERE ${which}`,
    );
  }
}
