// npm run fleet: several replicas on a real Postgres and Kafka, one of them killed, stopped, cut off and so on; compares all
// topics with what was sent. See test/fleet.
import { runnerImport } from 'vite';
import { ensureReady, root } from './lib/setup.mjs';

ensureReady();
// The test's sources are TypeScript: run as they are, without a build.
const { module } = await runnerImport('./test/fleet/main.ts', { root, configFile: false, logLevel: 'error' });
process.exit(await module.main(process.argv.slice(2)));
