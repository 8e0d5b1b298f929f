import { z } from 'zod';
import { ROOM_STATES } from '../rooms/room-state.js';
import { SETTING_NAMES } from '../streamers/streamer-settings.js';
import { clearableShape, effectiveSchema, labelSchema as label, proxyAddress } from './setting-schemas.js';

/** The bodies, parameters and answers of REST. The same schemas check requests, commands and make the OpenAPI document. */

export const STREAMER_STATES = ['pending', 'offline', 'live', 'paused', 'restricted', 'notFound', 'unknown'] as const;
/** Most streamers in one request. */
export const MAX_BULK_STREAMERS = 1_000;
export const MAX_PAGE_LIMIT = 200;
const DEFAULT_PAGE_LIMIT = 50;
const MAX_LABELS = 20;

/** Schemas that the OpenAPI document names. */
export const components = z.registry<{ id: string; description?: string }>();

export function component<T extends z.ZodType>(id: string, schema: T, description?: string): T {
  components.add(schema, { id, ...(description === undefined ? {} : { description }) });
  return schema;
}

export const uniqueIdSchema = z
  .string()
  .min(1)
  .max(200)
  .describe('TikTok name in any case, with or without @, a link to the profile, or id:<TikTok user id>.');

const proxyUrl = proxyAddress
  .nullable()
  .describe(
    'Proxy for this streamer, http://, https:// or socks5://, with user and password if need be: then it is stored encrypted, which needs LIVETAP_SECRETS_KEYS. Write-only; null clears it.',
  );

const settingsShape = {
  paused: z.boolean().describe('A paused streamer is neither checked nor connected.').optional(),
  labels: z.array(label).max(MAX_LABELS).describe('Free words to filter by.').optional(),
  ...clearableShape,
  proxyUrl: proxyUrl.optional(),
};

export const streamerSettingsSchema = component('StreamerChanges', z.strictObject(settingsShape));
export const newStreamerSchema = component(
  'NewStreamer',
  z.strictObject({ uniqueId: uniqueIdSchema, ...settingsShape }),
);

/** What a cookie may hold (RFC 6265). */
const cookieValue = z
  .string()
  .max(1_000)
  .regex(/^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/, 'must be the value of a cookie, without its name');

export const sessionCredentialsSchema = component(
  'SessionCredentials',
  z.strictObject({
    sessionId: cookieValue.describe('The cookie `sessionid` of a TikTok account.'),
    ttTargetIdc: cookieValue.describe('Its cookie `tt-target-idc`: the data centre of the account, as in `useast1a`.'),
  }),
  'Write-only.',
);

/** Entries are checked one by one, so that a wrong one does not stop the others. */
export const bulkSchema = component(
  'NewStreamers',
  z.strictObject({
    streamers: z.array(z.unknown()).min(1).max(MAX_BULK_STREAMERS).describe('Each entry as NewStreamer.'),
  }),
);

export const timestamp = z.iso.datetime().describe('RFC 3339, UTC.');
/** A time as requests give it, RFC 3339. */
export const givenTime = z.iso.datetime({ offset: true });

const roomSchema = component(
  'StreamerRoom',
  z.object({
    state: z.enum(ROOM_STATES),
    reason: z.string(),
    since: timestamp,
    roomId: z.string().optional(),
    sessionId: z.string().optional(),
    source: z.string().describe('Which way led to the socket.').optional(),
    waitingFor: z.enum(['quota']).describe('A signature has to be waited for.').optional(),
    lastFrameAt: timestamp.optional(),
    frames: z.int(),
    events: z.int(),
    epoch: z.int(),
  }),
  'What this replica does for the streamer right now; absent when another replica or nobody watches it.',
);

export const streamerSchema = component(
  'Streamer',
  z.object({
    uniqueId: z.string(),
    tiktokUserId: z.string().optional(),
    aliases: z.array(z.string()).describe('Earlier names; they still find the streamer.'),
    nickname: z.string().optional(),
    avatarUrl: z.string().optional(),
    state: z.enum(STREAMER_STATES),
    stateReason: z.string().optional(),
    paused: z.boolean(),
    labels: z.array(z.string()),
    priority: z.int().describe('What counts: as in settings.'),
    settings: component(
      'EffectiveSettings',
      z
        .partialRecord(z.enum(SETTING_NAMES), effectiveSchema)
        .describe('What counts, and where each comes from; absent: nobody set it.'),
    ),
    hasProxy: z.boolean().describe('It is reached through a proxy, its own or one of a pool.'),
    hasSession: z.boolean().describe('Its sockets have a login.'),
    sessionSetAt: timestamp.describe('When the login was set.').optional(),
    roomId: z.string().optional(),
    lastCheckedAt: timestamp.optional(),
    nextCheckAt: timestamp.optional(),
    lastLiveAt: timestamp.optional(),
    createdAt: timestamp,
    updatedAt: timestamp,
    room: roomSchema.optional(),
  }),
);
export type StreamerDto = z.output<typeof streamerSchema>;

export const faultSchema = component(
  'RequestFault',
  z.object({
    pointer: z.string().describe('JSON pointer into the body, or ?name for a parameter.'),
    detail: z.string(),
  }),
);

export const bulkAnswerSchema = component(
  'NewStreamersAnswer',
  z.object({
    results: z
      .array(
        z.object({
          uniqueId: z.string().describe('As stored, or as given when it is invalid.'),
          status: z.enum(['created', 'exists', 'invalid']),
          streamer: streamerSchema.optional(),
          errors: z.array(faultSchema).describe('Why it is invalid.').optional(),
        }),
      )
      .describe('One for each entry, in the order of the request.'),
  }),
);
export type BulkAnswerDto = z.output<typeof bulkAnswerSchema>;

export const cursor = z.string().min(1).max(2_000).describe('nextCursor of the page before. Opaque.').optional();
const limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(MAX_PAGE_LIMIT)
  .default(DEFAULT_PAGE_LIMIT)
  .describe('Entries in a page.');
export const nextCursor = z.string().describe('Cursor of the next page, absent on the last one.').optional();

export const pageQuerySchema = z.strictObject({ limit, cursor });
export type PageQuery = z.output<typeof pageQuerySchema>;

export const streamerQuerySchema = z.strictObject({
  limit,
  cursor,
  state: z.enum(STREAMER_STATES).describe('Only streamers in this state.').optional(),
  label: label.describe('Only streamers with this label.').optional(),
  paused: z.enum(['true', 'false']).describe('Only paused ones, or only others.').optional(),
});

export const removeQuerySchema = z.strictObject({
  purge: z.enum(['true', 'false']).default('false').describe('true erases the history as well; needs the role admin.'),
});

export const streamerPageSchema = component(
  'StreamerPage',
  z.object({ streamers: z.array(streamerSchema), nextCursor }),
);

export const count = z.int().min(0);
const totals = {
  likes: count,
  chats: count,
  joins: count,
  follows: count,
  shares: count,
  gifts: count,
  diamonds: count,
  events: count.describe('Wire events of all types.'),
};

export const sessionSchema = component(
  'Session',
  z.object({
    id: z.string(),
    roomId: z.string(),
    uniqueId: z.string(),
    tiktokUserId: z.string().optional(),
    title: z.string().optional(),
    startedAt: timestamp.optional(),
    joinedAt: timestamp,
    endedAt: timestamp.optional(),
    endReason: z.string().optional(),
    peakViewers: count,
    averageViewers: z.number().min(0).describe('Mean of the viewer counts stated.').optional(),
    totalViewers: count.describe('Everyone who came since the start, as TikTok counts.').optional(),
    uniqueViewers: count.describe('Different people who joined, wrote, liked, followed, shared or gave.'),
    uniqueChatters: count.describe('Different people who wrote.'),
    uniqueGifters: count.describe('Different people who gave.'),
    newFollowers: count.describe('Different people who followed the streamer during the session.'),
    followersFirst: count.describe('Followers of the streamer as first stated, after the first follow.').optional(),
    followersLast: count.describe('Followers of the streamer as last stated.').optional(),
    ...totals,
    gaps: count.describe('Intervals without a healthy socket.'),
    gapMs: count.describe('Their sum, milliseconds.'),
    updatedAt: timestamp,
  }),
);
export type SessionDto = z.output<typeof sessionSchema>;
export const sessionPageSchema = component('SessionPage', z.object({ sessions: z.array(sessionSchema), nextCursor }));

export const snapshotSchema = component(
  'Snapshot',
  z.object({
    sessionId: z.string(),
    at: timestamp,
    viewers: count.optional(),
    followers: count.describe('Last follower count of the streamer stated in the interval.').optional(),
    ...totals,
    final: z.boolean().describe('True for the one taken when the session ended.'),
  }),
);
export const snapshotPageSchema = component(
  'SnapshotPage',
  z.object({ snapshots: z.array(snapshotSchema), nextCursor }),
);

export const problemSchema = component(
  'Problem',
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().optional(),
    code: z.string(),
    errors: z.array(faultSchema).optional(),
  }),
  'RFC 9457, application/problem+json.',
);

export const eventsQuerySchema = z.strictObject({
  streamer: z.string().min(1).max(2_000).describe('Only events of this streamer.').optional(),
  type: z
    .string()
    .min(1)
    .max(2_000)
    .describe('Only events of these types, separated by commas: chat, or livetap.chat.v1.')
    .optional(),
  lastEventId: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,8000}$/, 'must be an id as the stream gives it')
    .describe('As the header Last-Event-ID, which wins.')
    .optional(),
});
