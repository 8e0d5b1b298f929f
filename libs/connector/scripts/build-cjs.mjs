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

const { metafile } = await build({
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
  metafile: true,
  absWorkingDir: here(''),
  logLevel: 'warning',
});
await writeFile(here('dist/THIRD-PARTY-LICENSES.txt'), await licensesOf(Object.keys(metafile.inputs)));

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

/** The licences of the packages that are inside of index.cjs: they ask for their text to come along. */
async function licensesOf(inputs) {
  const folders = new Set(inputs.map((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]).filter(Boolean));
  const texts = [];
  for (const folder of [...folders].sort()) {
    const { name, version, license, author } = JSON.parse(await readFile(here(`${folder}/package.json`), 'utf8'));
    const file = (await readdir(here(folder))).find((entry) => /^licen[cs]e/i.test(entry));
    const owner = typeof author === 'string' ? author : author?.name;
    const text =
      file === undefined
        ? `The package has no licence text; it declares: ${license}, by ${owner ?? 'unnamed authors'}.`
        : await readFile(here(`${folder}/${file}`), 'utf8');
    texts.push(`${name} ${version} (${license})\n\n${text.trim()}\n`);
  }
  return `dist/index.cjs holds parts of these packages.\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}
