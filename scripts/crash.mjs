// npm run crash: kills the watcher under load, again and again, and checks that nothing admitted is lost. See test/crash.
import { runnerImport } from 'vite';
import { ensureReady, root } from './lib/setup.mjs';

ensureReady();
// The test's sources are TypeScript: run as they are, without a build.
const { module } = await runnerImport('./test/crash/main.ts', { root, configFile: false, logLevel: 'error' });
process.exit(await module.main(process.argv.slice(2)));
