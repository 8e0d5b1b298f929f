import etagOf from 'etag';
import type { FastifyInstance } from 'fastify';
import fresh from 'fresh';

const READS = new Set(['GET', 'HEAD']);
const JSON_TYPE = /^application\/json\b/;

/**
 * Gives each answer with JSON its entity tag (weak: a hash of the text), and answers 304 without a body where the client says
 * that it has this one already (If-None-Match). Clients may keep answers, and ask each time whether they still hold.
 */
export function tagEntities(instance: FastifyInstance): void {
  instance.addHook('onSend', async (request, reply, payload: unknown) => {
    if (!READS.has(request.method) || reply.statusCode !== 200) return payload;
    if (typeof payload !== 'string' || !JSON_TYPE.test(String(reply.getHeader('content-type')))) return payload;
    if (reply.hasHeader('cache-control')) return payload;
    const etag = etagOf(payload, { weak: true });
    void reply.headers({ etag, 'cache-control': 'private, no-cache' });
    if (!fresh(request.headers, { etag })) return payload;
    void reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return null;
  });
}
