import { FakeClock, sampleEvent, SeededRandom } from '@livetap/testkit';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { JournalDisk, SegmentWriter } from './journal-disk.port.js';
import { recoverJournal } from './journal-recovery.js';
import type { Journal, JournalPressure, JournalReader, StoredEvent } from './journal.port.js';
import { MemoryJournalDisk } from './memory-journal-disk.js';
import { SegmentJournal } from './segment-journal.js';

const MANY = { maxEvents: 100_000, maxBytes: 100_000_000 };
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);
const ids = (events: readonly StoredEvent[]): number[] => events.map((event) => Number(event.id));

let clock: FakeClock;
beforeEach(() => {
  clock = new FakeClock();
});

async function openOn(
  disk: JournalDisk,
  options: {
    segmentBytes?: number;
    maxBytes?: number;
    maxAgeMs?: number;
    memoryBytes?: number;
    readers?: string[];
  } = {},
): Promise<SegmentJournal> {
  const { readers, ...limits } = {
    segmentBytes: 1_000_000,
    maxBytes: 10_000_000,
    maxAgeMs: 3_600_000,
    memoryBytes: 1_000_000,
    ...options,
  };
  return new SegmentJournal(disk, await recoverJournal(disk, clock), readers, limits, clock);
}

const append = (journal: Journal, from: number, to: number, bytes = 0): Promise<void[]> =>
  Promise.all(
    range(from, to).map((n) => journal.append([sampleEvent(n, bytes > 0 ? { value: Buffer.alloc(bytes, n) } : {})])),
  );

async function all(reader: JournalReader, count: number): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  while (events.length < count) events.push(...(await reader.read(MANY)));
  return events;
}

/** Whether it has settled by now; a turn of the event loop is given. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  const turn = new Promise<'open'>((resolve) => setImmediate(() => resolve('open')));
  return (await Promise.race([promise.then(() => 'done').catch(() => 'done'), turn])) === 'done';
}

function pressures(journal: Journal): (JournalPressure | 'none')[] {
  const seen: (JournalPressure | 'none')[] = [];
  journal.onPressure((full, pressure) => {
    expect(full).toBe(pressure !== undefined);
    seen.push(pressure ?? 'none');
  });
  return seen;
}

describe('a full disk', () => {
  it('after any byte of a group: it waits, unseen, and is written over', async () => {
    const whole = new MemoryJournalDisk();
    const unharmed = await openOn(whole, { readers: ['r'] });
    await append(unharmed, 0, 2);
    const before = whole.files.get(1)!.length;
    await append(unharmed, 2, 5);
    const expected = whole.files.get(1)!;
    // The header of the segment holds the time, which is the same here.
    for (let bytes = 0; bytes <= expected.length - before; bytes += 1) {
      const code = bytes % 2 === 0 ? 'ENOSPC' : 'EDQUOT';
      const disk = new MemoryJournalDisk();
      disk.documents.set('identity', whole.documents.get('identity')!);
      clock = new FakeClock();
      const journal = await openOn(disk, { readers: ['r'] });
      await append(journal, 0, 2);
      const seen = pressures(journal);
      disk.refusals.push({ code, bytes }, { code, bytes: Math.floor(bytes / 2) });
      const waiting = append(journal, 2, 5);
      expect(await settled(waiting)).toBe(false);
      expect(journal.stats()).toMatchObject({ lastOffset: 2, full: true, pressure: 'disk', diskFull: true });
      expect(ids(await (await journal.reader('r')).read(MANY))).toEqual([0, 1]);
      // What a crash leaves now is a prefix that holds all that was confirmed.
      const crashed = await openOn(disk.copy());
      expect(crashed.stats().lastOffset).toBeGreaterThanOrEqual(2);
      expect(crashed.stats().lastOffset).toBeLessThanOrEqual(5);

      await clock.advance(100);
      expect(await settled(waiting)).toBe(false);
      await clock.advance(200);
      await waiting;
      expect(journal.stats()).toMatchObject({ lastOffset: 5, full: false, diskFull: false });
      expect(seen).toEqual(['disk', 'none']);
      expect(disk.files.get(1)!.equals(expected)).toBe(true);
    }
  });

  it('tries again for as long as it takes, with pauses that double up to two seconds', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk, { readers: ['r'] });
    // Only the writes of events are looked at here.
    disk.writeDocument = () => Promise.resolve();
    const at: number[] = [];
    const original = disk.refusals.shift.bind(disk.refusals);
    disk.refusals.shift = () => {
      if (disk.refusals.length > 0) at.push(clock.monotonic());
      return original();
    };
    disk.refusals.push(...range(0, 40).map(() => ({ code: 'ENOSPC', bytes: 7 })));
    const waiting = append(journal, 0, 1);
    await clock.advance(10 * 60_000);
    await waiting;
    const pauses = at.slice(1).map((time, n) => time - at[n]!);
    expect(pauses.slice(0, 6)).toEqual([100, 200, 400, 800, 1_600, 2_000]);
    expect(Math.max(...pauses)).toBe(2_000);
  });

  it('deletes what was passed before it makes anybody wait', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk, { segmentBytes: 2_000, readers: ['r'] });
    const reader = await journal.reader('r');
    for (const n of range(0, 9)) await append(journal, n, n + 1, 1_000);
    reader.commit((await all(reader, 9)).length);
    const seen = pressures(journal);
    const files = disk.files.size;
    disk.refusals.push({ code: 'ENOSPC', bytes: 10 }, { code: 'ENOSPC', bytes: 10 });
    await append(journal, 9, 10, 1_000);
    expect(seen).toEqual([]);
    expect(disk.files.size).toBeLessThan(files);
  });

  it('goes on at once when a reader passes a segment', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk, { segmentBytes: 2_000, readers: ['r'] });
    const reader = await journal.reader('r');
    for (const n of range(0, 5)) await append(journal, n, n + 1, 1_000);
    disk.refusals.push({ code: 'ENOSPC', bytes: 0 });
    const waiting = append(journal, 5, 6, 1_000);
    expect(await settled(waiting)).toBe(false);
    reader.commit((await all(reader, 5)).length);
    await waiting;
  });

  it('refuses a new segment, also with half a header, without losing or doubling an event', async () => {
    for (let bytes = 0; bytes <= 27; bytes += 1) {
      const disk = new MemoryJournalDisk();
      const journal = await openOn(disk, { segmentBytes: 300, readers: ['r'] });
      await append(journal, 0, 1, 400);
      disk.refusals.push({ code: 'ENOSPC', bytes });
      const waiting = append(journal, 1, 2, 400);
      expect(await settled(waiting)).toBe(false);
      const crashed = await openOn(disk.copy(), { readers: ['r'] });
      expect(crashed.stats().lastOffset).toBe(1);
      await clock.advance(100);
      await waiting;
      expect(ids(await all(await journal.reader('r'), 2))).toEqual([0, 1]);
      await journal.close();
    }
  });

  it('leaves cursors behind, says so, and writes them when there is space', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk, { readers: ['r'] });
    const reader = await journal.reader('r');
    await append(journal, 0, 3);
    reader.commit((await all(reader, 3)).length);
    disk.refusals.push({ code: 'ENOSPC', bytes: 0 });
    await clock.advance(1_000);
    expect(journal.stats()).toMatchObject({ diskFull: true, full: false });
    expect((await openOn(disk.copy(), { readers: ['r'] })).stats().pendingEvents).toBe(3);
    await append(journal, 3, 4);
    await clock.advance(1_000);
    expect(journal.stats().diskFull).toBe(false);
    expect((await openOn(disk.copy(), { readers: ['r'] })).stats().pendingEvents).toBe(1);
  });

  it('writes cursors that were refused as soon as there is space, also when nothing moves any more', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk, { readers: ['r'] });
    const reader = await journal.reader('r');
    await append(journal, 0, 3);
    reader.commit((await all(reader, 3)).length);
    disk.refusals.push({ code: 'ENOSPC', bytes: 0 }, { code: 'EDQUOT', bytes: 0 });
    await clock.advance(2_000);
    expect(disk.refusals).toEqual([]);
    expect((await openOn(disk.copy(), { readers: ['r'] })).stats().pendingEvents).toBe(3);
    await clock.advance(1_000);
    expect(journal.stats().diskFull).toBe(false);
    expect((await openOn(disk.copy(), { readers: ['r'] })).stats().pendingEvents).toBe(0);
  });

  it('is no reason to hang at the end: what waits is refused, what was not stored is said', async () => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk, { readers: ['r'] });
    await append(journal, 0, 2);
    disk.refusals.push(...range(0, 9).map(() => ({ code: 'ENOSPC', bytes: 3 })));
    const waiting = journal.append([sampleEvent(2)]);
    expect(await settled(waiting)).toBe(false);
    const closing = journal.close();
    await expect(waiting).rejects.toMatchObject({ code: 'WATCHER_JOURNAL_CLOSED' });
    await expect(closing).rejects.toMatchObject({ code: 'WATCHER_JOURNAL_DISK_FULL', retryable: true });
    disk.refusals.length = 0;
    const next = await openOn(disk, { readers: ['r'] });
    expect(ids(await all(await next.reader('r'), 2))).toEqual([0, 1]);
  });

  it.each(['EIO', 'EROFS', 'EBADF'])('%s is not waited for', async (code) => {
    const disk = new MemoryJournalDisk();
    const journal = await openOn(disk);
    disk.refusals.push({ code, bytes: 5 });
    await expect(journal.append([sampleEvent(1)])).rejects.toMatchObject({
      code: 'WATCHER_JOURNAL_WRITE_FAILED',
      context: { system: code },
    });
    await expect(journal.append([sampleEvent(2)])).rejects.toMatchObject({ code: 'WATCHER_JOURNAL_WRITE_FAILED' });
    expect(journal.stats().lastOffset).toBe(0);
  });

  it('whenever and however often it comes, nothing is lost, doubled or out of order', async () => {
    const steps = fc.array(fc.constantFrom('append', 'append', 'refuse', 'read', 'commit', 'wait', 'restart'), {
      minLength: 10,
      maxLength: 50,
    });
    await fc.assert(
      fc.asyncProperty(fc.integer(), steps, async (seed, script) => {
        const random = new SeededRandom(seed);
        clock = new FakeClock();
        const disk = new MemoryJournalDisk();
        const options = { segmentBytes: 1_500, memoryBytes: 1_000, readers: ['r'] };
        let journal = await openOn(disk, options);
        let reader = await journal.reader('r');
        let next = 0;
        let got = 0;
        let committed = 0;
        let waiting: Promise<void>[] = [];
        for (const step of script) {
          if (step === 'append') {
            const n = next++;
            waiting.push(journal.append([sampleEvent(n, { value: Buffer.alloc(random.integer(0, 700), n) })]));
          } else if (step === 'refuse') {
            disk.refusals.push({ code: random.pick(['ENOSPC', 'EDQUOT']), bytes: random.integer(0, 900) });
          } else if (step === 'read' && journal.stats().lastOffset > got) {
            const events = await reader.read({ maxEvents: 3, maxBytes: 1_000 });
            expect(ids(events)).toEqual(range(got, got + events.length));
            got += events.length;
          } else if (step === 'commit') {
            reader.commit(got);
            committed = got;
          } else if (step === 'wait') {
            await clock.advance(random.integer(0, 3_000));
          } else if (step === 'restart') {
            await clock.advance(60_000);
            await Promise.all(waiting);
            waiting = [];
            disk.refusals.length = 0;
            await journal.close();
            journal = await openOn(disk, options);
            reader = await journal.reader('r');
            expect(reader.committed).toBe(committed);
            got = committed;
          }
        }
        await clock.advance(200_000);
        await Promise.all(waiting);
        expect(journal.stats()).toMatchObject({ lastOffset: next, full: false });
        reader.rewind();
        if (next > committed) expect(ids(await all(reader, next - committed))).toEqual(range(committed, next));
        await journal.close();
      }),
      { numRuns: 50 },
    );
  }, 30_000);
});

/** A disk whose writes to segments wait until the test lets them go. */
class HeldDisk extends MemoryJournalDisk {
  readonly held: (() => void)[] = [];
  holding = false;

  override async openSegment(firstOffset: number, size: number): Promise<SegmentWriter> {
    return this.#hold(await super.openSegment(firstOffset, size));
  }

  override async createSegment(firstOffset: number, header: Uint8Array): Promise<SegmentWriter> {
    return this.#hold(await super.createSegment(firstOffset, header));
  }

  #hold(writer: SegmentWriter): SegmentWriter {
    return {
      append: async (bytes) => {
        const copy = Buffer.from(bytes);
        if (this.holding) await new Promise<void>((resolve) => this.held.push(resolve));
        await writer.append(copy);
      },
      close: () => writer.close(),
    };
  }
}

describe('group commit', () => {
  it('shows an event to readers, tails and figures only after its flush', async () => {
    const disk = new HeldDisk();
    const journal = await openOn(disk, { readers: ['r'] });
    const reader = await journal.reader('r');
    disk.holding = true;
    const reading = reader.read(MANY);
    const tailing = journal.tail(0).read(MANY);
    const appending = journal.append([sampleEvent(1)]);
    for (let turn = 0; turn < 20; turn += 1) {
      expect(await settled(Promise.race([reading, tailing, appending]))).toBe(false);
      expect(journal.stats()).toMatchObject({ lastOffset: 0, pendingEvents: 0 });
    }
    disk.held.shift()!();
    await appending;
    expect([ids(await reading), ids(await tailing)]).toEqual([[1], [1]]);
  });

  it('waits for no timer: a group is written at once, and all that came meanwhile right after it, in one flush', async () => {
    const disk = new HeldDisk();
    const journal = await openOn(disk, { readers: ['r'] });
    const timers = clock.pendingTimers;
    disk.holding = true;
    const first = append(journal, 0, 1);
    // The write has begun in the turn of the append: what is added to the way of an event is one write and flush, twice at most.
    await settled(first);
    expect(disk.held).toHaveLength(1);
    const rest = append(journal, 1, 1_001);
    await settled(rest);
    expect([disk.held.length, clock.pendingTimers]).toEqual([1, timers]);
    disk.held.shift()!();
    await first;
    await settled(rest);
    expect(disk.held).toHaveLength(1);
    disk.held.shift()!();
    await rest;
    expect(disk.held).toHaveLength(0);
    expect(clock.pendingTimers).toBe(timers);
  });
});

describe('the cap', () => {
  it('costs no event that the slowest reader needs', async () => {
    const journal = await openOn(new MemoryJournalDisk(), {
      segmentBytes: 2_000,
      maxBytes: 20_000,
      readers: ['slow', 'quick'],
    });
    const quick = await journal.reader('quick');
    for (let n = 0; n < 60; n += 1) {
      await settled(journal.append([sampleEvent(n, { value: Buffer.alloc(500) })]));
      if (journal.stats().lastOffset > quick.committed) quick.commit((await quick.read(MANY)).at(-1)?.offset ?? 0);
      expect(journal.stats().firstOffset).toBe(1);
    }
    expect(journal.stats()).toMatchObject({ full: true, pressure: 'size' });
    await journal.close();
  });

  it('is never exceeded, by the figures or on the disk, whatever is appended, read and passed', async () => {
    const maxBytes = 20_000;
    const steps = fc.array(fc.constantFrom('append', 'append', 'append', 'pass', 'upkeep', 'age', 'restart'), {
      minLength: 20,
      maxLength: 80,
    });
    await fc.assert(
      fc.asyncProperty(fc.integer(), steps, async (seed, script) => {
        const random = new SeededRandom(seed);
        clock = new FakeClock();
        const disk = new MemoryJournalDisk();
        const options = { segmentBytes: 2_500, maxBytes, maxAgeMs: 8_000, memoryBytes: 0, readers: ['r', 's'] };
        let journal = await openOn(disk, options);
        let readers = [await journal.reader('r'), await journal.reader('s')];
        let next = 0;
        const check = (): void => {
          expect(journal.stats().bytes).toBeLessThanOrEqual(maxBytes);
          const files = [...disk.files.values()].reduce((sum, { length }) => sum + length, 0);
          expect(files).toBeLessThanOrEqual(maxBytes);
          expect(files).toBe(journal.stats().bytes);
        };
        const pass = async (): Promise<void> => {
          for (const reader of readers) {
            if (reader.committed === journal.stats().lastOffset) continue;
            const events = await reader.read({ maxEvents: random.integer(1, 30), maxBytes: 100_000 });
            reader.commit(events.at(-1)?.offset ?? reader.committed);
          }
        };
        for (const step of script) {
          if (step === 'append') {
            const batch = range(0, random.integer(1, 6)).map(() =>
              sampleEvent(next++, {
                subject: 'ü'.repeat(random.integer(0, 60)),
                value: Buffer.alloc(random.integer(0, 900)),
              }),
            );
            let open = true;
            const appending = journal.append(batch).finally(() => (open = false));
            while (open) {
              await settled(appending);
              check();
              if (open) await pass();
            }
          } else if (step === 'pass') {
            await pass();
          } else if (step === 'restart') {
            await journal.close();
            journal = await openOn(disk, options);
            readers = [await journal.reader('r'), await journal.reader('s')];
          } else {
            await clock.advance(step === 'age' ? 10_000 : 1_000);
          }
          check();
        }
        expect(journal.stats().lastOffset).toBe(next);
        await journal.close();
      }),
      { numRuns: 40 },
    );
  }, 30_000);
});
