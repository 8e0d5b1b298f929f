import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock, sampleEvent } from '@livetap/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileJournalDisk } from './file-journal-disk.adapter.js';
import { inspectJournal } from './inspect-journal.js';
import { openJournal } from './open-journal.adapter.js';
import type { SegmentJournal } from './segment-journal.js';

describe('a journal that is only looked at', () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'livetap-journal-'))));
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const inspect = (): ReturnType<typeof inspectJournal> => inspectJournal(FileJournalDisk.reading(directory));
  const open = (): Promise<SegmentJournal> =>
    openJournal({ directory, maxBytes: 1_000_000, maxAgeMs: 1_000, clock: new FakeClock(), segmentBytes: 2_000 });
  const files = async (): Promise<[string, string][]> =>
    Promise.all(
      (await readdir(directory))
        .sort()
        .map(async (name) => [name, (await readFile(join(directory, name))).toString('hex')] as [string, string]),
    );
  const newest = async (): Promise<string> =>
    join(
      directory,
      (await readdir(directory))
        .filter((name) => name.endsWith('.segment'))
        .sort()
        .at(-1) ?? '',
    );

  it('that was never used is none', async () => {
    expect(await inspect()).toBeUndefined();
  });

  it('is told while another process has it, and stays as it is', async () => {
    const journal = await open();
    const reader = await journal.reader('publisher');
    for (let n = 1; n <= 40; n += 1) await journal.append([sampleEvent(n)]);
    await reader.read({ maxEvents: 30, maxBytes: 1_000_000 });
    reader.commit(30);
    const before = await files();
    const look = await inspect();
    expect(look).toMatchObject({ lastOffset: 40 });
    expect(look?.segments).toBeGreaterThan(1);
    expect(await files()).toEqual(before);
    await journal.close();
    expect(await inspect()).toMatchObject({
      lastOffset: 40,
      pendingEvents: 10,
      readers: [{ name: 'publisher', committed: 30, pending: 10 }],
    });
  });

  it('with a torn tail is sound, and the tail stays', async () => {
    const journal = await open();
    await journal.append([sampleEvent(1)]);
    await journal.close();
    const path = await newest();
    await writeFile(path, Buffer.concat([await readFile(path), Buffer.from('torn')]));
    const before = await files();
    expect(await inspect()).toMatchObject({ lastOffset: 1 });
    expect(await files()).toEqual(before);
  });

  it.each([
    ['a flipped bit before durable records', (bytes: Buffer) => (bytes[60] = (bytes[60] ?? 0) ^ 1), bytesAsTheyAre],
    ['durable events missing at its end', () => undefined, (bytes: Buffer) => bytes.subarray(0, bytes.length - 10)],
  ])('with %s is damaged', async (_name, change, cut) => {
    const journal = await open();
    for (let n = 1; n <= 3; n += 1) await journal.append([sampleEvent(n)]);
    await journal.close();
    const path = await newest();
    const bytes = await readFile(path);
    change(bytes);
    await writeFile(path, cut(bytes));
    await expect(inspect()).rejects.toMatchObject({ code: 'WATCHER_JOURNAL_CORRUPT' });
  });
});

function bytesAsTheyAre(bytes: Buffer): Buffer {
  return bytes;
}
