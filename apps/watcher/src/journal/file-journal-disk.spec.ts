import { constants } from 'node:fs';
import { type FileHandle, mkdtemp, open, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CrashPoint, type CrashPoints } from '../common/crash-point.js';
import { FileJournalDisk } from './file-journal-disk.adapter.js';

type Flush = 'datasync' | 'sync';

/**
 * The order of flushes and crash points. A kill never shows that a flush is missing (the system keeps what a process wrote),
 * only the loss of power does: so the order is what can be tested.
 */
describe('FileJournalDisk', () => {
  let directory: string;
  let log: (Flush | CrashPoint)[];
  /** Ends the step at this place, as if the system had refused it there. */
  let refuseAt: CrashPoint | undefined;
  let disk: FileJournalDisk;
  let crashPoints: CrashPoints;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'livetap-disk-'));
    log = [];
    refuseAt = undefined;
    crashPoints = {
      reached: (point) => {
        if (point === refuseAt) throw Object.assign(new Error('refused by the test'), { code: 'ENOSPC' });
        log.push(point);
      },
    };
    disk = await FileJournalDisk.open(directory, crashPoints, 0);
    await watchFlushes();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await disk.release();
    await rm(directory, { recursive: true, force: true });
  });

  /** Files are flushed as ever; each flush is noted when it is done. */
  async function watchFlushes(): Promise<void> {
    const handle = await open(directory, 'r');
    const prototype = Object.getPrototypeOf(handle) as FileHandle;
    await handle.close();
    for (const flush of ['datasync', 'sync'] as const) {
      const original = Object.getOwnPropertyDescriptor(prototype, flush)?.value as (this: FileHandle) => Promise<void>;
      vi.spyOn(prototype, flush).mockImplementation(async function (this: FileHandle) {
        await original.call(this);
        log.push(flush);
      });
    }
  }

  it('flushes a group before it is confirmed', async () => {
    const writer = await disk.createSegment(1, Buffer.from('header'));
    log.length = 0;
    await writer.append(Buffer.from('group'));
    expect(log).toEqual([
      CrashPoint.JournalBeforeWrite,
      CrashPoint.JournalWritten,
      'datasync',
      CrashPoint.JournalFlushed,
    ]);
    await writer.close();
  });

  /** What the system says of the file that is open for writing. */
  async function flagsOf(name: string): Promise<number> {
    for (const fd of await readdir('/proc/self/fd')) {
      const target = await readlink(`/proc/self/fd/${fd}`).catch(() => '');
      if (target !== join(directory, name)) continue;
      const [, flags = ''] = /^flags:\s*([0-7]+)/m.exec(await readFile(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
      return parseInt(flags, 8);
    }
    throw new Error(`${name} is not open`);
  }

  it.runIf(process.platform === 'linux')('leaves the flush to the write where the system can', async () => {
    await disk.release();
    disk = await FileJournalDisk.open(directory, crashPoints);
    const created = await disk.createSegment(1, Buffer.from('header '));
    expect((await flagsOf(disk.fileName(1))) & constants.O_DSYNC).not.toBe(0);
    await created.append(Buffer.from('group '));
    await created.close();
    const reopened = await disk.openSegment(1, 'header group '.length);
    expect((await flagsOf(disk.fileName(1))) & constants.O_DSYNC).not.toBe(0);
    log.length = 0;
    await reopened.append(Buffer.from('another'));
    expect(log).toEqual([CrashPoint.JournalBeforeWrite, CrashPoint.JournalWritten, CrashPoint.JournalFlushed]);
    await reopened.close();
    expect(await readFile(join(directory, disk.fileName(1)), 'utf8')).toBe('header group another');
  });

  it('flushes a new segment and its name before it is used', async () => {
    const writer = await disk.createSegment(1, Buffer.from('header'));
    // The directory is flushed with everything: it is how a name becomes durable.
    const name: Flush[] = process.platform === 'win32' ? [] : ['sync'];
    expect(log).toEqual([CrashPoint.SegmentWithoutHeader, 'datasync', ...name, CrashPoint.SegmentCreated]);
    await writer.close();
  });

  it('flushes a document before it takes the place of the old one', async () => {
    await disk.writeDocument('cursors', 'new');
    expect(log).toEqual([
      CrashPoint.CursorsBeforeWrite,
      'datasync',
      CrashPoint.CursorsBeforeRename,
      CrashPoint.CursorsRenamed,
    ]);
    expect(await disk.readDocument('cursors')).toBe('new');
  });

  it('leaves the old document in place until the new one is whole', async () => {
    await disk.writeDocument('cursors', 'old');
    refuseAt = CrashPoint.CursorsBeforeRename;
    await expect(disk.writeDocument('cursors', 'new')).rejects.toMatchObject({ code: 'ENOSPC' });
    expect(await disk.readDocument('cursors')).toBe('old');
    refuseAt = undefined;
    await disk.writeDocument('cursors', 'newer');
    expect(await disk.readDocument('cursors')).toBe('newer');
    expect((await readdir(directory)).filter((name) => name.endsWith('.next'))).toEqual([]);
  });

  it('writes a refused group again to the same place', async () => {
    const writer = await disk.createSegment(1, Buffer.from('header '));
    await writer.append(Buffer.from('first '));
    refuseAt = CrashPoint.JournalWritten;
    await expect(writer.append(Buffer.from('second '))).rejects.toMatchObject({ code: 'ENOSPC' });
    refuseAt = undefined;
    await writer.append(Buffer.from('second '));
    await writer.append(Buffer.from('third'));
    await writer.close();
    expect(await readFile(join(directory, disk.fileName(1)), 'utf8')).toBe('header first second third');
  });

  it('cuts what follows the good end when a segment is opened again, and flushes the cut', async () => {
    const writer = await disk.createSegment(1, Buffer.from('header '));
    await writer.append(Buffer.from('good torn end'));
    await writer.close();
    log.length = 0;
    const reopened = await disk.openSegment(1, 'header good '.length);
    expect(log).toEqual([CrashPoint.RecoveryBeforeCut, 'sync', CrashPoint.RecoveryCut]);
    expect((await stat(join(directory, disk.fileName(1)))).size).toBe('header good '.length);
    await reopened.append(Buffer.from('on'));
    await reopened.close();
    expect(await readFile(join(directory, disk.fileName(1)), 'utf8')).toBe('header good on');
  });
});
