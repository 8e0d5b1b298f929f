import { Redactor } from '../common/redactor.js';
import { SystemClock, SystemRandom } from '../common/system-clock.adapter.js';
import { loadConfig, secretsOf } from '../config/load-config.js';
import { readEnvironment } from '../config/read-environment.js';
import { readBuildInfo } from '../operations/build-info.adapter.js';
import { EXIT } from '../operations/exit-codes.js';
import { JsonLogger } from '../operations/json-logger.js';
import { runCommandLine } from './program.js';
import { progressBar } from './progress.adapter.js';

const KEEP_ALIVE_MS = 60_000;

const interruption = new AbortController();
const interrupt = (): void => {
  // A second one ends the process at once.
  if (interruption.signal.aborted) process.exit(EXIT.IMPATIENT);
  interruption.abort(new Error('interrupted'));
};
process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);
// Who reads the events has enough of them: `livetap replay … | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? EXIT.OK : EXIT.SOFTWARE),
);

// The clock's timers do not keep the process alive; between two sockets nothing else would.
const keepAlive = setInterval(() => undefined, KEEP_ALIVE_MS);
process.exitCode = await runCommandLine(process.argv.slice(2), {
  clock: new SystemClock(),
  random: new SystemRandom(),
  build: readBuildInfo(),
  config: () => loadConfig(readEnvironment()),
  environment: () => readEnvironment(),
  fetch,
  progress: (label, total) => progressBar(process.stderr, label, total),
  logger: (config) => new JsonLogger({ level: config.logLevel, redactor: new Redactor(secretsOf(config)) }),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  interrupted: interruption.signal,
});
clearInterval(keepAlive);
