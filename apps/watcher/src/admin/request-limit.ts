import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AdminError } from './admin.errors.js';

const MINUTE_MS = 60_000;
/** Keys that are counted at once; the one not seen for the longest time is forgotten first. */
const MAX_COUNTED = 2_000;

/**
 * Counts the requests of each key in windows of a minute, and answers those beyond its figure with 429. Where no key is needed
 * there is no limit. Call it after access is checked and before the routes are there.
 */
export async function limitRequests(instance: FastifyInstance, requestsPerMinute: number): Promise<void> {
  const limitOf = ({ principal }: FastifyRequest): number => principal?.requestsPerMinute ?? requestsPerMinute;
  await instance.register(rateLimit, {
    timeWindow: MINUTE_MS,
    cache: MAX_COUNTED,
    enableDraftSpec: true,
    allowList: (request) =>
      request.principal === null || request.principal.source === 'local' || limitOf(request) === 0,
    keyGenerator: ({ principal }) => `${principal?.source}:${principal?.name}`,
    max: limitOf,
    errorResponseBuilder: (request, { max, ttl }) =>
      new AdminError(
        'WATCHER_TOO_MANY_REQUESTS',
        `The key "${request.principal?.name}" may make ${max} requests a minute here; go on in ${Math.ceil(ttl / 1_000)} s.`,
      ),
  });
}
