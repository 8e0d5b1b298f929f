import { randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CrashPoint, type CrashPoints, NO_CRASH_POINTS } from '../common/crash-point.js';
import { lockDirectory } from '../journal/directory-lock.adapter.js';
import { isDiskFull } from '../journal/disk-full.js';
import { JournalError } from '../journal/journal.errors.js';
import { directoryError } from '../journal/open-journal.adapter.js';
import { OperationError } from './operation.errors.js';

export interface DataFolder {
  readonly path: string;
  /** Identity of this replica: made once, kept with its journal. */
  readonly replicaId: string;
  /** Lets another process use the folder. */
  release(): Promise<void>;
}

/** Its name in the data folder. */
export const REPLICA_ID_FILE = 'replica-id';
const REPLICA_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function isReplicaId(text: string): boolean {
  return REPLICA_ID.test(text);
}

/**
 * Takes the data folder for this process: makes it if need be, locks it, reads or makes the replica id.
 * @throws JournalError WATCHER_JOURNAL_LOCKED, WATCHER_JOURNAL_DISK_FULL (retryable); OperationError WATCHER_DATA_DIR_UNUSABLE
 */
export async function takeDataFolder(path: string, crashPoints: CrashPoints = NO_CRASH_POINTS): Promise<DataFolder> {
  try {
    await mkdir(path, { recursive: true });
    const lock = await lockDirectory(path);
    try {
      return { path, replicaId: await replicaId(path, crashPoints), release: () => lock.release() };
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (cause) {
    if (cause instanceof JournalError || cause instanceof OperationError) throw cause;
    if (isDiskFull(cause)) throw directoryError(path, cause);
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
    throw new OperationError(
      'WATCHER_DATA_DIR_UNUSABLE',
      `The data folder ${path} cannot be used${code}. Give the user of this process the right to write there, or set LIVETAP_DATA_DIR to another folder.`,
      { cause },
    );
  }
}

async function replicaId(folder: string, crashPoints: CrashPoints): Promise<string> {
  const path = join(folder, REPLICA_ID_FILE);
  const stored = await readFile(path, 'utf8').catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (stored !== undefined) {
    const id = stored.trim();
    if (isReplicaId(id)) return id;
    throw new OperationError(
      'WATCHER_DATA_DIR_UNUSABLE',
      `${path} holds no replica id. It was changed by hand: restore it, or remove it so that this replica gets a new identity (its leases are then free after 15 seconds).`,
    );
  }
  const id = randomUUID();
  // Complete or absent, also after a power cut: the name appears when the content is on the disk.
  const draft = `${path}.${id}`;
  try {
    const file = await open(draft, 'wx');
    try {
      await file.writeFile(`${id}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    crashPoints.reached(CrashPoint.ReplicaIdBeforeRename);
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
  return id;
}
