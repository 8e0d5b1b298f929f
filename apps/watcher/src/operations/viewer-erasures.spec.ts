import { describe, expect, it } from 'vitest';
import type { ViewerErasureStore } from '../history/viewer-erasure.port.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import { ViewerErasures } from './viewer-erasures.js';

class MemoryStore implements ViewerErasureStore {
  readonly waiting = new Map<string, number>();
  #now = 1_000;
  async erase(userId: string): Promise<number> {
    this.#now += 1;
    this.waiting.set(userId, this.#now);
    return this.#now;
  }
  async endOptOut(): Promise<undefined> {
    return undefined;
  }
  async unannounced(): Promise<readonly { userId: string; at: number }[]> {
    return [...this.waiting].map(([userId, at]) => ({ userId, at }));
  }
  async announced(userId: string): Promise<void> {
    this.waiting.delete(userId);
  }
}

function setUp() {
  const store = new MemoryStore();
  const durable: FinishedEvent[] = [];
  const journal = {
    closed: false,
    async append(events: readonly FinishedEvent[]): Promise<void> {
      if (this.closed) throw new Error('closed');
      durable.push(...events);
    },
  };
  const admitted: FinishedEvent[] = [];
  const make = () => new ViewerErasures({ store, journal, onAdmitted: (events) => admitted.push(...events) });
  return { store, durable, journal, admitted, make };
}

describe('ViewerErasures', () => {
  it('tells consumers once the viewer is gone, and answers when that is durable', async () => {
    const { store, durable, admitted, make } = setUp();
    const erasures = make();
    const at = await erasures.erase('77', false);
    expect(durable).toEqual(admitted);
    expect(durable.map(({ id, source, type, key }) => [id, source, type, key])).toEqual([
      [`viewer.erased-${at}`, '/tiktok/viewers/77', 'livetap.viewer.erased.v1', '77'],
    ]);
    expect([erasures.made, erasures.pending, store.waiting.size]).toEqual([1, 0, 0]);
  });

  it('tells after the next start what a crash kept from being told, under the same id', async () => {
    const { store, durable, journal, make } = setUp();
    journal.closed = true;
    const before = make();
    await expect(before.erase('77', true)).rejects.toThrow('closed');
    expect([before.made, before.pending, store.waiting.size]).toEqual([1, 1, 1]);
    journal.closed = false;
    const after = make();
    await after.announceRest();
    await after.announceRest();
    expect(durable.map(({ id }) => id)).toEqual(['viewer.erased-1001']);
    expect(store.waiting.size).toBe(0);
  });
});
