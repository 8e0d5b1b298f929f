import { Controller, Delete, Inject, Param, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { AuditTrail } from '../audit/audit-trail.js';
import { readId } from '../history/event-facts.js';
import { ViewerErasures } from '../operations/viewer-erasures.js';
import { AdminError } from './admin.errors.js';
import { changeBy } from './change-by.js';
import { DATABASE_AWAY, Operation } from './operation.js';
import { component, timestamp } from './schemas.js';
import { parse } from './validate.js';

const viewerSchema = z.strictObject({
  userId: z.string().refine((id) => readId(id) === id, 'must be a TikTok user id: digits, less than 2^63'),
});
const eraseQuerySchema = z.strictObject({
  optOut: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true: nothing is kept about this person from now on either.'),
});
const erasedSchema = component(
  'ViewerErased',
  z.object({ erasedAt: timestamp, optOut: z.boolean().describe('As asked for by this request.') }),
);
const optOutEndedSchema = component(
  'OptOutEnded',
  z.object({ since: timestamp.describe('Events received after this moment count for the viewer again.') }),
);

/** People who want to be forgotten. */
@Controller('v1/viewers')
export class ViewersController {
  constructor(
    @Inject(ViewerErasures) private readonly erasures: ViewerErasures,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  @Delete(':userId')
  @Operation({
    tag: 'Viewers',
    summary: 'Erase a viewer',
    description:
      'At once from all tables of history and waiting webhook deliveries; events received before never bring the person back, and consumers get `viewer.erased`. The journal and the topics forget within their age limits. Counts without names stay.',
    params: { userId: 'TikTok user id.' },
    query: eraseQuerySchema,
    answers: { 200: { description: 'Erased, and consumers will hear of it.', schema: erasedSchema } },
    problems: { ...DATABASE_AWAY },
  })
  async erase(
    @Param('userId') userId: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<Record<string, unknown>> {
    const viewer = parse(viewerSchema, { userId }, 'body');
    const optOut = parse(eraseQuerySchema, query, 'query').optOut === 'true';
    const at = await this.erasures.erase(viewer.userId, optOut);
    // Without the id: the log would remember whom nobody should.
    await this.audit.record(changeBy(request, 'viewer.erased', undefined, { optOut }));
    return { erasedAt: new Date(at).toISOString(), optOut };
  }

  @Delete(':userId/opt-out')
  @Operation({
    tag: 'Viewers',
    summary: 'Take an opt-out back',
    description:
      'Events received from now on count for the viewer again. What was received before never does: the viewer stays erased up to this moment.',
    params: { userId: 'TikTok user id.' },
    answers: { 200: { description: 'From now on.', schema: optOutEndedSchema } },
    problems: { 400: 'This is no TikTok user id.', 404: 'This viewer has not opted out.', ...DATABASE_AWAY },
  })
  async endOptOut(@Param('userId') userId: string, @Req() request: FastifyRequest): Promise<Record<string, unknown>> {
    const viewer = parse(viewerSchema, { userId }, 'body');
    const at = await this.erasures.endOptOut(viewer.userId);
    if (at === undefined) throw new AdminError('WATCHER_OPT_OUT_NOT_FOUND', 'This viewer has not opted out.');
    await this.audit.record(changeBy(request, 'viewer.optOutEnded'));
    return { since: new Date(at).toISOString() };
  }
}
