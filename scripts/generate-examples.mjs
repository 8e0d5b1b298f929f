// Writes libs/contracts/examples/<event>.json: one whole event of each type, made by the simulator's builders and the real
// pipeline (scripts/contract/make-examples.ts).
//   node scripts/generate-examples.mjs            writes the files
//   node scripts/generate-examples.mjs --check    fails when a committed file differs, or one is too many
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXAMPLE_FOLDER } from './contract/example-files.mjs';
import { loadSources } from './contract/load-contract.mjs';

const target = EXAMPLE_FOLDER;
const { makeExamples } = await loadSources(`export { makeExamples } from './scripts/contract/make-examples.ts';`);
const wanted = new Map(
  [...makeExamples()].map(([name, event]) => [`${name}.json`, `${JSON.stringify(event, null, 2)}\n`]),
);
mkdirSync(target, { recursive: true });
const there = new Map(readdirSync(target).map((name) => [name, readFileSync(join(target, name), 'utf8')]));
const stale = [...new Set([...wanted.keys(), ...there.keys()])].filter((name) => wanted.get(name) !== there.get(name));

if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    console.error(`Examples differ from what the simulator and the pipeline make: ${stale.join(', ')}.`);
    console.error('Run node scripts/generate-examples.mjs');
    process.exit(1);
  }
} else {
  for (const name of stale) {
    if (wanted.has(name)) writeFileSync(join(target, name), wanted.get(name));
    else rmSync(join(target, name));
  }
}
console.log(
  `${wanted.size} examples ${process.argv.includes('--check') ? 'are up to date' : `up to date, ${stale.length} of them written`}`,
);
