// npm run simulate:schedule: how long starts of streamers go unnoticed, by habit and at a fixed interval. Time is simulated.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
import { ensureDependencies, root } from './lib/setup.mjs';

ensureDependencies();
const { module } = await runnerImport('./apps/watcher/src/streamers/testing/simulate-schedule.ts', {
  root,
  configFile: false,
  logLevel: 'error',
  resolve: { alias: { '@livetap/testkit': fileURLToPath(new URL('../libs/testkit/src/index.ts', import.meta.url)) } },
});
process.exit(await module.main(process.argv.slice(2)));
