import etagOf from 'etag';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import fresh from 'fresh';

const READS = new Set(['GET', 'HEAD']);
const JSON_TYPE = /^application\/json\b/;

/** The tag of a body: weak, for the same may come compressed. */
export function tagOf(body: string | Buffer): string {
  return etagOf(body, { weak: true });
}

/** True when the client has what this tag is of, so that 304 says enough. */
export function isKnown(request: FastifyRequest, etag: string): boolean {
  return fresh(request.headers, { etag });
}

/**
 * Gives each answer with JSON its entity tag (weak: a hash of the text), and answers 304 without a body where the client says
 * that it has this one already (If-None-Match). Clients may keep answers, and ask each time whether they still hold.
 */
export function tagEntities(instance: FastifyInstance): void {
  instance.addHook('onSend', async (request, reply, payload: unknown) => {
    if (!READS.has(request.method) || reply.statusCode !== 200) return payload;
    if (typeof payload !== 'string' || !JSON_TYPE.test(String(reply.getHeader('content-type')))) return payload;
    if (reply.hasHeader('cache-control')) return payload;
    const etag = tagOf(payload);
    void reply.headers({ etag, 'cache-control': 'private, no-cache' });
    if (!isKnown(request, etag)) return payload;
    void reply.code(304).removeHeader('content-type').removeHeader('content-length');
    return null;
  });
}
