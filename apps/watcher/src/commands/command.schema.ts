import { z } from 'zod';
import { newStreamerSchema, streamerSettingsSchema, uniqueIdSchema } from '../admin/schemas.js';

const id = z
  .string()
  .min(1)
  .max(200)
  .describe(
    'Chosen by the sender, different for each command (a UUID). A repeat gets the first reply again and does nothing.',
  );

const ofOne = { id, uniqueId: uniqueIdSchema };

/** What each command takes; the streamer's fields are those of REST. */
export const COMMAND_SCHEMAS = {
  add: newStreamerSchema.extend({ id, command: z.literal('add') }),
  pause: z.strictObject({ ...ofOne, command: z.literal('pause') }),
  resume: z.strictObject({ ...ofOne, command: z.literal('resume') }),
  /** What is secret does not go through a topic: REST alone takes it. */
  update: streamerSettingsSchema
    .omit({ paused: true, proxyUrl: true })
    .extend({ ...ofOne, command: z.literal('update') }),
  remove: z.strictObject({ ...ofOne, command: z.literal('remove'), purge: z.boolean().optional() }),
} as const;

export type CommandName = keyof typeof COMMAND_SCHEMAS;
export const COMMAND_NAMES = Object.keys(COMMAND_SCHEMAS) as CommandName[];
export type Command = z.output<(typeof COMMAND_SCHEMAS)[CommandName]>;
