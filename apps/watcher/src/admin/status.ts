import { z } from 'zod';
import { ROOM_STATES } from '../rooms/room-state.js';
import { components, STREAMER_STATES } from './schemas.js';

const count = z.int().min(0);

export const statusSchema = z.object({
  version: z.string(),
  replicaId: z.string(),
  startedAt: z.iso.datetime(),
  ready: z.boolean(),
  reasons: z.array(z.string()).describe('Why it is not ready.'),
  streamers: z
    .object({ total: count, byState: z.partialRecord(z.enum(STREAMER_STATES), count) })
    .describe('All that are monitored; absent while the database is away.')
    .optional(),
  rooms: z.partialRecord(z.enum(ROOM_STATES), count).describe('Rooms of this replica by state.'),
  leases: z.object({ held: count, replicas: count.describe('Replicas that share the streamers, this one included.') }),
  events: z.object({
    admitted: count.describe('Since the start.'),
    perSecond: z.number().describe('Over the last 10 seconds.'),
  }),
  journal: z.object({
    bytes: count,
    maxBytes: count,
    pendingEvents: count,
    oldestPendingAt: z.iso.datetime().optional(),
    full: z.boolean(),
  }),
  kafka: z
    .object({ status: z.string(), since: z.iso.datetime(), pendingEvents: count, problem: z.string().optional() })
    .describe('The publisher; absent without Kafka.')
    .optional(),
  history: z.object({ problem: z.string().optional() }),
  commands: z.object({ problem: z.string().optional() }).describe('Absent when commands are off.').optional(),
  webhooks: z.object({ pending: count.describe('Deliveries of the whole fleet.'), problem: z.string().optional() }),
  liveTail: z.object({
    clients: count,
    problem: z.string().describe('Why nothing comes: the topics of the fleet cannot be read.').optional(),
  }),
});
components.add(statusSchema, { id: 'Status' });
export type StatusDto = z.output<typeof statusSchema>;

/** Puts the state of the service together. */
export type StatusSource = () => Promise<StatusDto>;
export const STATUS_SOURCE = Symbol('StatusSource');
