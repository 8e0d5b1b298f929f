// Completes what `tsc -b` has put into dist/: the CommonJS form (index.cjs), its declarations (a *.d.cts beside each
// *.d.ts, so that both forms are typed as what they are), and nothing that is left from sources that are gone.
// Packages stay outside of the bundle, but for those that have no CommonJS form: require() of an ES module prints a
// warning on some of the supported versions of Node.
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const { dependencies } = JSON.parse(await readFile(here('package.json'), 'utf8'));
/** Packages without a CommonJS form. */
const MODULES_ONLY = ['@eulerstream/euler-api-sdk', 'socks-proxy-agent'];

if (!existsSync(here('dist/index.d.ts')))
  throw new Error('dist/index.d.ts is missing: run `tsc -b libs/connector` first.');

await build({
  entryPoints: [here('src/index.ts')],
  outfile: here('dist/index.cjs'),
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  keepNames: true,
  external: Object.keys(dependencies)
    .filter((name) => !MODULES_ONLY.includes(name))
    .flatMap((name) => [name, `${name}/*`]),
  logLevel: 'warning',
});

const OUTPUT = /\.(?:js|d\.ts|d\.cts)(?:\.map)?$/;
for (const file of await readdir(here('dist'), { recursive: true })) {
  if (!OUTPUT.test(file)) continue;
  const stem = file.replace(OUTPUT, '');
  if (!existsSync(here(`src/${stem}.ts`)) || file.endsWith('.map')) await rm(here(join('dist', file)));
  else if (file.endsWith('.d.ts')) {
    const text = await readFile(here(join('dist', file)), 'utf8');
    await writeFile(here(`dist/${stem}.d.cts`), asCommonJs(text));
  }
}
await rm(here('dist/index.cjs.map'), { force: true });

/** The same declarations for CommonJS: neighbours are *.cjs, and types of ES modules say how they are to be found. */
function asCommonJs(text) {
  const own = text.replace(/(['"])(\.\.?\/[^'"\n]+)\.js\1/g, '$1$2.cjs$1').replace(/\/\/# sourceMappingURL=.*\n?/, '');
  return MODULES_ONLY.reduce(
    (all, name) =>
      all.replace(
        new RegExp(`^import (?:type )?([^;]*?) from ['"]${name}['"];`, 'gm'),
        (_, what) => `import type ${what.replace(/\btype /g, '')} from '${name}' with { 'resolution-mode': 'import' };`,
      ),
    own,
  );
}
