import { FakeClock } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import type { LogFields, Logger } from '../common/logger.port.js';
import { DatabaseError } from '../persistence/persistence.errors.js';
import type { Change } from './audit-entry.js';
import { AuditTrail } from './audit-trail.js';
import { MemoryAuditStore } from './memory-audit-store.js';

const change = (n: number): Change => ({ actor: 'ops', channel: 'rest', action: `thing.${n}`, target: `things/${n}` });

class FailingStore extends MemoryAuditStore {
  away = false;
  hang = false;
  override async append(...args: Parameters<MemoryAuditStore['append']>): Promise<void> {
    if (this.hang) await new Promise(() => undefined);
    if (this.away) throw new DatabaseError('WATCHER_DATABASE_UNREACHABLE', 'Away.', { retryable: true });
    await super.append(...args);
  }
}

function setUp(maxWaiting?: number) {
  const lines: string[] = [];
  const note = (event: string, fields?: LogFields): void => void lines.push(`${event} ${JSON.stringify(fields)}`);
  const logger: Logger = { debug: () => undefined, info: note, warn: note, error: note };
  const clock = new FakeClock();
  const store = new FailingStore();
  const backOff = { next: () => 1_000, reset: () => undefined };
  const keepMs = 3_600_000;
  const trail = new AuditTrail({
    store,
    clock,
    logger,
    backOff,
    keepMs,
    ...(maxWaiting === undefined ? {} : { maxWaiting }),
  });
  const actions = async (): Promise<string[]> => {
    const { items } = await store.list({ limit: 100 });
    return items.map(({ action }) => action).reverse();
  };
  return { lines, clock, store, trail, actions };
}

describe('AuditTrail', () => {
  it('writes a row and a line for each change', async () => {
    const { trail, store, lines } = setUp();
    await trail.record({ ...change(1), details: { fields: ['a'], none: undefined } });
    expect((await store.list({ limit: 1 })).items).toMatchObject([
      { actor: 'ops', channel: 'rest', action: 'thing.1', target: 'things/1' },
    ]);
    expect(lines).toEqual(['thing.1 {"target":"things/1","fields":["a"],"by":"ops","channel":"rest"}']);
    await trail.record(change(2), change(3));
    expect(lines[1]).toBe('thing.2 {"count":2,"by":"ops","channel":"rest"}');
  });

  it('keeps what the database does not take, in order, and writes it when it is back', async () => {
    const { trail, store, clock, actions } = setUp();
    store.away = true;
    await trail.record(change(1));
    store.away = false;
    // The first one waits: the second one does not overtake it.
    await trail.record(change(2));
    expect(await actions()).toEqual([]);
    await clock.advance(1_000);
    expect(await actions()).toEqual(['thing.1', 'thing.2']);
    await trail.record(change(3));
    expect(await actions()).toEqual(['thing.1', 'thing.2', 'thing.3']);
  });

  it('goes on trying, holds so many and says how many were lost', async () => {
    const { trail, store, clock, lines, actions } = setUp(2);
    store.away = true;
    for (const n of [1, 2, 3]) await trail.record(change(n));
    expect(lines.at(-1)).toBe('audit.lost {"entries":1}');
    await clock.advance(5_000);
    store.away = false;
    await clock.advance(1_000);
    expect(await actions()).toEqual(['thing.2', 'thing.3']);
  });

  it('writes what waits when it stops, and does not wait for a database that hangs', async () => {
    const first = setUp();
    first.store.away = true;
    await first.trail.record(change(1));
    first.store.away = false;
    await first.trail.stop();
    expect(await first.actions()).toEqual(['thing.1']);
    expect(first.clock.pendingTimers).toBeLessThanOrEqual(1);

    const second = setUp();
    second.store.away = true;
    await second.trail.record(change(1));
    second.store.hang = true;
    const stopped = second.trail.stop();
    await second.clock.advance(2_000);
    await stopped;
    expect(second.lines.at(-1)).toBe('audit.lost {"entries":1}');
  });

  it('removes what is too old, at start and every hour', async () => {
    const { trail, store, clock, actions } = setUp();
    await store.append([{ ...change(1), at: new Date(clock.now() - 3_600_001) }]);
    await store.append([{ ...change(2), at: new Date(clock.now() - 1) }]);
    trail.start();
    await clock.advance(0);
    expect(await actions()).toEqual(['thing.2']);
    await clock.advance(3_600_000);
    expect(await actions()).toEqual([]);
    await trail.stop();
    expect(clock.pendingTimers).toBe(0);
  });
});
