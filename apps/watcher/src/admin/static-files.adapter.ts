import type { FastifyInstance } from 'fastify';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { isKnown, tagOf } from './entity-tags.js';

export interface StaticFile {
  /** Address under which it is served. */
  readonly url: string;
  /** Path in the file system. */
  readonly path: string;
  readonly cacheControl: string;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
};
const MIN_GZIP_BYTES = 1_024;

/** All files under a folder, as paths relative to it with forward slashes. */
export function filesUnder(folder: string, below = ''): readonly string[] {
  return readdirSync(join(folder, below)).flatMap((name) => {
    const path = below === '' ? name : `${below}/${name}`;
    return statSync(join(folder, path)).isDirectory() ? filesUnder(folder, path) : [path];
  });
}

/**
 * Gives each file a route of its own, so that nothing beside them can be reached and an unknown address stays a 404.
 * The files are few and small: they are kept in memory, with their compressed form, from the first request on.
 */
export function serveFiles(instance: FastifyInstance, files: readonly StaticFile[]): void {
  for (const file of files) {
    let loaded: Promise<LoadedFile> | undefined;
    instance.get(file.url, { config: { file: true } }, async (request, reply) => {
      loaded ??= load(file.path);
      const { body, compressed, etag } = await loaded;
      void reply.headers({ etag, vary: 'accept-encoding', 'cache-control': file.cacheControl });
      if (isKnown(request, etag)) return reply.code(304).send();
      const zipped = compressed !== undefined && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
      if (zipped) void reply.header('content-encoding', 'gzip');
      return reply.type(TYPES[extname(file.path)] ?? 'application/octet-stream').send(zipped ? compressed : body);
    });
  }
}

interface LoadedFile {
  readonly body: Buffer;
  readonly compressed: Buffer | undefined;
  readonly etag: string;
}

async function load(path: string): Promise<LoadedFile> {
  const body = readFileSync(path);
  const compressible = body.length >= MIN_GZIP_BYTES && !/\.(png|ico|woff2)$/.test(path);
  return {
    body,
    compressed: compressible ? await promisify(gzip)(body) : undefined,
    etag: tagOf(body),
  };
}
