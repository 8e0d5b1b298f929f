import { z } from 'zod';
import { SOCKET_SOURCES, type SocketSource } from '../rooms/sources/socket-source.js';
import { SETTING_NAMES } from '../streamers/streamer-settings.js';

/** The settings that streamers and labels have in common. */

const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const MAX_LABEL_LENGTH = 64;

export const labelSchema = z.string().trim().min(1).max(MAX_LABEL_LENGTH);

export const POOL_NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/;

export const proxyAddress = z
  .string()
  .max(2_000)
  .refine(
    (value) => URL.canParse(value) && /^(https?|socks5h?):\/\/[^/]/i.test(value),
    'must be an address that starts with http://, https:// or socks5://',
  );

/** Without defaults and without null: what each value must be. */
export const settingShape = {
  priority: z.int().min(0).max(100).describe('0 (least) to 100 (most), 50 by default.'),
  proxyPool: z
    .string()
    .regex(POOL_NAME, 'must be the name of a proxy pool')
    .describe('Proxy pool through which the streamer is reached. Set with POST /v1/proxy-pools.'),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Z][a-z]{3})?$/, 'must be a language as in "de" or "zh-Hant"')
    .describe('Language that TikTok is asked in, as in `de` or `zh-Hant`.'),
  region: z
    .string()
    .regex(/^[A-Z]{2}$/, 'must be a country of two capital letters, as in "DE"')
    .describe('Country that requests claim to come from, as in `DE`. It does not change the address: a proxy does.'),
  checkIntervalMs: z
    .int()
    .min(SECOND_MS)
    .max(DAY_MS)
    .describe('Shortest interval of live checks, ms: at the hours at which the streamer usually goes live.'),
  checkIntervalMaxMs: z
    .int()
    .min(SECOND_MS)
    .max(WEEK_MS)
    .describe('Longest interval of live checks, ms; one shorter than `checkIntervalMs` counts as that.'),
  silenceMs: z
    .int()
    .min(SECOND_MS)
    .max(DAY_MS)
    .describe('A socket without a frame for so long gets a second one beside it, ms.'),
  socketSources: z
    .array(z.enum(SOCKET_SOURCES))
    .min(1)
    .max(SOCKET_SOURCES.length)
    .refine((sources) => new Set(sources).size === sources.length, 'must name each way once')
    .describe(
      'Ways to a socket address, in this order: `direct` (unsigned), `euler` (signed by the sign server), `fixed` (LIVETAP_FIXED_SOCKET_URL).',
    ) as z.ZodType<readonly SocketSource[]>,
};

type Shape = typeof settingShape;
type Clearable = { [K in keyof Shape]: z.ZodOptional<z.ZodNullable<Shape[K]>> };

/** For changes: null takes a setting back, so that labels and then the service decide. */
export const clearableShape = Object.fromEntries(
  SETTING_NAMES.map((name) => [
    name,
    settingShape[name]
      .nullable()
      .describe(`${settingShape[name].description} null: as labels and service say.`)
      .optional(),
  ]),
) as Clearable;

/** What counts, and where it comes from. */
export const effectiveSchema = z.object({
  value: z.union([z.string(), z.int(), z.array(z.string()) as z.ZodType<readonly string[]>]),
  from: z.enum(['streamer', 'label', 'service']),
  label: z.string().describe('The label that it comes from.').optional(),
});
