import { z } from 'zod';
import { personSchema } from './gift-history-schemas.js';
import { component, count, nextCursor, timestamp } from './schemas.js';

/** The answers of the routes about who was first in a period. */

const range = {
  from: timestamp.describe('The period that is meant: sessions joined from this time on …'),
  to: timestamp.describe('… and before this one.'),
};

export const streamerBoardSchema = component(
  'StreamerLeaderboard',
  z.object({
    ...range,
    streamers: z.array(
      component(
        'StreamerStanding',
        z.object({
          uniqueId: z.string().describe('In its newest session of the period.'),
          tiktokUserId: z.string().optional(),
          sessions: count,
          diamonds: count,
          gifts: count,
          likes: count,
          chats: count,
          shares: count,
          newFollowers: count.describe('Summed over sessions.'),
          peakViewers: count.describe('The highest of its sessions.'),
        }),
      ),
    ),
    nextCursor,
  }),
);

export const gifterBoardSchema = component(
  'GifterLeaderboard',
  z.object({
    ...range,
    gifters: z.array(
      component(
        'GifterStanding',
        z.object({
          viewer: personSchema,
          gifts: count.describe('Gift items.'),
          diamonds: count,
          sessions: count.describe('In how many sessions.'),
          firstAt: timestamp.describe('Receipt of the first gift.'),
          lastAt: timestamp.describe('Receipt of the last gift.'),
        }),
      ),
    ),
    nextCursor,
  }),
);
