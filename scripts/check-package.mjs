// Packs libs/connector as it would be published, installs the tarball into an empty folder and loads it there by
// require() and by import, with the Node that runs this script. Needs a build.
//   node scripts/check-package.mjs               dependencies are those of this checkout, the declared ones alone
//   node scripts/check-package.mjs --registry    npm installs them
//   node scripts/check-package.mjs --into DIR    uses this empty folder and leaves it there
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const library = join(root, 'libs/connector');
const into = process.argv.includes('--into') ? process.argv[process.argv.indexOf('--into') + 1] : undefined;
const folder = into ?? mkdtempSync(join(tmpdir(), 'connector-package-'));

try {
  const { name, dependencies } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const packed = JSON.parse(npm(['pack', library, '--json', '--ignore-scripts', '--pack-destination', folder]));
  const tarball = join(folder, packed[0].filename);
  if (process.argv.includes('--registry')) npm(['install', tarball, '--no-audit', '--no-fund', '--loglevel=error']);
  else unpack(tarball, name, Object.keys(dependencies));
  load(name);
} finally {
  if (into === undefined) rmSync(folder, { recursive: true, force: true });
}

function npm(args) {
  const command = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  return execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

/** What is not declared as a dependency is not there. */
function unpack(tarball, name, dependencies) {
  const home = join(folder, 'node_modules', name);
  mkdirSync(home, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', home, '--strip-components=1']);
  for (const dependency of dependencies) {
    const link = join(folder, 'node_modules', dependency);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(root, 'node_modules', dependency), link, 'junction');
  }
}

/** Both forms must export the same, work, and print no warning. */
function load(name) {
  const proof = `
    const kinds = Object.fromEntries(Object.keys(lib).filter((key) => key !== 'default' && key !== 'module.exports').sort().map((key) => [key, typeof lib[key]]));
    const chat = lib.codecForMethod('WebcastChatMessage');
    const { comment } = chat.decode(chat.encode({ comment: 'hello' }).finish());
    const connection = new lib.TikTokLiveConnection('@somebody');
    console.log(JSON.stringify({ kinds, comment, uniqueId: connection.uniqueId, version: lib.VERSION }));`;
  const required = run('loaded.cjs', `const lib = require('${name}');${proof}`);
  const imported = run('loaded.mjs', `import * as lib from '${name}';${proof}`);
  if (required !== imported) throw new Error(`require() and import differ:\n${required}\n${imported}`);
  const { kinds, comment, uniqueId, version } = JSON.parse(required);
  const manifest = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'));
  if (comment !== 'hello' || uniqueId !== 'somebody') throw new Error(`The packed library does not work: ${required}`);
  if (version !== manifest.version) throw new Error(`VERSION is ${version}, the package is ${manifest.version}.`);
  process.stdout.write(
    `Node ${process.versions.node}: ${Object.keys(kinds).length} exports by require() and by import, the same\n`,
  );
}

function run(file, text) {
  writeFileSync(join(folder, file), text);
  const { status, stdout, stderr } = spawnSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' });
  if (status !== 0 || stderr !== '') throw new Error(`${file} failed or warned (exit ${status}):\n${stderr}`);
  return stdout;
}
