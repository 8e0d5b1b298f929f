import type { FastifyRequest } from 'fastify';

/** More than this is not read for the sake of an answer; the connection is cut instead. */
const MAX_DISCARDED_BYTES = 32 * 1024 * 1024;
const MAX_WAIT_MS = 5_000;

/**
 * Reads what is left of a body and throws it away, within limits. A client that is still sending when the connection
 * closes sees a broken pipe instead of the answer that says what was wrong.
 */
export async function discardBody({ raw, headers }: Pick<FastifyRequest, 'raw' | 'headers'>): Promise<void> {
  const length = Number(headers['content-length'] ?? 0);
  const hasBody = length > 0 || headers['transfer-encoding'] !== undefined;
  if (!hasBody || length > MAX_DISCARDED_BYTES || raw.readableEnded || raw.destroyed) return;
  await new Promise<void>((resolve) => {
    let bytes = 0;
    const count = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > MAX_DISCARDED_BYTES) finish();
    };
    const finish = (): void => {
      clearTimeout(timer);
      raw.off('data', count).off('end', finish).off('close', finish);
      resolve();
    };
    const timer = setTimeout(finish, MAX_WAIT_MS);
    timer.unref();
    raw.on('data', count).once('end', finish).once('close', finish).resume();
  });
}
