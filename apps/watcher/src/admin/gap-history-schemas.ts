import { z } from 'zod';
import { component, count, nextCursor, timestamp } from './schemas.js';

/** The answer of the route about gaps. */
export const gapPageSchema = component(
  'GapPage',
  z.object({
    gaps: z.array(
      component(
        'Gap',
        z.object({
          id: z.string().describe('Id of the room.gap event.'),
          from: timestamp.describe('Receipt of the last frame before it; after a crash the last checkpoint.'),
          to: timestamp.describe('First frame of the new socket, or its tenth healthy second.'),
          durationMs: count.describe('to − from, milliseconds.'),
          reason: z
            .string()
            .describe(
              'What began it: disconnected, stalled, refused, quota, restart, failover, backpressure, frameRejected, or one that a later version adds; unknown when the event does not say.',
            ),
        }),
      ),
    ),
    nextCursor,
  }),
);

export type GapPageDto = z.output<typeof gapPageSchema>;
