import { FakeClock } from '@livetap/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryJournal } from '../journal/memory-journal.js';
import { Canary } from './canary.js';

const REPLICA = '6f1c2c1e-5b3e-4a7e-9d83-1f6f4a3f3b55';

describe('Canary', () => {
  let clock: FakeClock;
  let journal: MemoryJournal;
  let admitted: number;
  let canary: Canary;
  beforeEach(() => {
    clock = new FakeClock(Date.UTC(2026, 4, 6, 7, 8, 9));
    journal = new MemoryJournal({ maxBytes: 4_000 });
    admitted = 0;
    canary = new Canary({
      journal,
      clock,
      replicaId: REPLICA,
      onAdmitted: (events) => (admitted += events.length),
    });
  });

  it('sends one event at the start and one a minute, outside of every room and only to its own topic', async () => {
    canary.start();
    await clock.advance(185_000);
    expect(journal.events.map(({ id }) => id)).toEqual(
      [1, 2, 3, 4].map((n) => `canary-${Date.UTC(2026, 4, 6, 7, 8, 9)}-${n}`),
    );
    const [, second] = journal.events;
    expect(second).toMatchObject({ topic: 'canary', key: REPLICA, type: 'livetap.canary.v1', subject: '' });
    expect(second).not.toHaveProperty('sequence');
    expect(JSON.parse(second?.value.toString() ?? '')).toEqual({
      specversion: '1.0',
      id: second?.id,
      source: `/livetap/replicas/${REPLICA}`,
      type: 'livetap.canary.v1',
      datacontenttype: 'application/json',
      dataschema: 'urn:livetap:schema:canary:1.0',
      time: '2026-05-06T07:09:09.000Z',
      recordedtime: '2026-05-06T07:09:09.000Z',
      data: { replicaId: REPLICA, n: 2 },
    });
    expect([admitted, canary.made, canary.pending]).toEqual([4, 4, 0]);
  });

  it('adds nothing to a journal that is full, and goes on when it has room', async () => {
    const reader = await journal.reader('slow');
    canary.start();
    await clock.advance(20 * 60_000);
    expect(journal.stats().full).toBe(true);
    const waiting = canary.made;
    expect([canary.pending, journal.stats().lastOffset]).toEqual([1, waiting - 1]);
    await clock.advance(60 * 60_000);
    expect(canary.made).toBe(waiting);
    const events = await reader.read({ maxEvents: 100, maxBytes: 100_000 });
    reader.commit(events.at(-1)?.offset ?? 0);
    await clock.advance(60_000);
    expect([canary.made, canary.pending]).toEqual([waiting + 1, 0]);
  });

  it('stops for good when it is told to, and when the journal is closed', async () => {
    canary.start();
    await clock.advance(0);
    canary.stop();
    await clock.advance(600_000);
    expect([canary.made, clock.pendingTimers]).toEqual([1, 0]);
    const other = new Canary({ journal, clock, replicaId: REPLICA, onAdmitted: () => undefined });
    await journal.close();
    other.start();
    await clock.advance(600_000);
    expect([other.made, other.pending, clock.pendingTimers]).toEqual([1, 1, 0]);
  });
});
