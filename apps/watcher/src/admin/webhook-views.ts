import type { Delivery, Webhook } from '../webhooks/webhook.js';
import { messageId } from '../webhooks/webhook-signature.js';
import type { DeliveryDto, WebhookDto } from './webhook-schemas.js';

/** A webhook as REST shows it: no secret; the whole address only when it is given here. */
export function webhookView(webhook: Webhook, url: string | undefined): WebhookDto {
  const { disabledReason, disabledAt, failingSince, lastSuccessAt, previous } = webhook;
  return {
    id: webhook.id,
    ...(url === undefined ? {} : { url }),
    origin: webhook.origin,
    description: webhook.description,
    types: [...webhook.types],
    streamers: [...webhook.streamers],
    labels: [...webhook.labels],
    enabled: webhook.enabled,
    ...(disabledReason === undefined ? {} : { disabledReason }),
    ...iso('disabledAt', disabledAt),
    ...iso('failingSince', failingSince),
    consecutiveFailures: webhook.consecutiveFailures,
    ...iso('lastSuccessAt', lastSuccessAt),
    droppedEvents: webhook.droppedEvents,
    ...iso('previousSecretValidUntil', previous?.validUntil),
    createdAt: webhook.createdAt.toISOString(),
    updatedAt: webhook.updatedAt.toISOString(),
  };
}

export function deliveryView(delivery: Delivery): DeliveryDto {
  const { webhookId, dueAt, expiresAt, lastAttemptAt, createdAt, finishedAt, ...rest } = delivery;
  const pending = delivery.status === 'pending';
  return {
    ...rest,
    messageId: messageId(webhookId, delivery.source, delivery.eventId),
    ...iso('dueAt', pending ? dueAt : undefined),
    ...iso('expiresAt', pending ? expiresAt : undefined),
    ...iso('lastAttemptAt', lastAttemptAt),
    createdAt: createdAt.toISOString(),
    ...iso('finishedAt', finishedAt),
  };
}

function iso<K extends string>(name: K, date: Date | undefined): { [key in K]?: string } {
  return (date === undefined ? {} : { [name]: date.toISOString() }) as { [key in K]?: string };
}
