import { randomUUID } from 'node:crypto';
import { open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { JournalError } from './journal.errors.js';

export interface DirectoryLock {
  release(): Promise<void>;
}

interface LockOwner {
  readonly pid: number;
  /** What tells this process from a later one with the same pid: boot and start time; empty where the system cannot say. */
  readonly process: string;
  readonly token: string;
}

const LOCK_FILE = 'lock';
/** A take-over of a stale lock takes milliseconds; one that is older was interrupted. */
const TAKE_OVER_STALE_MS = 10_000;
const ATTEMPTS = 50;
const ATTEMPT_PAUSE_MS = 20;

/**
 * Holds a directory for this process until `release` or its end. A lock of a process that no longer lives is taken over.
 * The directory must exist.
 * @throws JournalError WATCHER_JOURNAL_LOCKED when a living process (also this one) holds it
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, LOCK_FILE);
  const mine: LockOwner = { pid: process.pid, process: await processIdentity(process.pid), token: randomUUID() };
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (await createExclusive(path, JSON.stringify(mine))) return { release: () => release(path, mine) };
    const owner = await readOwner(path);
    if (owner === 'gone') continue;
    if (owner !== 'unreadable' && (await isAlive(owner))) {
      throw new JournalError(
        'WATCHER_JOURNAL_LOCKED',
        `${directory} is in use by process ${owner.pid}; stop it or choose another data directory.`,
        {
          context: { directory, pid: owner.pid },
        },
      );
    }
    if (await takeOver(path, owner, mine)) return { release: () => release(path, mine) };
    await new Promise((resolve) => setTimeout(resolve, ATTEMPT_PAUSE_MS));
  }
  throw new JournalError(
    'WATCHER_JOURNAL_LOCKED',
    `${directory} is being taken over by another process again and again.`,
    { context: { directory } },
  );
}

/** The living process that holds a directory, without taking it; undefined when there is none. */
export async function lockHolder(directory: string): Promise<number | undefined> {
  const owner = await readOwner(join(directory, LOCK_FILE));
  return typeof owner === 'object' && (await isAlive(owner)) ? owner.pid : undefined;
}

/** Only one process at a time replaces a stale lock: it holds a second file while it looks again and renames. */
async function takeOver(path: string, stale: LockOwner | 'unreadable', mine: LockOwner): Promise<boolean> {
  const guard = `${path}.taking`;
  if (!(await createExclusive(guard, JSON.stringify(mine)))) {
    const age = await stat(guard).then(
      (found) => Date.now() - found.mtimeMs,
      () => 0,
    );
    if (age > TAKE_OVER_STALE_MS) await removeQuietly(guard);
    return false;
  }
  try {
    const now = await readOwner(path);
    const same = typeof now === 'object' && typeof stale === 'object' ? now.token === stale.token : now === stale;
    if (!same) return false;
    const next = `${path}.${mine.token}`;
    await createExclusive(next, JSON.stringify(mine));
    await rename(next, path);
    return true;
  } finally {
    await removeQuietly(guard);
  }
}

async function release(path: string, mine: LockOwner): Promise<void> {
  const owner = await readOwner(path);
  if (typeof owner === 'object' && owner.token === mine.token) await removeQuietly(path);
}

async function createExclusive(path: string, text: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } catch (error) {
      // A name without its content, as a full disk leaves it, would look like a lock that somebody is writing.
      await removeQuietly(path);
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/** A lock that cannot be parsed was cut off while it was written: its writer died or writes this very moment. */
async function readOwner(path: string): Promise<LockOwner | 'gone' | 'unreadable'> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      const owner = JSON.parse(await readFile(path, 'utf8')) as Partial<LockOwner>;
      if (typeof owner.pid === 'number' && typeof owner.token === 'string') {
        return { pid: owner.pid, process: String(owner.process ?? ''), token: owner.token };
      }
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return 'gone';
      if (!(error instanceof SyntaxError)) throw error;
    }
    if (attempt === 5) return 'unreadable';
    await new Promise((resolve) => setTimeout(resolve, ATTEMPT_PAUSE_MS));
  }
}

async function isAlive(owner: LockOwner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if (hasCode(error, 'ESRCH')) return false;
    // EPERM: it lives and belongs to somebody else.
  }
  const identity = await processIdentity(owner.pid);
  return identity === '' || owner.process === '' || identity === owner.process;
}

/** Linux: boot id and start time of the process, so that a reused pid is not taken for the old process. */
async function processIdentity(pid: number): Promise<string> {
  try {
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8');
    const status = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The command in parentheses may hold spaces; the start time is the 20th field after it.
    const started = status.slice(status.lastIndexOf(')') + 2).split(' ')[19];
    return `${boot.trim()}:${started ?? ''}`;
  } catch {
    // Not Linux, or the process ended this moment: the pid alone decides.
    return '';
  }
}

async function removeQuietly(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (!hasCode(error, 'ENOENT')) throw error;
  });
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
