// npm run history:load: how fast lists and queries of history are with 10 million snapshots and 5 million gifters. See
// test/history-load.
import { runnerImport } from 'vite';
import { ensureReady, root } from './lib/setup.mjs';

ensureReady();
// The sources are TypeScript: run as they are, without a build.
const { module } = await runnerImport('./test/history-load/main.ts', { root, configFile: false, logLevel: 'error' });
process.exit(await module.main(process.argv.slice(2)));
