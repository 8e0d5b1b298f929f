import type { FastifyInstance } from 'fastify';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AdminError } from './admin.errors.js';
import { filesUnder, serveFiles } from './static-files.adapter.js';

/** The built page beside this application: the same place seen from src/ and from dist/. */
export const PAGE_FOLDER = fileURLToPath(new URL('../../../console/dist/', import.meta.url));

const IMMUTABLE = 'public, max-age=31536000, immutable';

/**
 * Serves the built page at `/`. Files under assets/ carry a hash in their name and may be kept; everything else is asked
 * for each time.
 */
export function servePage(instance: FastifyInstance, folder: string = PAGE_FOLDER): void {
  if (!existsSync(join(folder, 'index.html'))) {
    instance.get('/', { config: { file: true } }, async () => {
      throw new AdminError(
        'WATCHER_PAGE_NOT_BUILT',
        'The page is not built. Run "npm run build" and start again; REST, live tail, /docs and metrics work without it.',
      );
    });
    return;
  }
  serveFiles(
    instance,
    filesUnder(folder).map((name) => ({
      url: name === 'index.html' ? '/' : `/${name}`,
      path: join(folder, name),
      cacheControl: name.startsWith('assets/') ? IMMUTABLE : 'no-cache',
    })),
  );
}
