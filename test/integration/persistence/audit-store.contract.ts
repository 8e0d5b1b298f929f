import { expect, it } from 'vitest';
import type { AuditStore } from '../../../apps/watcher/src/audit/audit-store.port.js';

const at = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 0, minute));
const change = (minute: number, more: Record<string, unknown> = {}) => ({
  at: at(minute),
  actor: 'ops',
  channel: 'rest' as const,
  action: 'streamer.added',
  target: `streamers/s${minute}`,
  ...more,
});

/** What every AuditStore promises. `make` gives an empty one. */
export function auditStoreContract(make: () => Promise<AuditStore>): void {
  it('keeps changes as they were and lists them newest first, page by page', async () => {
    const store = await make();
    await store.append([
      change(1, { details: { fields: ['paused'], purge: false, count: 3 } }),
      change(2, { actor: 'page', action: 'streamer.removed' }),
    ]);
    const { target: _, ...untold } = change(3, { channel: 'command' });
    await store.append([untold, change(4), change(5)]);
    const minutes = async (query: object): Promise<number[]> =>
      (await store.list({ limit: 100, ...query })).items.map((entry) => entry.at.getUTCMinutes());
    expect(await minutes({})).toEqual([5, 4, 3, 2, 1]);
    const first = await store.list({ limit: 2 });
    const second = await store.list({ limit: 2, cursor: first.nextCursor ?? '' });
    const third = await store.list({ limit: 2, cursor: second.nextCursor ?? '' });
    expect([...first.items, ...second.items, ...third.items].map((entry) => entry.at)).toEqual([5, 4, 3, 2, 1].map(at));
    expect(third.nextCursor).toBeUndefined();
    expect(third.items[0]).toMatchObject({
      target: 'streamers/s1',
      details: { fields: ['paused'], purge: false, count: 3 },
    });
    const [command] = (await store.list({ limit: 1, from: at(3), to: at(4) })).items;
    expect(command).toMatchObject({ channel: 'command', actor: 'ops' });
    expect(command).not.toHaveProperty('target');
    expect(await minutes({ actor: 'page' })).toEqual([2]);
    expect(await minutes({ action: 'streamer.removed' })).toEqual([2]);
    expect(await minutes({ target: 'streamers/s4' })).toEqual([4]);
    expect(await minutes({ from: at(2), to: at(4) })).toEqual([3, 2]);
    await expect(store.list({ limit: 1, cursor: 'nonsense' })).rejects.toMatchObject({
      code: 'WATCHER_CURSOR_INVALID',
    });
  });

  it('removes what is too old', async () => {
    const store = await make();
    await store.append([change(1), change(2), change(3)]);
    expect(await store.prune(at(3))).toBe(2);
    expect(await store.prune(at(3))).toBe(0);
    expect((await store.list({ limit: 10 })).items).toHaveLength(1);
  });
}
