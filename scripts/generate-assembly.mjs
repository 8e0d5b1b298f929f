#!/usr/bin/env node
/**
 * Compiles what is written in AssemblyScript to WebAssembly and writes it as text into modules of TypeScript. `--check` writes
 * nothing and exits 1 when a committed file differs.
 *
 * The compiler is 100 MB that nobody else needs, so it is no dependency: it is installed into .cache when it is not there.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const COMPILER = '0.28.20';
const LINE = 120;

/** `pages`: memory in units of 64 KiB, as the source lays it out. */
const MODULES = [
  {
    source: 'libs/connector/assembly/inflate.ts',
    target: 'libs/connector/src/socket/generated/inflate-module.ts',
    constant: 'INFLATE_MODULE',
    pages: 24,
  },
  {
    source: 'apps/watcher/assembly/deflate.ts',
    target: 'apps/watcher/src/publishing/generated/deflate-module.ts',
    constant: 'DEFLATE_MODULE',
    pages: 40,
  },
];

for (const module of MODULES) {
  const wanted = render(module, await compile(module));
  const target = join(root, module.target);
  if (!process.argv.includes('--check')) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, wanted);
  } else if (!existsSync(target) || readFileSync(target, 'utf8') !== wanted) {
    console.error(`${module.target} differs from ${module.source}. Run: node scripts/generate-assembly.mjs`);
    process.exitCode = 1;
  }
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

async function compile({ source, pages }) {
  const asc = await compiler();
  const options = ['-O3', '--runtime=stub', '--enable=simd', '--noAssert'];
  options.push(`--initialMemory=${pages}`, `--maximumMemory=${pages}`);
  let compiled;
  const { error, stderr } = await asc.main([source, '--outFile=module.wasm', ...options], {
    readFile: (name) => (existsSync(join(root, name)) ? readFileSync(join(root, name), 'utf8') : null),
    writeFile: (name, bytes) => void (compiled = name === 'module.wasm' ? bytes : compiled),
    listFiles: () => [],
  });
  if (error) throw new Error(`${source} does not compile:\n${stderr.toString()}`);
  return Buffer.from(compiled);
}

function render({ source, constant }, bytes) {
  const lines = bytes.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g'));
  return `// Written by scripts/generate-assembly.mjs from ${source}: do not edit.

/** A WebAssembly module of ${bytes.length} bytes, in base64. */
export const ${constant} = [
${lines.map((line) => `  '${line}',`).join('\n')}
].join('');
`;
}
