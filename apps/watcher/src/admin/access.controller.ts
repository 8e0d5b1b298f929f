import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { LOCAL } from '../access/principal.js';
import { AccessPolicy } from './access.js';
import { accessSchema } from './key-schemas.js';
import { Operation } from './operation.js';

/** Who the caller is, for pages and scripts that want to know what they may. */
@Controller('v1/access')
export class AccessController {
  constructor(@Inject(AccessPolicy) private readonly policy: AccessPolicy) {}

  @Get()
  @Operation({
    tag: 'Keys',
    summary: 'Whose key this is, and what it may',
    answers: { 200: { description: 'The key of this request.', schema: accessSchema } },
  })
  access(@Req() request: FastifyRequest): unknown {
    const { name, role, source } = request.principal ?? LOCAL;
    return { name, role, source, keyRequired: this.policy.keyRequired };
  }
}
