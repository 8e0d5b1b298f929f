import { z } from 'zod';
import { personSchema } from './gift-history-schemas.js';
import { component, count, cursor, nextCursor, timestamp } from './schemas.js';

/** The parameters and answers of the route about battles. */

/** A battle is long: its points over time and its supporters are in it. */
const MAX_BATTLES = 50;
const DEFAULT_BATTLES = 20;

export const battleQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(MAX_BATTLES).default(DEFAULT_BATTLES).describe('Entries in a page.'),
  cursor,
});

const sideSchema = component(
  'BattleSide',
  z.object({
    kind: z.enum(['host', 'team']),
    id: z.string().describe('User id of the host, or TikTok’s id of the team.'),
    uniqueId: z.string().optional(),
    nickname: z.string().optional(),
    teamId: z.string().describe('Of a host in a battle of teams.').optional(),
    score: count.describe('Points in the result, else the highest stated.'),
    result: z.string().describe('TikTok’s result: RESULT_WIN, RESULT_LOSE or RESULT_DRAW.').optional(),
    won: z.boolean().describe('By the result, else alone the most points; absent until the battle is over.').optional(),
    scores: z
      .array(z.object({ at: timestamp, score: count }))
      .describe('The highest points stated in each interval of 5 seconds in which some were, oldest first.'),
    contributors: z
      .array(z.object({ viewer: personSchema, score: count }))
      .describe('Supporters that TikTok named, most points first; at most 20.'),
  }),
);

export const battlePageSchema = component(
  'BattlePage',
  z.object({
    battles: z.array(
      component(
        'Battle',
        z.object({
          id: z.string().describe('TikTok’s id, the same in all rooms that take part.'),
          type: z.string().describe('Kind of battle, TikTok’s name.').optional(),
          startedAt: timestamp.optional(),
          endsAt: timestamp.optional(),
          durationSeconds: count.optional(),
          firstSeenAt: timestamp.describe('Receipt of its first event.'),
          endedAt: timestamp.describe('Receipt of the first event that says that it is over.').optional(),
          cutShort: z.boolean(),
          sides: z.array(sideSchema).describe('Hosts, then teams; most points first.'),
        }),
      ),
    ),
    nextCursor,
  }),
);
