// The service as it is built, but for one thing: it ends itself by SIGKILL at a crash point.
// `LIVETAP_TEST_CRASH_AT=<point>#<k>+<ms>`: at the k-th passing of the point, counted from `ms` after the start on.
// The service's own program (dist/main.js) knows nothing of this variable.
import 'reflect-metadata';
import { writeSync } from 'node:fs';
import { CRASH_POINTS, NO_CRASH_POINTS } from '../../apps/watcher/dist/common/crash-point.js';
import { runWatcher } from '../../apps/watcher/dist/run-watcher.js';

function killAt(order) {
  const [, point, passings, delayMs] = /^([A-Za-z.]+)#(\d+)\+(\d+)$/.exec(order) ?? [];
  if (!CRASH_POINTS.includes(point)) throw new RangeError(`LIVETAP_TEST_CRASH_AT=${order} names no crash point.`);
  const from = performance.now() + Number(delayMs);
  let left = Number(passings);
  return {
    reached(passed) {
      if (passed !== point || performance.now() < from) return;
      left -= 1;
      if (left > 0) return;
      writeSync(2, `crash point ${point}\n`);
      process.kill(process.pid, 'SIGKILL');
    },
  };
}

const order = process.env.LIVETAP_TEST_CRASH_AT;
process.exit(await runWatcher(order === undefined ? NO_CRASH_POINTS : killAt(order)));
