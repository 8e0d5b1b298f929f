import { expect, it } from 'vitest';
import { MAX_POOL_PROXIES, MAX_POOLS } from '../../../apps/watcher/src/streamers/proxies/proxy-pool.js';
import type {
  NewPoolProxy,
  ProxyPoolStore,
} from '../../../apps/watcher/src/streamers/proxies/proxy-pool-store.port.js';

export interface ProxyPoolWorld {
  readonly store: ProxyPoolStore;
  /** Adds a streamer that names the pool, or a label that gives it. */
  readonly use: (name: string, by: 'streamer' | 'label') => Promise<void>;
}

const proxy = (n: number): NewPoolProxy => ({ id: `px_${n}`, address: `http://p${n}:1`, url: `http://p${n}:1/` });

/** What every ProxyPoolStore promises. `make` gives an empty one. */
export function proxyPoolStoreContract(make: () => Promise<ProxyPoolWorld>): void {
  it('adds, lists by name, describes, changes proxies in order, and removes', async () => {
    const { store } = await make();
    expect(await store.all()).toEqual([]);
    await store.add('us', '', []);
    expect(await store.add('eu', 'Europe', [proxy(2), proxy(1)])).toMatchObject({
      name: 'eu',
      description: 'Europe',
      proxies: [proxy(2), proxy(1)],
    });
    expect(await store.add('eu', '', [])).toBe('exists');
    expect((await store.all()).map(({ name }) => name)).toEqual(['eu', 'us']);
    expect(await store.describe('eu', 'all of it')).toMatchObject({ description: 'all of it' });
    expect(await store.describe('none', '')).toBeUndefined();
    expect(await store.addProxies('eu', [proxy(3)])).toMatchObject({ proxies: [proxy(2), proxy(1), proxy(3)] });
    expect(await store.addProxies('none', [proxy(4)])).toBeUndefined();
    expect(await store.removeProxy('us', 'px_1')).toBe(false);
    expect(await store.removeProxy('eu', 'px_1')).toBe(true);
    expect(await store.find('eu')).toMatchObject({ proxies: [proxy(2), proxy(3)] });
    expect(await store.remove('eu')).toBe('removed');
    expect(await store.remove('eu')).toBeUndefined();
    expect(await store.find('eu')).toBeUndefined();
    expect(await store.add('eu', '', [proxy(2)])).toMatchObject({ proxies: [proxy(2)] });
  });

  it.each(['streamer', 'label'] as const)('keeps a pool that a %s names', async (by) => {
    const { store, use } = await make();
    await store.add('eu', '', []);
    await store.add('us', '', []);
    await use('eu', by);
    expect(await store.remove('eu')).toBe('used');
    expect(await store.remove('us')).toBe('removed');
    expect((await store.all()).map(({ name }) => name)).toEqual(['eu']);
  });

  it('holds so many pools and proxies and no more', async () => {
    const { store } = await make();
    for (let n = 0; n < MAX_POOLS; n += 1) await store.add(`pool${n}`, '', []);
    expect(await store.add('more', '', [])).toBe('full');
    const many = Array.from({ length: MAX_POOL_PROXIES }, (_, n) => proxy(n));
    expect(await store.addProxies('pool1', many)).toMatchObject({ name: 'pool1' });
    expect(await store.addProxies('pool1', [proxy(1_000)])).toBe('full');
    expect((await store.find('pool1'))?.proxies).toHaveLength(MAX_POOL_PROXIES);
  });
}
