// npm test: sets everything up, then runs the suites. `--suite recordings` runs the suite on recorded messages.
// One line at the end: `N passed, N failed, N skipped`. With CI=true a skipped test fails the run.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureReady, root } from './lib/setup.mjs';

const suite = process.argv.includes('--suite') ? process.argv[process.argv.indexOf('--suite') + 1] : 'all';
const recordings = suite === 'recordings';

if (recordings && !process.env.LIVETAP_RECORDINGS_DIR) {
  process.stdout.write('skipped: LIVETAP_RECORDINGS_DIR is not set; this suite needs recorded messages.\n');
  process.exit(0);
}

ensureReady();

const results = join(root, '.cache', `test-results-${suite}.json`);
mkdirSync(join(root, '.cache'), { recursive: true });
rmSync(results, { force: true });

const projects = recordings ? ['recordings'] : ['unit', 'integration'];
const vitest = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/vitest/vitest.mjs'),
    'run',
    ...projects.flatMap((project) => ['--project', project]),
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
  ],
  { cwd: root, stdio: 'inherit' },
);

if (!existsSync(results)) {
  process.stdout.write('0 passed, 1 failed\n');
  process.exit(vitest.status || 1);
}
const report = JSON.parse(readFileSync(results, 'utf8'));
const skipped = report.numPendingTests + (report.numTodoTests ?? 0);
// A file that fails to load has no tests: it counts as one failure.
const brokenFiles = report.testResults.filter(
  (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
).length;
const failed = report.numFailedTests + brokenFiles;
process.stdout.write(`${report.numPassedTests} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}\n`);
if (skipped && process.env.CI === 'true') {
  process.stdout.write('Skipped tests fail the run where CI is set: every server must be available there.\n');
  process.exit(1);
}
process.exit(failed ? 1 : (vitest.status ?? 1));
