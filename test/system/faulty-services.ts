import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Watcher } from './processes.js';
import { eventually } from './processes.js';

export interface ReadinessBody {
  readonly status: string;
  readonly reasons: readonly { readonly code: string; readonly message: string }[];
}

/** What /readyz says, and the codes of its reasons. */
export async function readiness(watcher: Watcher): Promise<{ ready: boolean; codes: string[]; body: ReadinessBody }> {
  const answer = await watcher.call('/readyz');
  const body = (await answer.json()) as ReadinessBody;
  return { ready: answer.status === 200, codes: body.reasons.map(({ code }) => code), body };
}

/** Waits until readiness gives one of the codes; returns how long that took, ms. The process must be alive all the time. */
export async function untilReason(watcher: Watcher, codes: readonly string[], deadlineMs = 60_000): Promise<number> {
  const since = performance.now();
  await eventually(
    `readiness says ${codes.join(' or ')}`,
    async () => {
      if ((await watcher.call('/livez')).status !== 200) throw new Error('not alive');
      return (await readiness(watcher)).codes.some((code) => codes.includes(code)) ? true : undefined;
    },
    deadlineMs,
  );
  return performance.now() - since;
}

export async function untilReady(watcher: Watcher, deadlineMs = 60_000): Promise<number> {
  const since = performance.now();
  await eventually('ready', async () => ((await readiness(watcher)).ready ? true : undefined), deadlineMs);
  return performance.now() - since;
}

/** A small file system of its own in memory. Needs root on Linux. */
export class SmallDisk {
  private constructor(readonly path: string) {}

  /** The disk, or why there is none. */
  static async mount(mebibytes: number): Promise<SmallDisk | string> {
    if (process.platform !== 'linux') return 'a small file system needs Linux';
    const path = await mkdtemp(join(tmpdir(), 'livetap-disk-'));
    try {
      await promisify(execFile)('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', path]);
      return new SmallDisk(path);
    } catch (error) {
      await rm(path, { recursive: true });
      return `mounting is not possible here (${error instanceof Error ? error.message.split('\n')[0] : 'unknown'})`;
    }
  }

  /** Takes all space but `leaveBytes` away. */
  async fill(leaveBytes: number): Promise<void> {
    const { bavail, bsize } = await statfs(this.path);
    const size = bavail * bsize - leaveBytes;
    if (size <= 0) return;
    try {
      await writeFile(join(this.path, `ballast-${Date.now()}`), Buffer.alloc(size));
    } catch (error) {
      // Somebody else wrote meanwhile: it is full, which is what was asked for.
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }

  /** Gives it back. */
  async free(): Promise<void> {
    await promisify(execFile)('sh', ['-c', `rm -f "${this.path}"/ballast-*`]);
  }

  async readOnly(): Promise<void> {
    await promisify(execFile)('mount', ['-o', 'remount,ro', this.path]);
  }

  async unmount(): Promise<void> {
    await promisify(execFile)('umount', ['-l', this.path]);
    await rm(this.path, { recursive: true, force: true });
  }
}
