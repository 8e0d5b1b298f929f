// npm start: does all set-up of a fresh clone, then runs the service in this process.
import { ensureReady } from './lib/setup.mjs';

ensureReady();
await import('../apps/watcher/dist/main.js');
