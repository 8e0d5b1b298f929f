// npm run livetap -- <command>: does all set-up of a fresh clone, then runs the command line. The set-up speaks on stderr:
// stdout may be a pipe of events.
import { spawnSync } from 'node:child_process';

const setup = `import { ensureReady } from ${JSON.stringify(new URL('./lib/setup.mjs', import.meta.url).href)}; ensureReady();`;
const { status } = spawnSync(process.execPath, ['--input-type=module', '--eval', setup], {
  stdio: ['ignore', process.stderr, process.stderr],
});
if (status === 0) await import('../apps/watcher/bin/livetap.mjs');
else process.exitCode = status ?? 1;
