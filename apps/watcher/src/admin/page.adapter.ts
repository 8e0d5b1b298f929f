import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AdminError } from './admin.errors.js';

/** The built page beside this application: the same place seen from src/ and from dist/. */
export const PAGE_FOLDER = fileURLToPath(new URL('../../../console/dist/', import.meta.url));

/**
 * Serves the built page at `/`. Each file gets a route of its own, so that an unknown address stays a 404 of REST. Files
 * under assets/ carry a hash in their name and may be kept; the page itself is asked for each time.
 */
export async function servePage(instance: FastifyInstance, folder: string = PAGE_FOLDER): Promise<void> {
  if (!existsSync(join(folder, 'index.html'))) {
    instance.get('/', async () => {
      throw new AdminError(
        'WATCHER_PAGE_NOT_BUILT',
        'The page is not built. Run "npm run build" and start again; REST, live tail, /docs and metrics work without it.',
      );
    });
    return;
  }
  await instance.register(fastifyStatic, {
    root: folder,
    prefix: '/',
    wildcard: false,
    decorateReply: false,
    cacheControl: false,
    setHeaders: (reply, path) => {
      const hashed = path
        .slice(folder.length)
        .replace(/^[/\\]/, '')
        .startsWith('assets');
      reply.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
