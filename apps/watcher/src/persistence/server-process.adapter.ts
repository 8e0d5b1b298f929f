import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, readlink, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SYSTEM_PATH } from './server-identity.adapter.js';

const run = promisify(execFile);
const POLL_MS = 20;

/** What the server wrote about itself into its data folder. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
}

/** Reads `postmaster.pid`; undefined when there is none or it is not complete. */
export async function readPostmasterFile(cluster: string): Promise<PostmasterFile | undefined> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number.isInteger(port) ? port : 0 };
}

/** True while a process with this id runs, whoever owns it. One that has ended but was not collected does not count. */
export function processExists(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return !/^\d+ \(.*\) [ZX]/.test(processStat(pid));
}

/** Linux only; elsewhere empty. */
function processStat(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return '';
  }
}

/**
 * True when the process is a Postgres that works in this data folder (ids are used again: after a reboot the number in
 * an old file may be anybody's).
 */
export async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  if (!processExists(pid)) return false;
  const folder = await realpath(cluster).catch(() => cluster);
  const workingFolder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
  if (workingFolder !== undefined) return workingFolder === folder;
  const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)], { env: { PATH: SYSTEM_PATH } }).catch(
    () => ({ stdout: '' }),
  );
  return stdout.includes('postgres') && (stdout.includes(cluster) || stdout.includes(folder));
}

/** Waits until the process is gone, at most `timeoutMs`. */
export async function waitForExit(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (processExists(pid)) {
    if (performance.now() >= deadline) return false;
    await delay(POLL_MS);
  }
  return true;
}

/**
 * Stops a server: fast shutdown (open transactions are rolled back, everything is written), after `fastMs` the
 * immediate one (the next start recovers from the log). Resolves when the process is gone.
 */
export async function stopServer(pid: number, fastMs: number, immediateMs = 10_000): Promise<boolean> {
  for (const [signal, timeoutMs] of [
    ['SIGINT', fastMs],
    ['SIGQUIT', immediateMs],
  ] as const) {
    try {
      process.kill(pid, signal);
      // A stopped process would take the signal only when it goes on.
      process.kill(pid, 'SIGCONT');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
      return false;
    }
    if (await waitForExit(pid, timeoutMs)) return true;
  }
  return false;
}
