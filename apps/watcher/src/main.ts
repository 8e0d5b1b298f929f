import 'reflect-metadata';
import { NO_CRASH_POINTS } from './common/crash-point.js';
import { runWatcher } from './run-watcher.js';

process.exit(await runWatcher(NO_CRASH_POINTS));
