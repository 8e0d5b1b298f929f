import { z } from 'zod';
import { ROLES } from '../config/api-key.js';
import { component, count, givenTime, timestamp } from './schemas.js';

/** The bodies and answers of /v1/keys and /v1/access. */

const DAY_SECONDS = 86_400;
const MAX_OVERLAP_SECONDS = 7 * DAY_SECONDS;
const MAX_REQUESTS_PER_MINUTE = 1_000_000;

const name = z
  .string()
  .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
  .describe('For people and the audit log; unique.');
const role = z.enum(ROLES).describe('Each role includes those before it: read, operate, admin.');
const requestsPerMinute = z
  .int()
  .min(0)
  .max(MAX_REQUESTS_PER_MINUTE)
  .describe('Most requests a minute at each replica; 0: no limit. Left out: LIVETAP_API_REQUESTS_PER_MINUTE.');
const expiresAt = givenTime.describe('From then on the key is refused, RFC 3339.');

export const newKeySchema = component(
  'NewKey',
  z.strictObject({
    name,
    role,
    requestsPerMinute: requestsPerMinute.optional(),
    expiresAt: expiresAt.optional(),
  }),
);

export const keyChangesSchema = component(
  'KeyChanges',
  z.strictObject({
    name: name.optional(),
    role: role.optional(),
    requestsPerMinute: requestsPerMinute
      .nullable()
      .describe('Most requests a minute at each replica; 0: no limit; null: as the settings say.')
      .optional(),
    expiresAt: expiresAt.nullable().describe('From then on the key is refused, RFC 3339; null: never.').optional(),
  }),
  'Fields that are left out stay as they are.',
);

export const keyRotationSchema = component(
  'KeyRotation',
  z.strictObject({
    previousValidForSeconds: z
      .int()
      .min(0)
      .max(MAX_OVERLAP_SECONDS)
      .default(DAY_SECONDS)
      .describe('How long the present secret counts beside the new one.'),
  }),
);

const keyShape = {
  id: z.string(),
  name: z.string(),
  role: z.enum(ROLES),
  prefix: z.string().describe('How its secret begins.'),
  requestsPerMinute: count.describe('Of its own; 0: no limit.').optional(),
  expiresAt: timestamp.optional(),
  previousValidUntil: timestamp.describe('Until then the secret before counts as well.').optional(),
  createdBy: z.string().describe('Name of the key that made it.'),
  createdAt: timestamp,
  updatedAt: timestamp,
  lastUsedAt: timestamp.describe('To a minute; absent: not yet.').optional(),
};
export const keySchema = component('Key', z.object(keyShape));
export type KeyDto = z.output<typeof keySchema>;

export const keyWithSecretSchema = component(
  'KeyWithSecret',
  z.object({ ...keyShape, secret: z.string().describe('For `Authorization: Bearer`. Shown this once: keep it.') }),
);
export type KeyWithSecretDto = z.output<typeof keyWithSecretSchema>;

export const keyListSchema = component(
  'KeyList',
  z.object({
    keys: z.array(keySchema).describe('Of the database, by name.'),
    settingsKeys: z
      .array(z.object({ name: z.string(), role: z.enum(ROLES) }))
      .describe('Of LIVETAP_API_KEYS, in its order; they are changed there.'),
  }),
);

export const accessSchema = component(
  'Access',
  z.object({
    name: z.string().describe('Of the key of this request; local: none was shown and none is needed.'),
    role: z.enum(ROLES),
    source: z.enum(['local', 'settings', 'database']).describe('Where the key is kept.'),
    keyRequired: z.boolean().describe('Whether a request without a key is refused.'),
  }),
);
