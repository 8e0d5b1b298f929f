// Makes dist/index.cjs and dist/index.d.cts from the sources, beside the ES modules that `tsc -b` has put into dist/.
// Packages stay outside of the bundle, but for the sign server's client: it has no CommonJS form, and require() of an ES
// module prints a warning on some of the supported versions of Node.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const { dependencies } = JSON.parse(await readFile(here('package.json'), 'utf8'));
const bundled = ['@eulerstream/euler-api-sdk'];

await build({
  entryPoints: [here('src/index.ts')],
  outfile: here('dist/index.cjs'),
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  sourcemap: true,
  keepNames: true,
  external: Object.keys(dependencies)
    .filter((name) => !bundled.includes(name))
    .flatMap((name) => [name, `${name}/*`]),
  logLevel: 'warning',
});

// One set of declarations for both forms: `import type` of an ES module is allowed in CommonJS when it says how to resolve.
const types = await readFile(here('dist/index.d.ts'), 'utf8').catch(() => {
  throw new Error('dist/index.d.ts is missing: run `tsc -b libs/connector` first.');
});
await writeFile(here('dist/index.d.cts'), types.replace(/\/\/# sourceMappingURL=.*\n?/, ''));
