import { z } from 'zod';
import { component, count, nextCursor, timestamp } from './schemas.js';

/** The answers of the routes about who gave what. */

export const personSchema = component(
  'Person',
  z.object({
    id: z.string().describe('TikTok user id.'),
    uniqueId: z.string().describe('The name after the @, as seen last.').optional(),
    nickname: z.string().describe('The name that is shown, as seen last.').optional(),
  }),
);

const given = {
  viewer: personSchema,
  gifts: count.describe('Gift items.'),
  diamonds: count,
  firstAt: timestamp.describe('Receipt of the first gift.'),
  lastAt: timestamp.describe('Receipt of the last gift.'),
};

export const gifterPageSchema = component(
  'GifterPage',
  z.object({ gifters: z.array(component('Gifter', z.object(given))), nextCursor }),
);
export type GifterPageDto = z.output<typeof gifterPageSchema>;

export const streamerGifterPageSchema = component(
  'StreamerGifterPage',
  z.object({
    gifters: z.array(
      component('StreamerGifter', z.object({ ...given, sessions: count.describe('In how many sessions.') })),
    ),
    nextCursor,
  }),
);

export const givenGiftPageSchema = component(
  'GivenGiftPage',
  z.object({
    gifts: z.array(
      component(
        'GivenGift',
        z.object({
          gift: z.object({
            id: z.string(),
            name: z.string().optional(),
            diamondsEach: count.optional(),
            imageUrl: z.string().optional(),
          }),
          count: count.describe('Gift items.'),
          diamonds: count,
        }),
      ),
    ),
    nextCursor,
  }),
);
