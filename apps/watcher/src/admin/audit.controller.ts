import { Controller, Get, Inject, Query } from '@nestjs/common';
import { AUDIT_STORE, type AuditStore } from '../audit/audit-store.port.js';
import { auditPageSchema, auditQuerySchema } from './audit-schemas.js';
import { rangeOf } from './history-queries.js';
import { nextOf, pageOf } from './history-routes.js';
import { DATABASE_AWAY, Operation } from './operation.js';
import { parse } from './validate.js';

/** Who changed what. */
@Controller('v1/audit')
export class AuditController {
  constructor(@Inject(AUDIT_STORE) private readonly store: AuditStore) {}

  @Get()
  @Operation({
    tag: 'Keys',
    summary: 'Who changed what, newest first',
    description: 'Every change that was made by REST or by a command, within the time for which it is kept.',
    query: auditQuerySchema,
    answers: { 200: { description: 'One page.', schema: auditPageSchema } },
    problems: DATABASE_AWAY,
  })
  async list(@Query() query: unknown): Promise<unknown> {
    const { actor, action, target, from, to, ...page } = parse(auditQuerySchema, query, 'query');
    const found = await this.store.list({
      ...pageOf(page),
      ...(actor === undefined ? {} : { actor }),
      ...(action === undefined ? {} : { action }),
      ...(target === undefined ? {} : { target }),
      ...rangeOf(from, to),
    });
    const entries = found.items.map(({ at, details, ...entry }) => ({
      ...entry,
      at: at.toISOString(),
      details: details ?? {},
    }));
    return { entries, ...nextOf(found) };
  }
}
