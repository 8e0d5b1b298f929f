import { expect, it } from 'vitest';
import type { ApiKeyStore, NewApiKey } from '../../../apps/watcher/src/access/api-key-store.port.js';
import { hashOf, MAX_STORED_KEYS, newKeyId } from '../../../apps/watcher/src/access/stored-api-key.js';

const key = (name: string, more: Partial<NewApiKey> = {}): NewApiKey => ({
  id: newKeyId(),
  name,
  role: 'read',
  prefix: `livetap_${name}`,
  hash: hashOf(name),
  createdBy: 'ops',
  ...more,
});

/** What every ApiKeyStore promises. `make` gives an empty one. */
export function apiKeyStoreContract(make: () => Promise<ApiKeyStore>): void {
  it('adds, lists by name, changes, rotates and removes', async () => {
    const store = await make();
    expect(await store.all()).toEqual([]);
    const expiresAt = new Date('2030-01-01T00:00:00.000Z');
    const page = key('page', { role: 'operate', requestsPerMinute: 7, expiresAt });
    expect(await store.add(page)).toMatchObject(page);
    const early = key('early');
    await store.add(early);
    expect(await store.add(key('page'))).toBe('exists');
    expect((await store.all()).map(({ name }) => name)).toEqual(['early', 'page']);
    const found = await store.find(early.id);
    expect(found).toMatchObject(early);
    for (const absent of ['previous', 'expiresAt', 'requestsPerMinute', 'lastUsedAt'])
      expect(found).not.toHaveProperty(absent);

    expect(await store.change(page.id, { name: 'early' })).toBe('exists');
    expect(await store.change(page.id, { name: 'page', role: 'admin' })).toMatchObject({ ...page, role: 'admin' });
    const bare = await store.change(page.id, { requestsPerMinute: null, expiresAt: null });
    expect(bare).not.toHaveProperty('requestsPerMinute');
    expect(bare).not.toHaveProperty('expiresAt');
    expect(await store.change('none', { role: 'read' })).toBeUndefined();

    const previousValidUntil = new Date('2026-02-03T04:05:06.789Z');
    const secret = { hash: hashOf('new'), prefix: 'livetap_new', previousValidUntil };
    expect(await store.rotate(page.id, secret)).toMatchObject({
      hash: secret.hash,
      prefix: secret.prefix,
      previous: { hash: page.hash, validUntil: previousValidUntil },
    });
    expect(await store.rotate('none', secret)).toBeUndefined();

    const at = new Date('2026-02-03T04:05:00.000Z');
    await store.used(
      new Map([
        [page.id, at],
        ['none', at],
      ]),
    );
    expect((await store.find(page.id))?.lastUsedAt).toEqual(at);
    expect(await store.remove(page.id)).toMatchObject({ id: page.id, role: 'admin' });
    expect(await store.remove(page.id)).toBeUndefined();
    expect(await store.find(page.id)).toBeUndefined();
    expect(await store.find('\u0000')).toBeUndefined();
  });

  it('holds so many and no more, also when many are added at once', async () => {
    const store = await make();
    const names = Array.from({ length: MAX_STORED_KEYS - 2 }, (_, n) => `k${n}`);
    for (const name of names) await store.add(key(name));
    const last = await Promise.all(['a', 'b', 'c', 'd'].map((name) => store.add(key(name))));
    expect(last.filter((outcome) => outcome === 'full')).toHaveLength(2);
    const same = await Promise.all([1, 2].map(async () => store.remove((await store.all())[0]?.id ?? '')));
    expect(same.filter((removed) => removed !== undefined)).toHaveLength(1);
  });
}
