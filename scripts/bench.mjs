// npm run bench: measures this project against its peers and against what the machine can do at best; same input, interleaved,
// in one run, medians. `--only values,journal` measures these parts (`--list` names them), `--quick` only looks whether they
// run, `--json` prints JSON lines instead of tables, `--write-docs` puts the figures into docs/benchmarks.md as well. With
// LIVETAP_RECORDINGS_DIR the recorded frames are measured, too. `--check` is the short form for CI: it fails when a ratio is
// more than 30 % below the one in test/bench/ratios.json, which `--record` writes. See docs/benchmarks.md.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { BenchContext, machine } from '../test/bench/context.mjs';
import { guardPairs } from '../test/bench/guard-pairs.mjs';
import { fallen, KEPT_SHARE, measureGuard } from '../test/bench/guard.mjs';
import { PARTS } from '../test/bench/parts/index.mjs';
import { jsonLinesOf, textOf } from '../test/bench/report.mjs';
import { writeDocument } from '../test/bench/document.mjs';
import { root } from './lib/setup.mjs';

const flags = readFlags();
if (flags.list) {
  for (const { name, about } of PARTS) console.log(`${name.padEnd(20)}${about}`);
  process.exit(0);
}
const parts = chosen(flags.only);
build();

const context = new BenchContext({
  root,
  quick: flags.quick,
  note: (text) => flags.check || flags.record || console.error(text),
});
if (flags.check || flags.record) {
  await guard();
  process.exit();
}
if (flags.json) console.log(JSON.stringify({ bench: 'machine', ...machine() }));
else console.log(Object.values(machine()).join(', '));
try {
  for (const part of parts) await measure(part);
} finally {
  await context.close();
}

async function measure(part) {
  const sections = await part.run(context);
  for (const section of sections) {
    if (flags.json) for (const line of jsonLinesOf(section)) console.log(JSON.stringify(line));
    else console.log(textOf(section));
  }
  if (flags['write-docs'] && sections.length > 0)
    await writeDocument(join(root, 'docs', 'benchmarks.md'), part, sections, machine());
}

/** Compares the guarded ratios with the committed ones, or commits them. */
async function guard() {
  const file = join(root, 'test', 'bench', 'ratios.json');
  const measured = await measureGuard(await guardPairs(context));
  if (flags.record) {
    const rounded = Object.fromEntries(
      Object.entries(measured).map(([name, ratio]) => [name, Number(ratio.toFixed(3))]),
    );
    writeFileSync(file, `${JSON.stringify(rounded, null, 2)}\n`);
  }
  const committed = JSON.parse(readFileSync(file, 'utf8'));
  for (const [name, ratio] of Object.entries(measured))
    console.log(`${name.padEnd(48)}${ratio.toFixed(3).padStart(9)}  committed ${committed[name] ?? 'nothing'}`);
  const faults = fallen(measured, committed);
  for (const { name, measured: now, committed: before } of faults)
    console.log(`FAILED: ${name} is ${now.toFixed(3)}, below ${(before * KEPT_SHARE).toFixed(3)}`);
  process.exitCode = faults.length === 0 ? 0 : 1;
}

function readFlags() {
  try {
    return parseArgs({
      options: {
        only: { type: 'string' },
        quick: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        'write-docs': { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        record: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return refuse(error.message);
  }
}

function chosen(only) {
  if (only === undefined) return PARTS;
  return only.split(',').map((name) => {
    const part = PARTS.find((known) => known.name === name);
    return part ?? refuse(`There is no part "${name}". Parts: ${PARTS.map((known) => known.name).join(', ')}.`);
  });
}

function refuse(message) {
  console.error(message);
  process.exit(2);
}

/** Brings the build up to date, in a process of its own whose output does not get between the figures. */
function build() {
  const setup = pathToFileURL(join(root, 'scripts', 'lib', 'setup.mjs')).href;
  const script = `import(${JSON.stringify(setup)}).then(({ ensureReady }) => ensureReady())`;
  const { status } = spawnSync(process.execPath, ['-e', script], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) process.exit(status ?? 1);
}
