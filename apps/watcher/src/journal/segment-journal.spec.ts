import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeClock, sampleEvent, SeededRandom } from '@livetap/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JournalDisk } from './journal-disk.port.js';
import { recoverJournal } from './journal-recovery.js';
import type { Journal, JournalReader, StoredEvent } from './journal.port.js';
import { MemoryJournalDisk } from './memory-journal-disk.js';
import { openJournal } from './open-journal.adapter.js';
import { SegmentJournal } from './segment-journal.js';

const MANY = { maxEvents: 100_000, maxBytes: 100_000_000 };
const LIMITS = { maxBytes: 10_000_000, maxAgeMs: 3_600_000 };

async function all(reader: JournalReader, upTo: number): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  while (events.length < upTo) {
    const more = await reader.read(MANY);
    if (more.length === 0) break;
    events.push(...more);
  }
  return events;
}

const ids = (events: readonly StoredEvent[]): number[] => events.map((event) => Number(event.id));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);

describe('SegmentJournal', () => {
  let directory: string;
  let clock: FakeClock;
  let open: Journal[];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'livetap-journal-'));
    clock = new FakeClock();
    open = [];
  });
  afterEach(async () => {
    await Promise.allSettled(open.map((journal) => journal.close()));
    await rm(directory, { recursive: true, force: true });
  });

  async function openAt(
    path = directory,
    options: Partial<Parameters<typeof openJournal>[0]> = {},
  ): Promise<SegmentJournal> {
    const journal = await openJournal({ directory: path, clock, ...LIMITS, ...options });
    open.push(journal);
    return journal;
  }
  const append = (journal: Journal, from: number, to: number, bytes = 0): Promise<void[]> =>
    Promise.all(
      range(from, to).map((n) => journal.append([sampleEvent(n, bytes > 0 ? { value: Buffer.alloc(bytes, n) } : {})])),
    );
  const segments = async (): Promise<string[]> =>
    (await readdir(directory)).filter((name) => name.endsWith('.segment')).sort();

  it('goes on after a restart: identity, offsets, cursors, bookmarks', async () => {
    const first = await openAt();
    await append(first, 0, 50);
    const reader = await first.reader('r');
    await reader.read({ maxEvents: 20, maxBytes: 1_000_000 });
    reader.commit(20);
    first.setBookmark('b', 30);
    await first.close();
    const second = await openAt();
    expect(second.id).toBe(first.id);
    expect(second.bookmark('b')).toBe(30);
    await append(second, 50, 60);
    const again = await second.reader('r');
    const events = await all(again, 40);
    expect(ids(events)).toEqual(range(20, 60));
    expect(events.map((event) => event.offset)).toEqual(range(21, 61));
  });

  it('makes no file for each write when events need not be kept', async () => {
    const journal = await openAt(directory, { maxAgeMs: 0 });
    for (const n of range(0, 10)) await append(journal, n, n + 1);
    expect(await segments()).toHaveLength(1);
  });

  it('writes cursors within a second, so that a crash repeats little', async () => {
    const journal = await openAt();
    await append(journal, 0, 10);
    const reader = await journal.reader('r');
    await reader.read(MANY);
    reader.commit(10);
    await clock.advance(1_000);
    await expect
      .poll(async () => JSON.parse(await readFile(join(directory, 'cursors.json'), 'utf8')) as unknown)
      .toMatchObject({ durable: 10, readers: { r: 10 } });
  });

  it('writes cursors at once when a crash would repeat thousands of events', async () => {
    const journal = await openAt();
    await journal.append(range(0, 10_000).map((n) => sampleEvent(n)));
    const reader = await journal.reader('r');
    const stored = async (): Promise<unknown> => JSON.parse(await readFile(join(directory, 'cursors.json'), 'utf8'));
    await reader.read(MANY);
    // What lies there is a backlog from the next write on.
    await clock.advance(1_000);
    await expect.poll(stored).toMatchObject({ durable: 10_000, readers: { r: 0 } });
    reader.commit(3_999);
    reader.commit(4_000);
    await expect.poll(stored).toMatchObject({ durable: 10_000, readers: { r: 4_000 } });
    reader.commit(7_999);
    reader.commit(8_000);
    await expect.poll(stored).toMatchObject({ readers: { r: 8_000 } });
    // The regular write is still to come.
    reader.commit(8_001);
    await clock.advance(1_000);
    await expect.poll(stored).toMatchObject({ readers: { r: 8_001 } });
  });

  it('does not write cursors sooner for events that have just come, however many', async () => {
    const journal = await openAt();
    const reader = await journal.reader('r');
    for (let n = 0; n < 3; n += 1) {
      await journal.append(range(n * 10_000, (n + 1) * 10_000).map((id) => sampleEvent(id)));
      await reader.read(MANY);
      reader.commit((n + 1) * 10_000);
    }
    await append(journal, 30_000, 30_001);
    expect(await readdir(directory)).not.toContain('cursors.json');
    await clock.advance(1_000);
    await expect
      .poll(async () => JSON.parse(await readFile(join(directory, 'cursors.json'), 'utf8')) as unknown)
      .toMatchObject({ durable: 30_001, readers: { r: 30_000 } });
  });

  it('rolls segments by size and deletes passed ones by age, but none that a reader needs', async () => {
    const journal = await openAt(directory, { segmentBytes: 10_000, readers: ['a', 'b'] });
    for (let n = 0; n < 40; n += 1) await append(journal, n, n + 1, 1_000);
    expect((await segments()).length).toBeGreaterThan(3);
    const [a, b] = [await journal.reader('a'), await journal.reader('b')];
    expect(ids(await all(a, 40))).toEqual(range(0, 40));
    a.commit(40);
    await clock.advance(LIMITS.maxAgeMs + 10_000);
    expect(journal.stats().firstOffset).toBe(1);
    for (let passed = 0; passed < 25;)
      passed = (await b.read({ maxEvents: 25 - passed, maxBytes: 1_000_000 })).at(-1)?.offset ?? 25;
    b.commit(25);
    await clock.advance(2_000);
    await expect.poll(() => journal.stats().firstOffset).toBeGreaterThan(9);
    expect(journal.stats().firstOffset).toBeLessThanOrEqual(26);
    expect(ids(await all(b, 15))).toEqual(range(25, 40));
    expect((await segments())[0]).toBe(`${String(journal.stats().firstOffset).padStart(16, '0')}.segment`);
  });

  it('deletes for want of space, not by age, what a bookmark has not passed', async () => {
    const journal = await openAt(directory, { segmentBytes: 5_000, maxBytes: 40_000, readers: [] });
    journal.setBookmark('b', 0);
    for (let n = 0; n < 20; n += 1) await append(journal, n, n + 1, 1_000);
    await clock.advance(LIMITS.maxAgeMs + 10_000);
    expect(journal.stats().firstOffset).toBe(1);
    for (let n = 20; n < 50; n += 1) await append(journal, n, n + 1, 1_000);
    const { firstOffset, bytes } = journal.stats();
    expect(firstOffset).toBeGreaterThan(1);
    expect(bytes).toBeLessThanOrEqual(40_000);
    journal.setBookmark('b', 50);
    await clock.advance(LIMITS.maxAgeMs + 10_000);
    await expect.poll(() => journal.stats().firstOffset).toBeGreaterThan(firstOffset);
  });

  it('keeps passed events for the tail until they are old', async () => {
    const journal = await openAt(directory, { segmentBytes: 5_000, readers: ['a'] });
    for (let n = 0; n < 20; n += 1) await append(journal, n, n + 1, 1_000);
    const a = await journal.reader('a');
    await all(a, 20);
    a.commit(20);
    await clock.advance(60_000);
    expect((await journal.tail(0).read(MANY)).length).toBeGreaterThan(0);
  });

  it('forgets cursors of readers that the configuration has not', async () => {
    const first = await openAt();
    await first.reader('gone');
    await first.reader('kept');
    await append(first, 0, 5);
    await first.close();
    const second = await openAt(directory, { readers: ['kept'] });
    const kept = await second.reader('kept');
    await all(kept, 5);
    kept.commit(5);
    expect(second.stats()).toMatchObject({ pendingEvents: 0, heldBytes: 0 });
  });

  it('belongs to one process: a second opening is refused, a lock of a dead process is taken over', async () => {
    const journal = await openAt();
    await expect(openAt()).rejects.toMatchObject({ code: 'WATCHER_JOURNAL_LOCKED' });
    await journal.close();
    await writeFile(join(directory, 'lock'), JSON.stringify({ pid: 4_194_305, process: 'x:1', token: 't' }));
    const next = await openAt();
    await next.close();
    // Same pid, another start: a reused number.
    await writeFile(
      join(directory, 'lock'),
      JSON.stringify({ pid: process.pid, process: 'another boot:1', token: 't' }),
    );
    await openAt();
    expect((await readdir(directory)).filter((name) => name.startsWith('lock'))).toEqual(['lock']);
  });

  it('lets only one of many take over a stale lock', async () => {
    await writeFile(join(directory, 'lock'), JSON.stringify({ pid: 4_194_305, process: 'x:1', token: 't' }));
    const results = await Promise.allSettled(range(0, 5).map(() => openAt()));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
  });
  it('refuses a directory whose segments or identity were taken away', async () => {
    const journal = await openAt();
    await append(journal, 0, 5);
    await journal.close();
    const identity = await readFile(join(directory, 'journal.json'));
    await rm(join(directory, 'journal.json'));
    await expect(openAt()).rejects.toMatchObject({ code: 'WATCHER_JOURNAL_CORRUPT' });
    await writeFile(join(directory, 'journal.json'), identity);
    for (const name of await segments()) await rm(join(directory, name));
    await expect(openAt()).rejects.toMatchObject({ code: 'WATCHER_JOURNAL_CORRUPT' });
  });
});

describe('SegmentJournal over a disk that crashes, rots and fails', () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
  });

  async function openOn(
    disk: JournalDisk,
    options: { segmentBytes?: number; memoryBytes?: number; readers?: string[] } = {},
  ): Promise<SegmentJournal> {
    const limits = {
      ...LIMITS,
      segmentBytes: options.segmentBytes ?? 1_000_000,
      memoryBytes: options.memoryBytes ?? 1_000_000,
    };
    return new SegmentJournal(disk, await recoverJournal(disk, clock), options.readers, limits, clock);
  }
  const append = (journal: Journal, from: number, to: number, bytes = 0): Promise<void[]> =>
    Promise.all(
      range(from, to).map((n) => journal.append([sampleEvent(n, bytes > 0 ? { value: Buffer.alloc(bytes, n) } : {})])),
    );
  const RECORD = Buffer.from('LTJR');
  /** Position of the n-th record, counting from 1. */
  const recordAt = (bytes: Buffer, n: number): number => range(0, n).reduce((at) => bytes.indexOf(RECORD, at + 1), 0);

  it('reads, after a crash at any byte of the unconfirmed end, exactly a prefix that holds everything confirmed', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk);
    await append(journal, 0, 3);
    await clock.advance(1_000);
    const confirmed = disk.files.get(1)?.length ?? 0;
    // One group of several records.
    await append(journal, 3, 6);
    const size = disk.files.get(1)?.length ?? 0;
    const counts = new Set<number>();
    for (let cut = confirmed; cut <= size; cut += 1) {
      const left = disk.copy();
      left.change(1, (bytes) => bytes.subarray(0, cut));
      const reopened = await openOn(left);
      const count = reopened.stats().lastOffset;
      counts.add(count);
      await reopened.append([sampleEvent(1_000)]);
      expect(ids(await all(await reopened.reader('r'), count + 1))).toEqual([...range(0, count), 1_000]);
    }
    expect([...counts]).toEqual([3, 4, 5, 6]);
  });

  it('starts over where the crash hit the making of the first segment, or of a later one', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk, { segmentBytes: 100 });
    await append(journal, 0, 1);
    await append(journal, 1, 2);
    await journal.close();
    expect([...disk.files.keys()]).toEqual([1, 2]);
    for (let cut = 0; cut <= 27; cut += 1) {
      const left = disk.copy();
      left.documents.set('cursors', JSON.stringify({ version: 1, durable: 1, readers: {} }));
      left.change(2, (bytes) => bytes.subarray(0, cut));
      const reopened = await openOn(left);
      await append(reopened, 7, 8);
      expect(ids(await all(await reopened.reader('r'), 2))).toEqual([0, 7]);
    }
  });

  it('never returns wrong events: after an orderly stop each flipped byte is found, loudly', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk);
    for (let n = 0; n < 3; n += 1) await append(journal, n, n + 1);
    await journal.close();
    const length = disk.files.get(1)?.length ?? 0;
    expect(length).toBeGreaterThan(500);
    for (let at = 0; at < length; at += 1) {
      const rotten = disk.copy();
      rotten.change(1, (bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ 0x41;
        return bytes;
      });
      await expect(openOn(rotten)).rejects.toMatchObject({
        code: 'WATCHER_JOURNAL_CORRUPT',
        context: { file: '1.segment' },
      });
    }
  });

  it('never returns wrong events from an older segment: each flipped byte is found at the latest when it is read', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk, { segmentBytes: 300, readers: ['r'] });
    for (let n = 0; n < 4; n += 1) await append(journal, n, n + 1);
    await journal.close();
    const length = disk.files.get(1)?.length ?? 0;
    expect(disk.files.size).toBeGreaterThan(1);
    for (let at = 0; at < length; at += 1) {
      const rotten = disk.copy();
      rotten.change(1, (bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ 0x41;
        return bytes;
      });
      const result = openOn(rotten).then(async (reopened) => all(await reopened.reader('r'), 4));
      await expect(result).rejects.toMatchObject({ code: 'WATCHER_JOURNAL_CORRUPT', context: { file: '1.segment' } });
    }
  });

  it('tells damage in the middle from a torn end without the help of the cursors', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk);
    for (let n = 0; n < 3; n += 1) await append(journal, n, n + 1);
    await journal.close();
    disk.documents.delete('cursors');
    const bytes = disk.files.get(1) ?? Buffer.alloc(0);
    const damage = (n: number): MemoryJournalDisk => {
      const rotten = disk.copy();
      rotten.change(1, (copy) => {
        copy[recordAt(copy, n) + 30] = (copy[recordAt(copy, n) + 30] ?? 0) ^ 1;
        return copy;
      });
      return rotten;
    };
    await expect(openOn(damage(2))).rejects.toMatchObject({
      code: 'WATCHER_JOURNAL_CORRUPT',
      context: { position: recordAt(bytes, 2) },
    });
    // The same damage in the last record cannot be told from a write that was never confirmed.
    expect((await openOn(damage(3))).stats().lastOffset).toBe(2);
  });

  it('cuts a group of which the end reached the disk before the beginning', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk);
    await append(journal, 0, 1);
    await append(journal, 1, 4);
    await journal.close();
    disk.documents.delete('cursors');
    disk.change(1, (bytes) => bytes.fill(0, recordAt(bytes, 2), recordAt(bytes, 2) + 40));
    expect((await openOn(disk)).stats().lastOffset).toBe(1);
  });

  it('behaves as a list through appends, reads, commits, restarts and crashes', async () => {
    const steps = fc.array(
      fc.constantFrom('append', 'append', 'append', 'read', 'read', 'commit', 'rewind', 'restart', 'crash', 'upkeep'),
      {
        minLength: 10,
        maxLength: 60,
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer(), steps, async (seed, script) => {
        const random = new SeededRandom(seed);
        const options = { segmentBytes: 2_000, memoryBytes: random.integer(0, 3_000), readers: ['a', 'b'] };
        let disk = new MemoryJournalDisk();
        let journal = await openOn(disk, options);
        let readers = [await journal.reader('a'), await journal.reader('b')];
        /** The model: ids in order; for each reader what it has read and committed. */
        const written: number[] = [];
        let read = [0, 0];
        const committed = [0, 0];
        const reopen = async (left: MemoryJournalDisk): Promise<void> => {
          disk = left;
          journal = await openOn(disk, options);
          readers = [await journal.reader('a'), await journal.reader('b')];
        };
        for (const step of script) {
          const which = random.integer(0, 1);
          const reader = readers[which]!;
          if (step === 'append') {
            let next = written.length;
            const batches = range(0, random.integer(1, 4)).map(() => range(0, random.integer(1, 3)).map(() => next++));
            await Promise.all(
              batches.map((batch) =>
                journal.append(batch.map((n) => sampleEvent(n, { value: Buffer.alloc(random.integer(0, 600), n) }))),
              ),
            );
            written.push(...batches.flat());
          } else if (step === 'read' && read[which]! < written.length) {
            const events = await reader.read({ maxEvents: random.integer(1, 5), maxBytes: random.integer(1, 2_000) });
            expect(ids(events)).toEqual(written.slice(read[which], read[which]! + events.length));
            expect(events.length).toBeGreaterThan(0);
            read[which]! += events.length;
          } else if (step === 'commit') {
            reader.commit(read[which]!);
            committed[which] = read[which]!;
          } else if (step === 'rewind') {
            reader.rewind();
            read[which] = committed[which]!;
          } else if (step === 'upkeep') {
            await clock.advance(1_000);
          } else if (step === 'restart') {
            await journal.close();
            await reopen(disk);
            read = [...committed];
          } else if (step === 'crash') {
            const left = disk.copy();
            // A write that was never confirmed: garbage after the confirmed end.
            const garbage = Buffer.alloc(random.integer(0, 60), random.pick([0, 0x4c, 0xff]));
            left.change(left.newest, (bytes) => Buffer.concat([bytes, garbage]));
            await journal.close();
            await reopen(left);
            for (const [index, each] of readers.entries()) {
              // Cursors are written once a second: they may stand behind, never ahead.
              expect(each.committed).toBeLessThanOrEqual(committed[index]!);
              committed[index] = each.committed;
            }
            read = [...committed];
          }
          expect(journal.stats()).toMatchObject({
            lastOffset: written.length,
            pendingEvents: written.length - Math.min(...committed),
          });
        }
        for (const [index, reader] of readers.entries()) {
          reader.rewind();
          expect(ids(await all(reader, written.length - committed[index]!))).toEqual(written.slice(committed[index]));
        }
        await journal.close();
      }),
      { numRuns: 150 },
    );
  }, 30_000);

  it('numbers the events of a group on the disk as it did in memory', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk);
    const follower = await journal.reader('r');
    // One group: appends of one, two and three events.
    await Promise.all(
      [range(0, 1), range(1, 3), range(3, 6)].map((ns) => journal.append(ns.map((n) => sampleEvent(n)))),
    );
    await append(journal, 6, 7);
    const places = (events: readonly StoredEvent[]): string[] => events.map(({ id, offset }) => `${id}@${offset}`);
    const inMemory = places(await all(follower, 7));
    expect(disk.reads).toBe(0);
    expect(inMemory).toEqual(range(0, 7).map((n) => `${n}@${n + 1}`));
    const reread = openOn(disk.copy()).then(async (reopened) => places(await all(await reopened.reader('r'), 7)));
    await expect(reread).resolves.toEqual(inMemory);
  });

  it('keeps events in memory for those who are near the head, until they have read them', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk);
    const [reader, tail] = [await journal.reader('r'), journal.tail(0)];
    for (let n = 0; n < 10; n += 1) {
      await append(journal, n * 10, n * 10 + 10);
      expect(ids(await all(reader, 10))).toEqual(range(n * 10, n * 10 + 10));
      if (n % 2 === 1) expect(ids(await tail.read(MANY))).toEqual(range(n * 10 - 10, n * 10 + 10));
    }
    expect(disk.reads).toBe(0);
    // What both have read is gone with the next event.
    await append(journal, 100, 101);
    expect(ids(await journal.tail(99).read(MANY))).toEqual([99, 100]);
    expect(disk.reads).toBe(1);
    // A rewind goes back to the disk, and from there to the memory again.
    reader.rewind();
    expect(ids(await all(reader, 101))).toEqual(range(0, 101));
    const { reads } = disk;
    await append(journal, 101, 102);
    expect(ids(await reader.read(MANY))).toEqual([101]);
    expect(disk.reads).toBe(reads);
    await journal.close();
  });

  it('keeps nothing for those who are closed or far behind, and takes them up again when they come near', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk);
    const [closed, quick] = [journal.tail(0), await journal.reader('quick')];
    closed.close();
    let last = 0;
    const more = async (count: number): Promise<void> => {
      await journal.append(range(last, last + count).map((n) => sampleEvent(n)));
      last += count;
      expect(ids(await all(quick, count))).toEqual(range(last - count, last));
    };
    await more(10);
    await more(10);
    expect((await journal.tail(0).read(MANY))[0]?.offset).toBe(1);
    expect(disk.reads).toBe(1);
    disk.reads = 0;
    const slow = await journal.reader('slow');
    for (let n = 0; n < 10; n += 1) await more(1_000);
    // Nobody else reads from the disk: all that it is read for is the backlog of the slow one.
    expect(disk.reads).toBe(0);
    const events = await all(slow, last);
    expect(ids(events)).toEqual(range(0, last));
    const { reads } = disk;
    expect(reads).toBeGreaterThan(0);
    await more(1_000);
    expect(ids(await all(slow, 1_000))).toEqual(range(last - 1_000, last));
    expect(disk.reads).toBe(reads);
    await journal.close();
  });

  it('knows to ten seconds how old the oldest pending event is, also of what is not in memory', async () => {
    const journal = await openOn(new MemoryJournalDisk(), { readers: ['r'] });
    const reader = await journal.reader('r');
    for (let n = 0; n < 60; n += 1) await journal.append([sampleEvent(n, { recordedAt: n * 1_000 })]);
    for (let read = 0; read < 60;) read = (await reader.read(MANY)).at(-1)?.offset ?? 60;
    await journal.append([sampleEvent(60, { recordedAt: 60_000 })]);
    for (const passed of [20, 35, 50]) {
      reader.commit(passed);
      const { oldestPendingAt = Infinity } = journal.stats();
      expect(passed * 1_000 - oldestPendingAt).toBeGreaterThanOrEqual(0);
      expect(passed * 1_000 - oldestPendingAt).toBeLessThanOrEqual(10_000);
    }
    await journal.close();
  });

  it('deletes by age up to where a bookmark is, and the rest when it moves on', async () => {
    const journal = await openOn(new MemoryJournalDisk(), { segmentBytes: 5_000, readers: [] });
    for (let n = 0; n < 20; n += 1) await append(journal, n, n + 1, 1_000);
    journal.setBookmark('b', 8);
    await clock.advance(LIMITS.maxAgeMs + 10_000);
    expect(journal.stats().firstOffset).toBeGreaterThan(1);
    expect(journal.stats().firstOffset).toBeLessThanOrEqual(9);
    journal.setBookmark('b', 20);
    await clock.advance(2_000);
    expect(journal.stats().firstOffset).toBeGreaterThan(9);
  });

  it('flushes once for a group of appends, not once for each', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk);
    await append(journal, 0, 1_000);
    expect(journal.stats().lastOffset).toBe(1_000);
    expect(disk.flushes).toBeLessThan(5);
  });

  it('fails for good at the first failed write; nobody sees what was not flushed', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk);
    const reader = await journal.reader('r');
    await append(journal, 0, 2);
    disk.failure = Object.assign(new Error('broken'), { code: 'EIO' });
    const results = await Promise.allSettled(range(2, 5).map((n) => journal.append([sampleEvent(n)])));
    for (const result of results)
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'WATCHER_JOURNAL_WRITE_FAILED' } });
    disk.failure = undefined;
    await expect(journal.append([sampleEvent(9)])).rejects.toMatchObject({
      code: 'WATCHER_JOURNAL_WRITE_FAILED',
      context: { system: 'EIO' },
    });
    expect(ids(await reader.read(MANY))).toEqual([0, 1]);
    await journal.close();
  });

  it('tells appenders to hold back while the disk cannot keep up', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk, { segmentBytes: 8_000_000 });
    const changes: boolean[] = [];
    journal.onPressure((full) => changes.push(full));
    await append(journal, 0, 9, 2_000_000).catch(() => undefined);
    expect(changes[0]).toBe(true);
  });
});
