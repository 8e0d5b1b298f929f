// npm run mutants: puts deliberate faults into the code that keeps the delivery promises, one at a time, and shows which
// test notices each of them. Works on copies of the tree; the checkout is only read.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CATALOGUE } from '../test/mutants/catalogue.mjs';
import { checkCatalogue } from './lib/mutants/check.mjs';
import { judge } from './lib/mutants/judge.mjs';
import { projectOf, runTests, stopTests } from './lib/mutants/run-tests.mjs';
import { document, line, outcome, summary } from './lib/mutants/scorecard.mjs';
import { applyMutant, copyTree, removeTree } from './lib/mutants/tree.mjs';
import { ensureReady, fail, root } from './lib/setup.mjs';

const USAGE = `npm run mutants -- [options]

  --list        show the catalogue, run nothing
  --check       only see that every mutant still fits the code and its tests, and that docs/mutants.md is up to date
  --only <id>   only this mutant (may be given several times)
  --sample      only the few quick ones that CI runs
  --jobs <n>    mutants at the same time, each in a copy of the tree of its own; default 1
  --json        the results as JSON lines instead of the table
  --write       after a whole run that went as the catalogue says: write docs/mutants.md
`;
const DOCUMENT = 'docs/mutants.md';

const options = readOptions();
const mutants = chosen();
if (options.list) {
  for (const mutant of mutants) process.stdout.write(`${mutant.id}\n    ${mutant.file}\n    ${mutant.promise}\n`);
  process.exit(0);
}
await checkAll();
if (options.check) process.exit(0);
ensureReady();
process.exitCode = await main();

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        list: { type: 'boolean', default: false },
        check: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [] },
        sample: { type: 'boolean', default: false },
        jobs: { type: 'string', default: '1' },
        json: { type: 'boolean', default: false },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
    if (values.help) {
      process.stdout.write(USAGE);
      process.exit(0);
    }
    const jobs = Number(values.jobs);
    if (!Number.isInteger(jobs) || jobs < 1) throw new Error('--jobs must be a whole number from 1.');
    if (values.write && (values.only.length > 0 || values.sample)) throw new Error('--write needs a whole run.');
    return { ...values, jobs };
  } catch (error) {
    return fail(`${error.message}\n\n${USAGE}`, 2);
  }
}

function chosen() {
  for (const id of options.only) {
    if (!CATALOGUE.some((mutant) => mutant.id === id)) fail(`There is no mutant "${id}"; see --list.`, 2);
  }
  if (options.sample) return CATALOGUE.filter((mutant) => mutant.sample);
  return options.only.length === 0 ? CATALOGUE : CATALOGUE.filter(({ id }) => options.only.includes(id));
}

/** Ends the process when a mutant does not fit the code any more, or the document does not fit the catalogue. */
async function checkAll() {
  const problems = checkCatalogue(root, mutants);
  if (problems.length > 0)
    fail(`The catalogue of mutants is stale:\n${problems.map((text) => `  ${text}\n`).join('')}`);
  if (!options.check) return;
  const committed = readFileSync(join(root, DOCUMENT), 'utf8');
  if (committed !== (await document(CATALOGUE)))
    fail(`${DOCUMENT} is not what the catalogue says: run npm run mutants -- --write.`);
  process.stdout.write(`${CATALOGUE.length} mutants fit the code\n`);
}

async function main() {
  const copies = [];
  const clean = () => {
    stopTests();
    for (const copy of copies) removeTree(copy);
  };
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      clean();
      process.exit(1);
    });
  }
  try {
    for (let n = 0; n < Math.min(options.jobs, mutants.length); n += 1) copies.push(copyTree(root));
    if (!(await baselineIsGreen(copies[0]))) return 1;
    return await finish(await runAll(copies));
  } finally {
    clean();
  }
}

/** The tests that are to kill must all pass on the code as it is. */
async function baselineIsGreen(copy) {
  for (const project of ['unit', 'integration']) {
    const killers = mutants.flatMap((mutant) => mutant.killers).filter(({ file }) => projectOf(file) === project);
    if (killers.length === 0) continue;
    const started = performance.now();
    const result = judge(await runTests(copy, killers, { bail: false }), killers);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (result.verdict !== 'survived') {
      const detail = result.detail ?? `"${result.by.test}" fails (${result.by.file})`;
      process.stderr.write(`Without a mutant the ${project} tests do not pass: ${detail}\n`);
      return false;
    }
    if (!options.json)
      process.stdout.write(`without a mutant: all ${project} tests that are named pass (${seconds} s)\n`);
  }
  return true;
}

async function runAll(copies) {
  const waiting = [...mutants];
  const results = new Map();
  const work = async (copy) => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const result = await runOne(copy, mutant);
      results.set(mutant.id, result);
      process.stdout.write(`${options.json ? JSON.stringify(result) : line(mutant, result)}\n`);
    }
  };
  await Promise.all(copies.map(work));
  return mutants.map(({ id }) => results.get(id));
}

async function runOne(copy, mutant) {
  const started = performance.now();
  const remove = applyMutant(copy, mutant);
  let report;
  try {
    report = await runTests(copy, mutant.killers, { bail: true });
  } finally {
    remove();
  }
  const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
  return outcome(mutant, judge(report, mutant.killers), seconds);
}

async function finish(results) {
  const { text, json, good } = summary(mutants, results);
  process.stdout.write(options.json ? `${JSON.stringify(json)}\n` : text);
  if (good && options.write) writeFileSync(join(root, DOCUMENT), await document(CATALOGUE));
  return good ? 0 : 1;
}
