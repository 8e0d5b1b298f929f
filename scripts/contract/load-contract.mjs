// Loads the contract, and what its generic rule needs, from the sources: nothing needs to be built before.
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** @param {string} contents exports of a module that is resolved from the root of the repository */
export async function loadSources(contents) {
  // Below the work tree, so that the bundle finds its packages.
  const folder = mkdtempSync(join(ROOT, 'node_modules/.livetap-contract-'));
  const outfile = join(folder, 'sources.mjs');
  try {
    await build({
      stdin: { contents, resolveDir: ROOT },
      bundle: true,
      format: 'esm',
      platform: 'node',
      packages: 'external',
      alias: {
        '@livetap/connector': join(ROOT, 'libs/connector/src/index.ts'),
        '@livetap/contracts': join(ROOT, 'libs/contracts/src/index.ts'),
      },
      outfile,
      logLevel: 'error',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The package `@livetap/contracts`. */
export const loadContract = () => loadSources(`export * from './libs/contracts/src/index.ts';`);

/** What schemas are made from: the contract, the wire's messages and the generic rule. */
export const loadRules = () =>
  loadSources(`
    export { EVENT_CATALOGUE, ENVELOPE_SCHEMA } from './libs/contracts/src/index.ts';
    export { codecForMethod, codecForType } from './libs/connector/src/proto/index.ts';
    export { enums } from './libs/connector/src/proto/generated/tables.ts';
    export { WebcastEventMap } from './libs/connector/src/events/event-map.ts';
    export { planMessage } from './apps/watcher/src/pipeline/normalize/generic-rule.ts';
  `);
