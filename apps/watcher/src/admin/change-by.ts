import type { FastifyRequest } from 'fastify';
import { LOCAL } from '../access/principal.js';
import type { AuditDetails, Change } from '../audit/audit-entry.js';

/** A change as the audit log takes it, made by who sent the request. Parts of the target are escaped as in an address. */
export function changeBy(
  request: Pick<FastifyRequest, 'principal'>,
  action: string,
  target?: readonly [string, ...string[]],
  details?: AuditDetails,
): Change {
  return {
    actor: request.principal?.name ?? LOCAL.name,
    channel: 'rest',
    action,
    ...(target === undefined ? {} : { target: target.map(encodeURIComponent).join('/') }),
    ...(details === undefined ? {} : { details }),
  };
}
