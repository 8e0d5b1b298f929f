// npm run quota: all streamers go live at once with a small quota of the sign server. See test/quota.
import { runnerImport } from 'vite';
import { ensureReady, root } from './lib/setup.mjs';

ensureReady();
// The test's sources are TypeScript: run as they are, without a build.
const { module } = await runnerImport('./test/quota/main.ts', { root, configFile: false, logLevel: 'error' });
process.exit(await module.main(process.argv.slice(2)));
