import type { Prisma } from '../persistence/database.js';
import type { AttemptOutcome, DeadReason, Delivery, DeliveryStatus, DisabledReason, Webhook } from './webhook.js';

/** A row of `webhooks` as the client gives it. */
export type WebhookRow = Prisma.WebhookRecordGetPayload<object>;
/** The columns of a delivery that are shown: all but the body. */
export const DELIVERY_COLUMNS = { body: true } as const satisfies Prisma.WebhookDeliveryRecordOmit;
export type DeliveryRow = Prisma.WebhookDeliveryRecordGetPayload<{ omit: typeof DELIVERY_COLUMNS }>;

/** `now` decides whether the previous secret is still valid. */
export function toWebhook(row: WebhookRow, now: Date): Webhook {
  const { previousSecret, previousSecretUntil } = row;
  return {
    id: row.id,
    sealedUrl: row.sealedUrl,
    origin: row.origin,
    description: row.description,
    types: row.types,
    streamers: row.streamers,
    labels: row.labels,
    sealedSecret: row.sealedSecret,
    ...(previousSecret !== null && previousSecretUntil !== null && previousSecretUntil > now
      ? { previous: { sealedSecret: previousSecret, validUntil: previousSecretUntil } }
      : {}),
    enabled: row.enabled,
    ...(row.disabledReason === null ? {} : { disabledReason: row.disabledReason as DisabledReason }),
    ...(row.disabledAt === null ? {} : { disabledAt: row.disabledAt }),
    ...(row.failingSince === null ? {} : { failingSince: row.failingSince }),
    consecutiveFailures: row.consecutiveFailures,
    ...(row.lastSuccessAt === null ? {} : { lastSuccessAt: row.lastSuccessAt }),
    droppedEvents: Number(row.droppedEvents),
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}

export function toDelivery(row: DeliveryRow): Delivery {
  return {
    id: String(row.id),
    webhookId: row.webhookId,
    source: row.source,
    eventId: row.eventId,
    eventType: row.eventType,
    subject: row.subject,
    status: row.status as DeliveryStatus,
    attempts: row.attempts,
    dueAt: row.dueAt,
    expiresAt: row.expiresAt,
    ...(row.lastAttemptAt === null ? {} : { lastAttemptAt: row.lastAttemptAt }),
    ...(row.lastOutcome === null ? {} : { lastOutcome: row.lastOutcome as AttemptOutcome }),
    ...(row.lastStatus === null ? {} : { lastStatus: row.lastStatus }),
    ...(row.lastDurationMs === null ? {} : { lastDurationMs: row.lastDurationMs }),
    ...(row.deadReason === null ? {} : { deadReason: row.deadReason as DeadReason }),
    createdAt: row.createdAt,
    ...(row.finishedAt === null ? {} : { finishedAt: row.finishedAt }),
  };
}
