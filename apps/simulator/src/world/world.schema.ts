import { z } from 'zod';

const name = z
  .string()
  .regex(/^[A-Za-z0-9_.]{1,24}$/, 'letters, digits, _ and ., at most 24')
  .transform((text) => text.toLowerCase());

/** What a world is made of. The same values and the same clock give the same world, message by message. */
export const worldSchema = z.strictObject({
  seed: z.union([z.string(), z.number()]).default('livetap').transform(String),
  /** Number of streamers made up by the seed. */
  streamers: z.number().int().min(0).max(20_000).default(50),
  /** Share of them that are live at once; the others start within the first `horizonMs`. */
  liveAtStart: z.number().min(0).max(1).default(0.7),
  /** Messages a second over all rooms, as if all were live and watched. */
  rate: z.number().min(0).max(200_000).default(200),
  /** How unequal the rooms are: 0 all equal, 1 Zipf. */
  skew: z.number().min(0).max(3).default(1),
  /** True: the rooms say the same, at the same rate; a high rate in many rooms costs the simulator little. */
  sameStream: z.boolean().default(false),
  /** Length of a typical stream, ms: streams end, rest and start again on this scale. */
  horizonMs: z.number().int().min(1000).default(60_000),
  /** False: streams never end by themselves. */
  schedule: z.boolean().default(true),
  /** Divides all times of the schedule and multiplies the rate. */
  speed: z.number().positive().max(1000).default(1),
  /** After this time nothing new is made (as with /_sim/quiesce). */
  durationMs: z.number().int().positive().optional(),
  /** Size of the pool that viewers are drawn from. */
  viewers: z.number().int().min(10).max(100_000).default(3000),
  /** Beginning of the made-up names. */
  prefix: name.default('sim'),
  /** Share of the streamers whose rooms are for adults only (room info refuses without a session). */
  restrictedShare: z.number().min(0).max(1).default(0),
});

export type WorldOptions = z.output<typeof worldSchema>;
export type WorldOrder = z.input<typeof worldSchema>;

/** One streamer added by hand. */
export const streamerSchema = z.strictObject({
  uniqueId: name,
  nickname: z.string().max(60).optional(),
  title: z.string().max(120).optional(),
  /** Messages a second while live and watched. */
  rate: z.number().min(0).max(200_000).default(1),
  live: z.boolean().default(false),
  roomId: z
    .string()
    .regex(/^\d{1,19}$/)
    .optional(),
  restricted: z.boolean().default(false),
});

export type StreamerOrder = z.input<typeof streamerSchema>;
