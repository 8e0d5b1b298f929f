import { z } from 'zod';
import { AUDIT_CHANNELS } from '../audit/audit-entry.js';
import { component, givenTime, nextCursor, pageQuerySchema, timestamp } from './schemas.js';

/** The parameters and answers of /v1/audit. */

const word = z.string().min(1).max(500);

export const auditQuerySchema = pageQuerySchema.extend({
  actor: word.describe('Only changes made with the key of this name.').optional(),
  action: word.describe('Only such changes, as in streamer.added.').optional(),
  target: word.describe('Only changes of this, as in streamers/some.one.').optional(),
  from: givenTime.describe('From this time on, RFC 3339.').optional(),
  to: givenTime.describe('Before this time, RFC 3339.').optional(),
});

export const auditPageSchema = component(
  'AuditPage',
  z.object({
    entries: z.array(
      component(
        'AuditEntry',
        z.object({
          id: z.string(),
          at: timestamp,
          actor: z.string().describe('Name of the key; local: none was needed; commands: the topic of commands.'),
          channel: z.enum(AUDIT_CHANNELS).describe('Where it came in.'),
          action: z.string(),
          target: z
            .string()
            .describe('Address of the thing under /v1/. Absent: something that is not to be remembered.')
            .optional(),
          details: z
            .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
            .describe('Names of changed fields, counts, roles. Never a secret.'),
        }),
      ),
    ),
    nextCursor,
  }),
);
