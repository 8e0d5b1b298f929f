#!/usr/bin/env node
/**
 * Compiles libs/connector/assembly/inflate.ts (AssemblyScript) to WebAssembly and writes it as text into
 * libs/connector/src/socket/generated/inflate-module.ts. `--check` writes nothing and exits 1 when the committed file differs.
 *
 * The compiler is 100 MB that nobody else needs, so it is no dependency: it is installed into .cache when it is not there.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = 'libs/connector/assembly/inflate.ts';
const TARGET = 'libs/connector/src/socket/generated/inflate-module.ts';
const COMPILER = '0.28.20';
/** Pages of 64 KiB: input, output and tables, as the source lays them out. */
const PAGES = 24;
const LINE = 120;

const wanted = render(await compile());
const target = join(root, TARGET);
if (process.argv.includes('--check')) {
  if (!existsSync(target) || readFileSync(target, 'utf8') !== wanted) {
    console.error(`${TARGET} differs from ${SOURCE}. Run: node scripts/generate-inflate.mjs`);
    process.exitCode = 1;
  }
} else {
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, wanted);
}

async function compiler() {
  const folder = join(root, '.cache', `assemblyscript-${COMPILER}`);
  const entry = join(folder, 'node_modules', 'assemblyscript', 'dist', 'asc.js');
  if (!existsSync(entry)) {
    mkdirSync(folder, { recursive: true });
    const options = ['--no-audit', '--no-fund', '--no-save', '--loglevel=error'];
    execFileSync('npm', ['install', '--prefix', folder, ...options, `assemblyscript@${COMPILER}`], {
      stdio: 'inherit',
    });
  }
  return import(pathToFileURL(entry).href);
}

async function compile() {
  const asc = await compiler();
  const memory = [`--initialMemory=${PAGES}`, `--maximumMemory=${PAGES}`];
  const options = ['-O3', '--runtime=stub', '--enable=simd', '--noAssert', ...memory];
  let compiled;
  const { error, stderr } = await asc.main([SOURCE, '--outFile=inflate.wasm', ...options], {
    readFile: (name) => (existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : null),
    writeFile: (name, bytes) => void (compiled = name === 'inflate.wasm' ? bytes : compiled),
    listFiles: () => [],
  });
  if (error) throw new Error(`${SOURCE} does not compile:\n${stderr.toString()}`);
  return Buffer.from(compiled);
}

function render(bytes) {
  const lines = bytes.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g'));
  return `// Written by scripts/generate-inflate.mjs from ${SOURCE}: do not edit.

/** A WebAssembly module of ${bytes.length} bytes, in base64. */
export const INFLATE_MODULE = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`;
}
