import { constants, write } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { CrashPoint, type CrashPoints, NO_CRASH_POINTS } from '../common/crash-point.js';
import { lockDirectory, type DirectoryLock } from './directory-lock.adapter.js';
import type { JournalDisk, ReadableJournalDisk, SegmentFile, SegmentWriter } from './journal-disk.port.js';

const SEGMENT_NAME = /^(\d{16})\.segment$/;
const DOCUMENTS = {
  identity: {
    file: 'journal.json',
    beforeRename: CrashPoint.JournalIdentityBeforeRename,
    renamed: CrashPoint.JournalIdentityRenamed,
  },
  cursors: {
    file: 'cursors.json',
    beforeRename: CrashPoint.CursorsBeforeRename,
    renamed: CrashPoint.CursorsRenamed,
  },
} as const;

/**
 * Each write to a file that was opened with this flag is on the disk when it returns. On Linux alone: macOS has a flag of that name,
 * which leaves the bytes in the memory of the drive, and `fdatasync` there does not.
 */
export const WRITE_THROUGH = process.platform === 'linux' ? constants.O_DSYNC : 0;

/** The directory of a journal on the local file system, locked for this process. */
export class FileJournalDisk implements JournalDisk {
  private constructor(
    private readonly directory: string,
    private readonly lock: DirectoryLock,
    private readonly crashPoints: CrashPoints,
    private readonly writeThrough: number,
  ) {}

  /**
   * Makes the directory if need be. `writeThrough`: the flag of files that each write flushes, 0 where there is none
   * and a flush has to follow. @throws JournalError WATCHER_JOURNAL_LOCKED
   */
  static async open(
    directory: string,
    crashPoints: CrashPoints = NO_CRASH_POINTS,
    writeThrough = WRITE_THROUGH,
  ): Promise<FileJournalDisk> {
    await mkdir(directory, { recursive: true });
    return new FileJournalDisk(directory, await lockDirectory(directory), crashPoints, writeThrough);
  }

  /** For reading alone, also while another process writes: takes no lock, makes nothing. The directory must exist. */
  static reading(directory: string): ReadableJournalDisk {
    return new FileJournalDisk(directory, { release: () => Promise.resolve() }, NO_CRASH_POINTS, 0);
  }

  async readDocument(name: 'identity' | 'cursors'): Promise<string | undefined> {
    try {
      return await readFile(join(this.directory, DOCUMENTS[name].file), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async writeDocument(name: 'identity' | 'cursors', text: string): Promise<void> {
    const { file: fileName, beforeRename, renamed } = DOCUMENTS[name];
    const path = join(this.directory, fileName);
    const next = `${path}.next`;
    if (name === 'cursors') this.crashPoints.reached(CrashPoint.CursorsBeforeWrite);
    const file = await open(next, 'w');
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    this.crashPoints.reached(beforeRename);
    await rename(next, path);
    if (name === 'identity') await this.#syncDirectory();
    this.crashPoints.reached(renamed);
  }

  async segments(): Promise<readonly SegmentFile[]> {
    const found: SegmentFile[] = [];
    for (const name of await readdir(this.directory)) {
      const match = SEGMENT_NAME.exec(name);
      if (match?.[1] === undefined) continue;
      found.push({ firstOffset: Number(match[1]), size: (await stat(join(this.directory, name))).size });
    }
    return found.sort((a, b) => a.firstOffset - b.firstOffset);
  }

  async read(firstOffset: number, position: number, length: number): Promise<Buffer> {
    const file = await open(this.#path(firstOffset), 'r');
    try {
      const bytes = Buffer.allocUnsafe(length);
      let held = 0;
      while (held < length) {
        const { bytesRead } = await file.read(bytes, held, length - held, position + held);
        if (bytesRead === 0) break;
        held += bytesRead;
      }
      return bytes.subarray(0, held);
    } finally {
      await file.close();
    }
  }

  async createSegment(firstOffset: number, header: Uint8Array): Promise<SegmentWriter> {
    const { O_WRONLY, O_CREAT, O_TRUNC } = constants;
    const file = await open(this.#path(firstOffset), O_WRONLY | O_CREAT | O_TRUNC | this.writeThrough);
    this.crashPoints.reached(CrashPoint.SegmentWithoutHeader);
    try {
      await writeAll(file.fd, header, 0);
      await file.datasync();
      await this.#syncDirectory();
    } catch (error) {
      // What is left is no segment: a start cuts it, the next attempt begins it anew.
      await file.close();
      throw error;
    }
    this.crashPoints.reached(CrashPoint.SegmentCreated);
    return this.#writer(file, header.length);
  }

  async openSegment(firstOffset: number, size: number): Promise<SegmentWriter> {
    const file = await open(this.#path(firstOffset), constants.O_RDWR | this.writeThrough);
    this.crashPoints.reached(CrashPoint.RecoveryBeforeCut);
    await file.truncate(size);
    await file.sync();
    this.crashPoints.reached(CrashPoint.RecoveryCut);
    return this.#writer(file, size);
  }

  #writer(file: FileHandle, size: number): SegmentWriter {
    return new FileSegmentWriter(file, size, this.writeThrough !== 0, this.crashPoints);
  }

  async deleteSegment(firstOffset: number): Promise<void> {
    this.crashPoints.reached(CrashPoint.SegmentBeforeDelete);
    await unlink(this.#path(firstOffset));
    this.crashPoints.reached(CrashPoint.SegmentDeleted);
  }

  fileName(firstOffset: number): string {
    return `${String(firstOffset).padStart(16, '0')}.segment`;
  }

  release(): Promise<void> {
    return this.lock.release();
  }

  #path(firstOffset: number): string {
    return join(this.directory, this.fileName(firstOffset));
  }

  /** Makes a new or renamed name durable. Windows cannot open directories and needs no such thing. */
  async #syncDirectory(): Promise<void> {
    if (process.platform === 'win32') return;
    const directory = await open(this.directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}

/** One call may write less than it was given. By the call with a callback: it costs half of what the one with a promise does. */
function writeAll(fd: number, bytes: Uint8Array, position: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const writeFrom = (start: number): void => {
      write(fd, bytes, start, bytes.length - start, position + start, (error, written) => {
        if (error !== null) reject(error);
        else if (start + written < bytes.length) writeFrom(start + written);
        else resolve();
      });
    };
    writeFrom(0);
  });
}

class FileSegmentWriter implements SegmentWriter {
  constructor(
    private readonly file: FileHandle,
    private position: number,
    private readonly writesThrough: boolean,
    private readonly crashPoints: CrashPoints,
  ) {}

  async append(bytes: Uint8Array): Promise<void> {
    this.crashPoints.reached(CrashPoint.JournalBeforeWrite);
    await writeAll(this.file.fd, bytes, this.position);
    this.crashPoints.reached(CrashPoint.JournalWritten);
    if (!this.writesThrough) await this.file.datasync();
    this.crashPoints.reached(CrashPoint.JournalFlushed);
    this.position += bytes.length;
  }

  async close(): Promise<void> {
    await this.file.close();
    this.crashPoints.reached(CrashPoint.SegmentClosed);
  }
}
