import { FakeClock, sampleEvent, SeededRandom } from '@livetap/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../common/logger.port.js';
import { MemoryJournal } from '../journal/memory-journal.js';
import type { FoldInput, FoldPosition, HistoryFold } from './history.port.js';
import { JournalHistorySource } from './journal-history-source.js';

class MemoryFold implements HistoryFold {
  readonly ids: string[] = [];
  readonly stored = new Map<string, string>();
  away = false;

  async positions(prefix: string): Promise<ReadonlyMap<string, string>> {
    if (this.away) throw new Error('away');
    return new Map([...this.stored].filter(([stream]) => stream.startsWith(prefix)));
  }

  async apply(events: readonly FoldInput[], positions: readonly FoldPosition[]): Promise<void> {
    if (this.away) throw new Error('away');
    this.ids.push(...events.map((event) => event.id));
    for (const { stream, next } of positions) this.stored.set(stream, next);
  }
}

const range = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, n) => String(from + n));

describe('JournalHistorySource', () => {
  let journal: MemoryJournal;
  let fold: MemoryFold;
  let clock: FakeClock;
  beforeEach(() => {
    journal = new MemoryJournal({ id: 'j1' });
    fold = new MemoryFold();
    clock = new FakeClock();
  });
  const source = (): JournalHistorySource =>
    new JournalHistorySource({ journal, fold, clock, random: new SeededRandom(1), logger: SILENT_LOGGER });
  const append = (from: number, to: number): Promise<void> =>
    journal.append(range(from, to).map((n) => sampleEvent(Number(n))));

  it('folds everything but raw bytes and canaries, and remembers where it is in both places', async () => {
    await append(0, 2_500);
    await journal.append([sampleEvent(1, { topic: 'raw' }), sampleEvent(2, { topic: 'canary' })]);
    const history = source();
    await history.start();
    await history.idle();
    expect(fold.ids).toEqual(range(0, 2_500));
    expect(journal.committed('history')).toBe(2_502);
    await history.stop();
  });

  it('goes on from the position of the database, ahead of or behind its own cursor', async () => {
    await append(0, 10);
    fold.stored.set('journal:j1', '6');
    const first = source();
    await first.start();
    await first.idle();
    await first.stop();
    expect(fold.ids).toEqual(range(5, 10));
    const restored = new MemoryFold();
    restored.stored.set('journal:j1', '3');
    fold = restored;
    const second = source();
    await second.start();
    await clock.advance(0);
    await second.idle();
    await second.stop();
    expect(restored.ids).toEqual(range(2, 10));
  });

  it('waits for a database that is away, says so, and misses nothing', async () => {
    fold.away = true;
    const history = source();
    await history.start();
    await append(0, 5);
    await clock.advance(60_000);
    expect(history.problem()).toMatch(/database/);
    const limit = new AbortController();
    limit.abort();
    await history.idle(limit.signal);
    fold.away = false;
    await clock.advance(5_000);
    await history.idle();
    expect(fold.ids).toEqual(range(0, 5));
    fold.away = true;
    await append(5, 8);
    await clock.advance(10_000);
    expect(history.problem()).toMatch(/database/);
    await history.stop();
    expect(journal.committed('history')).toBe(5);
  });
});
