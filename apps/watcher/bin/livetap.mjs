#!/usr/bin/env node
// The command line `livetap`. In a clone it is built by `npm run build`, `npm start` or `npm run livetap`.
import { existsSync } from 'node:fs';

const built = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(built)) await import(built.href);
else {
  process.stderr.write('livetap is not built yet. Run: npm run build\n');
  process.exitCode = 69;
}
