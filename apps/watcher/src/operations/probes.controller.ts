import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Operation } from '../admin/operation.js';
import { Health, READINESS_CODES, type Readiness } from './health.js';

const TAG = 'Operation';
const readinessSchema = z.object({
  status: z.enum(['ok', 'unavailable']),
  checks: z.record(z.string(), z.enum(['ok', 'failing'])),
  reasons: z.array(z.object({ code: z.enum(READINESS_CODES), message: z.string() })),
});

/** What orchestrators ask. Open without a key; the reasons hold no secrets. */
@Controller()
export class ProbesController {
  constructor(@Inject(Health) private readonly health: Health) {}

  @Get('livez')
  @Operation({
    tag: TAG,
    summary: 'Is the process alive?',
    description: 'The event loop only: never depends on Kafka or Postgres.',
    answers: { 200: { description: 'It is.', schema: z.object({ status: z.literal('ok') }) } },
  })
  live(@Res({ passthrough: true }) reply: FastifyReply): { status: 'ok' } {
    void reply.header('cache-control', 'no-store');
    return { status: 'ok' };
  }

  @Get('readyz')
  @Operation({
    tag: TAG,
    summary: 'Does this replica do its work?',
    description:
      'The database answers, leases are renewed, the publisher makes progress (or there is no Kafka), less than 90 % of the journal is in use. A fault shows within 5 seconds, and so does its end. Each reason has a stable code and a sentence.',
    answers: {
      200: { description: 'It does.', schema: readinessSchema },
      503: { description: 'It does not; the reasons say why.', schema: readinessSchema },
    },
  })
  ready(@Res({ passthrough: true }) reply: FastifyReply): { status: string } & Omit<Readiness, 'ready'> {
    const { ready, ...rest } = this.health.readiness();
    void reply.code(ready ? 200 : 503).header('cache-control', 'no-store');
    return { status: ready ? 'ok' : 'unavailable', ...rest };
  }
}
