import { PassThrough, Readable } from 'node:stream';
import { runCommandLine } from '../../apps/watcher/src/cli/program.js';
import { SILENT_LOGGER } from '../../apps/watcher/src/common/logger.port.js';
import { SystemClock, SystemRandom } from '../../apps/watcher/src/common/system-clock.adapter.js';
import { loadConfig } from '../../apps/watcher/src/config/load-config.js';
import type { Finding } from '../../apps/watcher/src/operations/doctor/finding.js';

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `livetap doctor --json` prints. */
export interface DoctorReport {
  readonly ok: boolean;
  readonly faults: number;
  readonly warnings: number;
  readonly exitCode: number;
  readonly findings: readonly Finding[];
}

/** The command line, in this process: the same parts as in one of its own, without its start. */
export async function livetap(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  stdin = '',
): Promise<Ran> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const printed = [stdout.toArray(), stderr.toArray()];
  const exit = await runCommandLine(args, {
    clock: new SystemClock(),
    random: new SystemRandom(),
    build: { version: '0.0.0', commit: 'test' },
    config: () => loadConfig(environment),
    environment: () => environment,
    fetch,
    progress: () => ({ shown: false, set: () => undefined, stop: () => undefined }),
    logger: () => SILENT_LOGGER,
    stdin: Readable.from([stdin]),
    stdout,
    stderr,
    interrupted: new AbortController().signal,
  });
  stdout.end();
  stderr.end();
  const [out = '', err = ''] = (await Promise.all(printed)).map((chunks) =>
    Buffer.concat(chunks as Buffer[]).toString(),
  );
  return { exit, stdout: out, stderr: err };
}
