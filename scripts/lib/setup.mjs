// Set-up that every command does by itself: dependencies, generated code, build. Plain Node, no dependencies: it runs
// in a fresh clone before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const MINIMUM_NODE = [20, 19];

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor < MINIMUM_NODE[1])) {
    fail(`Livetap needs Node ${MINIMUM_NODE.join('.')} or newer; this is ${process.versions.node}.`);
  }
}

/** Prints a sentence and ends the process. */
export function fail(message, code = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

/** Runs a command in the repository; its output is shown. Ends the process when it fails. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (result.error) fail(`Could not run ${command}: ${result.error.message}`);
  if (result.status !== 0) fail(`"${[command, ...args].join(' ')}" failed.`, result.status ?? 1);
}

function npm(args) {
  // npm itself tells where it is, also where there is no npm on the PATH (Windows shims, version managers).
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.[cm]?js$/.test(cli)) run(process.execPath, [cli, ...args]);
  else run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args);
}

const hash = (parts) => parts.reduce((h, part) => h.update(part).update('\0'), createHash('sha256')).digest('hex');

function stampMatches(file, value) {
  return existsSync(file) && readFileSync(file, 'utf8') === value;
}

function writeStamp(file, value) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, value);
}

/** Installs the dependencies when they are absent or the lock file is newer than what is installed. */
export function ensureDependencies() {
  // npm leaves a copy of the lock file in node_modules when an installation is complete.
  const installed = statSync(join(root, 'node_modules', '.package-lock.json'), { throwIfNoEntry: false });
  if (installed && installed.mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) return;
  process.stdout.write('Installing dependencies (once) …\n');
  npm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
}

const SOURCES = [
  'libs/connector/src',
  'libs/connector/scripts',
  'libs/contracts/src',
  'libs/testkit/src',
  'apps/watcher/src',
  'apps/simulator/src',
  'apps/console/src',
  'prisma/schema.prisma',
  'tsconfig.base.json',
  'package-lock.json',
];
const FILES_BESIDE = [
  'libs/connector',
  'libs/contracts',
  'libs/testkit',
  'apps/watcher',
  'apps/simulator',
  'apps/console',
];

function* filesUnder(path) {
  const full = join(root, path);
  if (!existsSync(full)) return;
  if (statSync(full).isFile()) {
    yield path;
    return;
  }
  for (const entry of readdirSync(full, { withFileTypes: true })) {
    if (entry.name === 'generated' && path.endsWith('persistence')) continue;
    const child = join(path, entry.name);
    if (entry.isDirectory()) yield* filesUnder(child);
    else if (!entry.name.endsWith('.spec.ts')) yield child;
  }
}

function sourcesFingerprint() {
  const parts = [];
  for (const source of SOURCES)
    for (const file of filesUnder(source))
      parts.push(file, String(statSync(join(root, file)).mtimeMs), String(statSync(join(root, file)).size));
  for (const folder of FILES_BESIDE) {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (entry.isFile() && /\.(json|html|ts|css)$/.test(entry.name)) {
        const file = join(root, folder, entry.name);
        parts.push(relative(root, file), String(statSync(file).mtimeMs));
      }
    }
  }
  return hash(parts);
}

/** Builds when a source is newer than the last build. */
export function ensureBuild({ force = false } = {}) {
  const stamp = join(root, '.cache', 'build-stamp');
  const value = sourcesFingerprint();
  if (!force && stampMatches(stamp, value)) return;
  process.stdout.write('Building …\n');
  run(process.execPath, ['scripts/generate-prisma.mjs']);
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-b']);
  run(process.execPath, ['libs/connector/scripts/build-cjs.mjs']);
  run(process.execPath, ['../../node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'], {
    cwd: join(root, 'apps/console'),
  });
  writeStamp(stamp, value);
}

/** Everything that a command needs, from a fresh clone on. */
export function ensureReady() {
  checkNode();
  ensureDependencies();
  ensureBuild();
}
