// npm run openapi: the OpenAPI document against a running service: clients made from it in two languages, and schemathesis.
// --long asks much more. See test/openapi.
import { runnerImport } from 'vite';
import { ensureReady, root } from './lib/setup.mjs';

ensureReady();
// The test's sources are TypeScript: run as they are, without a build.
const { module } = await runnerImport('./test/openapi/main.ts', { root, configFile: false, logLevel: 'error' });
process.exit(await module.main(process.argv.slice(2)));
