import { z } from 'zod';
import { newStreamerSchema, streamerSettingsSchema, uniqueIdSchema } from '../admin/schemas.js';
import { proxyAddress } from '../admin/setting-schemas.js';
import { holdsCredentials } from '../streamers/streamer-vault.js';

const id = z
  .string()
  .min(1)
  .max(200)
  .describe(
    'Chosen by the sender, different for each command (a UUID). A repeat gets the first reply again and does nothing.',
  );

const ofOne = { id, uniqueId: uniqueIdSchema };

/** Whoever may read the topic reads what stands in it, for as long as it is kept: no passwords there. */
const proxyUrl = proxyAddress
  .refine(
    (value) => !holdsCredentials(value),
    'must not hold a user or a password: everybody who may read the topic would see them. Set it with PATCH /v1/streamers/{uniqueId}, or name a proxyPool',
  )
  .nullable()
  .optional();

/** What each command takes; the streamer's fields are those of REST. */
export const COMMAND_SCHEMAS = {
  add: newStreamerSchema.extend({ id, command: z.literal('add'), proxyUrl }),
  pause: z.strictObject({ ...ofOne, command: z.literal('pause') }),
  resume: z.strictObject({ ...ofOne, command: z.literal('resume') }),
  update: streamerSettingsSchema.omit({ paused: true }).extend({ ...ofOne, command: z.literal('update'), proxyUrl }),
  remove: z.strictObject({ ...ofOne, command: z.literal('remove'), purge: z.boolean().optional() }),
} as const;

export type CommandName = keyof typeof COMMAND_SCHEMAS;
export const COMMAND_NAMES = Object.keys(COMMAND_SCHEMAS) as CommandName[];
export type Command = z.output<(typeof COMMAND_SCHEMAS)[CommandName]>;
