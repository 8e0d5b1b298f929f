import { mkdir, open, readdir, readFile, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { lockDirectory, type DirectoryLock } from './directory-lock.adapter.js';
import type { JournalDisk, SegmentFile, SegmentWriter } from './journal-disk.port.js';

const SEGMENT_NAME = /^(\d{16})\.segment$/;
const DOCUMENTS = { identity: 'journal.json', cursors: 'cursors.json' } as const;

/** The directory of a journal on the local file system, locked for this process. */
export class FileJournalDisk implements JournalDisk {
  private constructor(
    private readonly directory: string,
    private readonly lock: DirectoryLock,
  ) {}

  /** Makes the directory if need be. @throws JournalError WATCHER_JOURNAL_LOCKED */
  static async open(directory: string): Promise<FileJournalDisk> {
    await mkdir(directory, { recursive: true });
    return new FileJournalDisk(directory, await lockDirectory(directory));
  }

  async readDocument(name: 'identity' | 'cursors'): Promise<string | undefined> {
    try {
      return await readFile(join(this.directory, DOCUMENTS[name]), 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async writeDocument(name: 'identity' | 'cursors', text: string): Promise<void> {
    const path = join(this.directory, DOCUMENTS[name]);
    const next = `${path}.next`;
    const file = await open(next, 'w');
    try {
      await file.writeFile(text);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(next, path);
    if (name === 'identity') await this.#syncDirectory();
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
    const file = await open(this.#path(firstOffset), 'w');
    const writer = new FileSegmentWriter(file, 0);
    await writer.append(header);
    await this.#syncDirectory();
    return writer;
  }

  async openSegment(firstOffset: number, size: number): Promise<SegmentWriter> {
    const file = await open(this.#path(firstOffset), 'r+');
    await file.truncate(size);
    await file.sync();
    return new FileSegmentWriter(file, size);
  }

  async deleteSegment(firstOffset: number): Promise<void> {
    await unlink(this.#path(firstOffset));
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

class FileSegmentWriter implements SegmentWriter {
  constructor(
    private readonly file: FileHandle,
    private position: number,
  ) {}

  async append(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      const { bytesWritten } = await this.file.write(bytes, written, bytes.length - written, this.position + written);
      written += bytesWritten;
    }
    await this.file.datasync();
    this.position += bytes.length;
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
