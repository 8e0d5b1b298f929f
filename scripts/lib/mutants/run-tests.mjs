// Runs chosen tests of a copied tree in a process of their own.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Many times what a healthy run takes: only what hangs gets there. */
const UNIT_LIMIT_MS = 180_000;
/** Servers are started first. */
const INTEGRATION_LIMIT_MS = 900_000;
const BUILD_LIMIT_MS = 600_000;
/** Of what a run says before it fails without a report. */
const SAID_CHARACTERS = 500;

const running = new Set();

/** Ends what is under way. */
export function stopTests() {
  for (const child of running) end(child);
}

/**
 * Runs tests and returns what the reporter wrote (`report`), or why it wrote nothing (`failure`).
 * @param killers tests to run, see `judge`; all of one project of vitest
 */
export async function runTests(copy, killers, { bail }) {
  const report = join(copy, 'mutants-report.json');
  rmSync(report, { force: true });
  if (killers.some(({ file }) => startsTheService(file))) {
    const built = await run(copy, ['node_modules/typescript/bin/tsc', '-b'], BUILD_LIMIT_MS);
    if (built.late || built.code !== 0) return { failure: `it does not build: ${built.said}` };
  }
  const project = projectOf(killers[0].file);
  const named = killers.every(({ test }) => test !== undefined);
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--project',
    project,
    '--reporter=./scripts/lib/mutants/reporter.mjs',
    // What was compiled for one mutant serves the next, but for the file that changed.
    '--experimental.fsModuleCache',
    '--experimental.fsModuleCachePath=node_modules/.mutants-cache',
    ...(bail ? ['--bail=1'] : []),
    ...(named ? ['--testNamePattern', killers.map(({ test }) => escaped(test)).join('|')] : []),
    ...new Set(killers.map(({ file }) => file)),
  ];
  const limitMs = project === 'unit' ? UNIT_LIMIT_MS : INTEGRATION_LIMIT_MS;
  const { code, late, said } = await run(copy, args, limitMs, { LIVETAP_MUTANTS_REPORT: report });
  if (existsSync(report)) return { report: JSON.parse(readFileSync(report, 'utf8')) };
  if (late) return { failure: `the tests did not end within ${limitMs / 1000} s` };
  return { failure: `the tests did not run (exit ${code}): ${said}` };
}

/** Those tests run the compiled service, not its sources. */
function startsTheService(file) {
  return file.startsWith('test/system/');
}

async function run(copy, args, limitMs, env = {}) {
  const child = spawn(process.execPath, args, {
    cwd: copy,
    env: { ...process.env, ...env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: workers of vitest end with it.
    detached: process.platform !== 'win32',
  });
  running.add(child);
  let said = '';
  let printed = '';
  child.stderr.on('data', (bytes) => (said = `${said}${bytes}`.slice(-SAID_CHARACTERS)));
  // The compiler prints its errors here.
  child.stdout.on('data', (bytes) => (printed = `${printed}${bytes}`.slice(-SAID_CHARACTERS)));
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    end(child);
  }, limitMs);
  const code = await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject));
  clearTimeout(limit);
  running.delete(child);
  const words = (text) => text.trim().replaceAll(/\s+/g, ' ');
  return { code, late, said: words(said) || words(printed) || 'nothing was said' };
}

export function projectOf(file) {
  return file.startsWith('test/') ? 'integration' : 'unit';
}

function end(child) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill('SIGKILL');
    else process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // It has ended by itself meanwhile.
    if (error.code !== 'ESRCH') throw error;
  }
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
