// Packs a library as it would be published, installs the tarball into an empty folder and loads it there by require() and
// by import, with the Node that runs this script. Needs a build.
//   node scripts/check-package.mjs               the connector; dependencies are those of this checkout, the declared ones alone
//   node scripts/check-package.mjs contracts     the contract, which has none
//   node scripts/check-package.mjs --registry    npm installs them
//   node scripts/check-package.mjs --into DIR    uses this empty folder and leaves it there
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a program does with the library `lib` in the empty folder: its result is printed, and `works` judges it. */
const LIBRARIES = {
  connector: {
    program: `
      const chat = lib.codecForMethod('WebcastChatMessage');
      const { comment } = chat.decode(chat.encode({ comment: 'hello' }).finish());
      const { uniqueId } = new lib.TikTokLiveConnection('@somebody');
      return { comment, uniqueId, version: lib.VERSION };`,
    works: ({ comment, uniqueId, version }, manifest) =>
      comment === 'hello' && uniqueId === 'somebody' && version === manifest.version,
  },
  contracts: {
    program: `
      const files = Object.values(lib.EVENT_CATALOGUE).map(({ name, dataschema }) => {
        const schema = read('schemas/' + name + '/' + dataschema.split(':').at(-1) + '.json');
        const example = read('examples/' + name + '.json');
        return schema.$id === dataschema && lib.eventNameOf(example.type) === name;
      });
      const topic = lib.topicName('tiktok.live', lib.EVENT_CATALOGUE.gift.topic, 'subject');
      return { topic, files: files.length, right: files.every(Boolean), asyncapi: text('asyncapi.yaml').includes('asyncapi: 3.0.0') };`,
    works: ({ topic, files, right, asyncapi }) => topic === 'tiktok.live.gift' && files > 70 && right && asyncapi,
  },
};
const asked = Object.keys(LIBRARIES).find((name) => process.argv.includes(name)) ?? 'connector';
const library = join(root, 'libs', asked);
const into = process.argv.includes('--into') ? process.argv[process.argv.indexOf('--into') + 1] : undefined;
const folder = into ?? mkdtempSync(join(tmpdir(), `${asked}-package-`));

try {
  const { name, dependencies = {} } = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'));
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const packed = JSON.parse(npm(['pack', library, '--json', '--ignore-scripts', '--pack-destination', folder]));
  const tarball = join(folder, packed[0].filename);
  if (process.argv.includes('--registry')) npm(['install', tarball, '--no-audit', '--no-fund', '--loglevel=error']);
  else unpack(tarball, name, Object.keys(dependencies));
  load(name, LIBRARIES[asked]);
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
function load(name, { program, works }) {
  const proof = `
    const text = (path) => readFileSync(require.resolve('${name}/' + path), 'utf8');
    const read = (path) => JSON.parse(text(path));
    const kinds = Object.fromEntries(Object.keys(lib).filter((key) => !['default', 'module.exports', '__esModule'].includes(key)).sort().map((key) => [key, typeof lib[key]]));
    console.log(JSON.stringify({ kinds, result: (() => {${program}})() }));`;
  const required = run(
    'loaded.cjs',
    `const { readFileSync } = require('node:fs'); const lib = require('${name}');${proof}`,
  );
  const imported = run(
    'loaded.mjs',
    `import { readFileSync } from 'node:fs'; import { createRequire } from 'node:module'; import * as lib from '${name}';
    const require = createRequire(import.meta.url);${proof}`,
  );
  if (required !== imported) throw new Error(`require() and import differ:\n${required}\n${imported}`);
  const { kinds, result } = JSON.parse(required);
  const manifest = JSON.parse(readFileSync(join(library, 'package.json'), 'utf8'));
  if (!works(result, manifest)) throw new Error(`The packed library does not work: ${JSON.stringify(result)}`);
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
