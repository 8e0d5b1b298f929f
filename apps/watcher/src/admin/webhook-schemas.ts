import { z } from 'zod';
import { normalizeUniqueId } from '../streamers/unique-id.js';
import { ATTEMPT_OUTCOMES, DEFAULT_TYPES, DELIVERY_STATUSES, DISABLED_REASONS } from '../webhooks/webhook.js';
import { eventType } from '../webhooks/webhook-filter.js';
import { component, count, pageQuerySchema, timestamp } from './schemas.js';

/** The bodies, parameters and answers of /v1/webhooks. */

const MAX_URL_LENGTH = 2_000;
const MAX_TYPES = 100;
const MAX_STREAMERS = 1_000;
const MAX_LABELS = 20;
const HOUR_SECONDS = 3_600;
const MAX_OVERLAP_SECONDS = 7 * 24 * HOUR_SECONDS;

const typeName = z
  .string()
  .max(200)
  .refine(
    (name) => eventType(name) !== undefined,
    'must be an event of the contract (live.started, livetap.gift.v1), or *',
  );

const streamerName = z
  .string()
  .max(200)
  .refine((name) => isUniqueId(name), 'must be a TikTok name or id:<TikTok user id>');

function isUniqueId(name: string): boolean {
  try {
    normalizeUniqueId(name);
    return true;
  } catch {
    return false;
  }
}

const shape = {
  url: z
    .string()
    .min(1)
    .max(MAX_URL_LENGTH)
    .describe('Where events are sent, https://. It may hold tokens: it is stored encrypted and shown to admins only.'),
  types: z
    .array(typeName)
    .min(1)
    .max(MAX_TYPES)
    .describe(`Names or types of events; * for all but canaries. By default ${DEFAULT_TYPES.join(', ')}.`),
  streamers: z.array(streamerName).max(MAX_STREAMERS).describe('Only events of these streamers; empty: of all.'),
  labels: z
    .array(z.string().trim().min(1).max(64))
    .max(MAX_LABELS)
    .describe('Only events of streamers that have one of these labels; empty: of all.'),
  description: z.string().max(500).describe('For people.'),
  enabled: z.boolean().describe('Whether events are sent. Switching on again forgets failures.'),
};

export const newWebhookSchema = component(
  'NewWebhook',
  z.strictObject({
    url: shape.url,
    types: shape.types.optional(),
    streamers: shape.streamers.optional(),
    labels: shape.labels.optional(),
    description: shape.description.optional(),
    enabled: shape.enabled.optional(),
  }),
);

export const webhookChangesSchema = component('WebhookChanges', z.strictObject(shape).partial());

const webhookShape = {
  id: z.string(),
  url: z.string().describe('For admins only; absent when it cannot be decrypted.').optional(),
  origin: z.string().describe('Scheme, host and port of the address.'),
  description: z.string(),
  types: z.array(z.string()),
  streamers: z.array(z.string()),
  labels: z.array(z.string()),
  enabled: z.boolean(),
  disabledReason: z
    .enum(DISABLED_REASONS)
    .describe(
      'Why it is off: an operator, the destination answered 410, it failed for long, or it cannot be decrypted.',
    )
    .optional(),
  disabledAt: timestamp.optional(),
  failingSince: timestamp.describe('Since when nothing was taken.').optional(),
  consecutiveFailures: count,
  lastSuccessAt: timestamp.describe('Within 10 seconds.').optional(),
  droppedEvents: count.describe('Events that were not taken up because too many waited already.'),
  previousSecretValidUntil: timestamp.describe('Until then the secret before signs as well.').optional(),
  createdAt: timestamp,
  updatedAt: timestamp,
};
export const webhookSchema = component('Webhook', z.object(webhookShape));
export type WebhookDto = z.output<typeof webhookSchema>;

export const webhookWithSecretSchema = component(
  'WebhookWithSecret',
  z.object({ ...webhookShape, secret: z.string().describe('Signs the calls. Shown this once: keep it.') }),
);
export type WebhookWithSecretDto = z.output<typeof webhookWithSecretSchema>;

export const webhookPageSchema = component(
  'WebhookPage',
  z.object({
    webhooks: z.array(webhookSchema),
    nextCursor: z.string().describe('Cursor of the next page, absent on the last one.').optional(),
  }),
);

export const rotationSchema = component(
  'SecretRotation',
  z.strictObject({
    previousValidForSeconds: z
      .int()
      .min(0)
      .max(MAX_OVERLAP_SECONDS)
      .default(24 * HOUR_SECONDS)
      .describe('How long the present secret signs beside the new one.'),
  }),
);

export const webhookTestSchema = component(
  'WebhookTest',
  z.object({
    delivered: z.boolean(),
    outcome: z.enum(ATTEMPT_OUTCOMES),
    status: z.int().describe('HTTP status of the answer.').optional(),
    detail: z.string().describe('Code of a failure.').optional(),
    durationMs: count,
    messageId: z.string().describe('webhook-id of the call.'),
  }),
);

export const deliveryQuerySchema = pageQuerySchema.extend({
  status: z
    .enum(DELIVERY_STATUSES)
    .describe('Only those: pending, delivered, or dead (dead letters, given up).')
    .optional(),
});

export const deliverySchema = component(
  'WebhookDelivery',
  z.object({
    id: z.string(),
    messageId: z.string().describe('webhook-id of its calls: the same at every attempt.'),
    source: z.string(),
    eventId: z.string(),
    eventType: z.string(),
    subject: z.string(),
    status: z.enum(DELIVERY_STATUSES),
    attempts: count,
    dueAt: timestamp.describe('When it is tried next, while pending.').optional(),
    expiresAt: timestamp.describe('When it is given up, while pending.').optional(),
    lastAttemptAt: timestamp.optional(),
    lastOutcome: z.enum(ATTEMPT_OUTCOMES).optional(),
    lastStatus: z.int().describe('HTTP status of the last answer.').optional(),
    lastDurationMs: count.optional(),
    deadReason: z
      .enum([...ATTEMPT_OUTCOMES, 'expired'])
      .exclude(['delivered'])
      .optional(),
    createdAt: timestamp,
    finishedAt: timestamp.optional(),
  }),
);
export type DeliveryDto = z.output<typeof deliverySchema>;

export const deliveryPageSchema = component(
  'WebhookDeliveryPage',
  z.object({
    deliveries: z.array(deliverySchema),
    nextCursor: z.string().describe('Cursor of the next page, absent on the last one.').optional(),
  }),
);

export const redeliveredSchema = component(
  'WebhookRedelivery',
  z.object({ redelivered: count.describe('How many are sent again.') }),
);
