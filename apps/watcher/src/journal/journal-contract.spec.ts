import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleEvent as eventOf } from '@livetap/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../common/system-clock.adapter.js';
import type { Journal, JournalReader, StoredEvent } from './journal.port.js';
import { MemoryJournal } from './memory-journal.js';
import { openJournal } from './open-journal.adapter.js';

const MANY = { maxEvents: 1000, maxBytes: 1_000_000 };

async function readAll(reader: JournalReader, count: number): Promise<StoredEvent[]> {
  const events: StoredEvent[] = [];
  while (events.length < count)
    events.push(...(await reader.read({ maxEvents: count - events.length, maxBytes: 1_000_000 })));
  return events;
}

const kinds: Record<string, (maxBytes: number) => Promise<{ journal: Journal; remove: () => Promise<void> }>> = {
  'in memory': async (maxBytes) => ({ journal: new MemoryJournal({ maxBytes }), remove: async () => undefined }),
  'on disk': async (maxBytes) => {
    const directory = await mkdtemp(join(tmpdir(), 'livetap-journal-'));
    const journal = await openJournal({ directory, maxBytes, maxAgeMs: 3_600_000, clock: new SystemClock() });
    return { journal, remove: () => rm(directory, { recursive: true }) };
  },
  'on disk, nothing kept in memory': async (maxBytes) => {
    const directory = await mkdtemp(join(tmpdir(), 'livetap-journal-'));
    const journal = await openJournal({
      directory,
      maxBytes,
      maxAgeMs: 3_600_000,
      clock: new SystemClock(),
      memoryBytes: 0,
    });
    return { journal, remove: () => rm(directory, { recursive: true }) };
  },
};

describe.each(Object.entries(kinds))('Journal %s', (_name, make) => {
  let journal: Journal;
  let remove: () => Promise<void>;

  beforeEach(async () => {
    ({ journal, remove } = await make(1024 * 1024));
  });
  afterEach(async () => {
    await journal.close();
    await remove();
  });

  it('returns what was appended, field by field and in order, with offsets from 1', async () => {
    const raw = eventOf(3, {
      raw: {
        method: 'WebcastChatMessage',
        history: true,
        time: '2026-01-02T03:04:05.006Z',
        place: { sessionId: '7-2', sequence: '00000003-000000000004', timeSource: 'frame' },
      },
    });
    const odd = eventOf(4, { subject: 'ä'.repeat(200), id: '', value: Buffer.alloc(0), topic: 'raw' });
    delete (odd as { sequence?: string }).sequence;
    await Promise.all([journal.append([eventOf(1), eventOf(2)]), journal.append([raw]), journal.append([odd])]);
    const reader = await journal.reader('r');
    const events = await readAll(reader, 4);
    expect(events).toEqual([
      { ...eventOf(1), offset: 1 },
      { ...eventOf(2), offset: 2 },
      { ...raw, offset: 3 },
      { ...odd, offset: 4 },
    ]);
    expect(events[0]?.sequence).toBe('00000001-000000000001');
    expect(journal.stats()).toMatchObject({ lastOffset: 4, firstOffset: 1, pendingEvents: 4 });
  });

  it('keeps call order over concurrent appends', async () => {
    const appends = Array.from({ length: 300 }, (_, n) => journal.append([eventOf(2 * n), eventOf(2 * n + 1)]));
    await Promise.all(appends);
    const events = await readAll(await journal.reader('r'), 600);
    expect(events.map((event) => event.id)).toEqual(Array.from({ length: 600 }, (_, n) => String(n)));
  });

  it('bounds a read by events and bytes, but returns at least one event', async () => {
    await journal.append([
      eventOf(1, { value: Buffer.alloc(50) }),
      eventOf(2, { value: Buffer.alloc(50) }),
      eventOf(3, { value: Buffer.alloc(50) }),
    ]);
    const reader = await journal.reader('r');
    expect(await reader.read({ maxEvents: 10, maxBytes: 100 })).toHaveLength(2);
    expect(await reader.read({ maxEvents: 10, maxBytes: 1 })).toHaveLength(1);
    reader.rewind();
    expect(await reader.read({ maxEvents: 1, maxBytes: 1000 })).toHaveLength(1);
  });

  it('waits for the next event, and stops waiting when the signal aborts or the journal closes', async () => {
    const reader = await journal.reader('r');
    const next = reader.read(MANY);
    await journal.append([eventOf(1)]);
    expect((await next).map((event) => event.offset)).toEqual([1]);
    const abort = new AbortController();
    const aborted = reader.read(MANY, abort.signal);
    abort.abort();
    expect(await aborted).toEqual([]);
    const closing = reader.read(MANY);
    await journal.close();
    expect(await closing).toEqual([]);
  });

  it('commits and rewinds each reader on its own', async () => {
    await journal.append([eventOf(1), eventOf(2), eventOf(3)]);
    const [a, b] = [await journal.reader('a'), await journal.reader('b')];
    await readAll(a, 3);
    a.commit(2);
    expect([a.committed, b.committed]).toEqual([2, 0]);
    a.commit(1);
    expect(a.committed).toBe(2);
    a.rewind();
    expect((await a.read(MANY)).map((event) => event.offset)).toEqual([3]);
    expect((await b.read(MANY)).map((event) => event.offset)).toEqual([1, 2, 3]);
    expect(journal.stats()).toMatchObject({ pendingEvents: 3, oldestPendingAt: eventOf(1).recordedAt });
    expect(() => (b.commit(3), a.commit(4))).toThrow(RangeError);
  });

  it('remembers bookmarks, which make nothing pending and are never ahead of what is durable', async () => {
    expect(journal.bookmark('b')).toBe(0);
    await journal.append([eventOf(1), eventOf(2)]);
    journal.setBookmark('b', 1);
    expect(journal.bookmark('b')).toBe(1);
    journal.setBookmark('b', 7);
    expect(journal.bookmark('b')).toBe(2);
    expect(journal.stats().pendingEvents).toBe(0);
  });

  it('gives a name to one reader at a time and keeps its cursor', async () => {
    await journal.append([eventOf(1), eventOf(2)]);
    const reader = await journal.reader('a');
    await reader.read({ maxEvents: 1, maxBytes: 1000 });
    reader.commit(1);
    await expect(journal.reader('a')).rejects.toMatchObject({ code: 'WATCHER_JOURNAL_READER_BUSY' });
    await reader.close();
    expect(await reader.read(MANY)).toEqual([]);
    const again = await journal.reader('a');
    expect((await again.read(MANY)).map((event) => event.offset)).toEqual([2]);
  });

  it('seeks to a position stored elsewhere, backwards too, within what it holds', async () => {
    await journal.append([eventOf(1), eventOf(2), eventOf(3)]);
    const reader = await journal.reader('a');
    reader.seek(2);
    expect((await reader.read(MANY)).map((event) => event.offset)).toEqual([3]);
    reader.seek(0);
    expect((await reader.read(MANY)).map((event) => event.offset)).toEqual([1, 2, 3]);
    reader.seek(99);
    expect(reader.committed).toBe(3);
  });

  it('tails from a given offset without holding anything', async () => {
    await journal.append([eventOf(1), eventOf(2)]);
    const tail = journal.tail(1);
    expect((await tail.read(MANY)).map((event) => event.offset)).toEqual([2]);
    expect(journal.stats().pendingEvents).toBe(0);
    const waiting = tail.read(MANY);
    tail.close();
    expect(await waiting).toEqual([]);
  });

  it('refuses appends after close', async () => {
    await journal.close();
    await expect(journal.append([eventOf(1)])).rejects.toMatchObject({ code: 'WATCHER_JOURNAL_CLOSED' });
    await expect(journal.reader('a')).rejects.toMatchObject({ code: 'WATCHER_JOURNAL_CLOSED' });
  });
});

describe.each(Object.entries(kinds))('Journal %s at its cap', (_name, make) => {
  let journal: Journal;
  let remove: () => Promise<void>;
  const value = Buffer.alloc(10_000);

  beforeEach(async () => {
    ({ journal, remove } = await make(200_000));
  });
  afterEach(async () => {
    await journal.close();
    await remove();
  });

  /** Appends until one waits; returns that one. */
  async function fill(): Promise<{ count: number; blocked: Promise<void> }> {
    const pressure = new Promise<void>((resolve) => journal.onPressure((full) => full && resolve()));
    for (let count = 0; count < 1000; count += 1) {
      const append = journal.append([eventOf(count, { value })]);
      if ((await Promise.race([append.then(() => 'written'), pressure.then(() => 'full')])) === 'full')
        return { count, blocked: append };
    }
    throw new Error('The journal never became full.');
  }

  async function pass(reader: JournalReader, count: number): Promise<void> {
    const events = await readAll(reader, count);
    reader.commit(events[events.length - 1]?.offset ?? 0);
  }

  it('waits, says so, and goes on when the slowest reader has passed', async () => {
    const reader = await journal.reader('slow');
    const quick = await journal.reader('quick');
    const changes: boolean[] = [];
    journal.onPressure((full) => changes.push(full));
    const { count, blocked } = await fill();
    expect(count).toBeGreaterThan(5);
    expect(journal.stats()).toMatchObject({ full: true, pendingEvents: count });
    expect(journal.stats().bytes).toBeLessThanOrEqual(200_000);
    await pass(quick, count);
    expect(journal.stats().full).toBe(true);
    await pass(reader, count);
    await blocked;
    expect(changes).toEqual([true, false]);
    expect(journal.stats()).toMatchObject({ full: false, pendingEvents: 1, lastOffset: count + 1 });
    expect((await reader.read(MANY)).map((event) => event.id)).toEqual([String(count)]);
  });

  it('deletes what was passed without waiting, and tells a tail that came too late', async () => {
    const reader = await journal.reader('r');
    const late = journal.tail(0);
    for (let n = 0; n < 100; n += 1) {
      await journal.append([eventOf(n, { value })]);
      await pass(reader, 1);
    }
    const { firstOffset, bytes, full } = journal.stats();
    expect(firstOffset).toBeGreaterThan(50);
    expect(bytes).toBeLessThanOrEqual(200_000);
    expect(full).toBe(false);
    await expect(late.read(MANY)).rejects.toMatchObject({ code: 'WATCHER_JOURNAL_OFFSET_TOO_OLD' });
  });

  it('takes a record above the cap when it is otherwise empty', async () => {
    const reader = await journal.reader('r');
    await journal.append([eventOf(1)]);
    await pass(reader, 1);
    await journal.append([eventOf(2, { value: Buffer.alloc(300_000, 1) })]);
    const [event] = await reader.read({ maxEvents: 1, maxBytes: 1 });
    expect(event?.value.equals(Buffer.alloc(300_000, 1))).toBe(true);
  });

  it('rejects a waiting append at close', async () => {
    await journal.reader('r');
    const { blocked } = await fill();
    await Promise.all([expect(blocked).rejects.toMatchObject({ code: 'WATCHER_JOURNAL_CLOSED' }), journal.close()]);
  });
});
