import { FakeClock } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../common/logger.port.js';
import { AccessError } from './access.errors.js';
import { ApiKeyService } from './api-key-service.js';
import { KeyRing } from './key-ring.js';
import { MemoryApiKeyStore } from './memory-api-key-store.js';
import { hashOf, MAX_STORED_KEYS, newSecret } from './stored-api-key.js';

async function setUp() {
  const clock = new FakeClock();
  const store = new MemoryApiKeyStore();
  const ring = new KeyRing({ clock, logger: SILENT_LOGGER });
  await ring.start(store);
  const service = new ApiKeyService({ store, ring, clock, settingsKeys: [{ name: 'ops', role: 'admin' }] });
  const known = (secret: { reveal(): string }) => ring.identify(hashOf(secret.reveal()));
  return { clock, store, ring, service, known };
}

const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: unknown) => (error as AccessError).code,
  );

describe('secrets of keys', () => {
  it('are long, different, known by their hash, and shown by how they begin', () => {
    const one = newSecret();
    expect(one.secret.reveal()).toMatch(/^livetap_[A-Za-z0-9_-]{43}$/);
    expect(one.secret.reveal().startsWith(one.prefix)).toBe(true);
    expect(one.prefix).toHaveLength(14);
    expect(one.hash).toBe(hashOf(one.secret.reveal()));
    expect(newSecret().hash).not.toBe(one.hash);
    expect(JSON.stringify(one)).not.toContain(one.secret.reveal());
  });
});

describe('keys of the database', () => {
  it('count from their making to their end', async () => {
    const { service, known, clock } = await setUp();
    const expiresAt = new Date(clock.now() + 1_000);
    const { key, secret } = await service.create(
      { name: 'page', role: 'read', requestsPerMinute: 5, expiresAt },
      'ops',
    );
    expect(known(secret)).toEqual({ name: 'page', role: 'read', source: 'database', requestsPerMinute: 5 });
    await clock.advance(999);
    expect(known(secret)).toBeDefined();
    await clock.advance(1);
    expect(known(secret)).toBeUndefined();
    await service.change(key.id, { expiresAt: null, role: 'operate', requestsPerMinute: null });
    expect(known(secret)).toEqual({ name: 'page', role: 'operate', source: 'database' });
    await service.revoke(key.id);
    expect(known(secret)).toBeUndefined();
  });

  it('have two secrets while the old one runs out, never three', async () => {
    const { service, known, clock } = await setUp();
    const first = await service.create({ name: 'page', role: 'read' }, 'ops');
    const second = await service.rotate(first.key.id, 1_000);
    expect([known(first.secret), known(second.secret)]).toEqual([
      expect.objectContaining({ name: 'page' }),
      expect.objectContaining({ name: 'page' }),
    ]);
    const third = await service.rotate(first.key.id, 1_000);
    expect([known(first.secret), known(second.secret) !== undefined]).toEqual([undefined, true]);
    await clock.advance(1_000);
    expect([known(second.secret), known(third.secret) !== undefined]).toEqual([undefined, true]);
    const fourth = await service.rotate(first.key.id, 0);
    expect([known(third.secret), known(fourth.secret) !== undefined]).toEqual([undefined, true]);
  });

  it('made or revoked at another replica count within five seconds; a database that is away locks nobody out', async () => {
    const { clock, store, ring, service, known } = await setUp();
    const other = new KeyRing({ clock, logger: SILENT_LOGGER });
    await other.start(store);
    const { key, secret } = await service.create({ name: 'page', role: 'read' }, 'ops');
    const there = () => other.identify(hashOf(secret.reveal()));
    expect(there()).toBeUndefined();
    await clock.advance(5_000);
    expect(there()).toBeDefined();
    const all = store.all.bind(store);
    store.all = () => Promise.reject(new Error('away'));
    await clock.advance(20_000);
    expect([known(secret), there()]).not.toContain(undefined);
    store.all = all;
    await store.remove(key.id);
    await clock.advance(5_000);
    expect([known(secret), there()]).toEqual([undefined, undefined]);
    ring.stop();
    other.stop();
    await clock.advance(10_000);
    expect(clock.pendingTimers).toBe(0);
  });

  it('are written down as used once a minute', async () => {
    const { clock, store, service, known } = await setUp();
    const { key, secret } = await service.create({ name: 'page', role: 'read' }, 'ops');
    known(secret);
    const usedAt = new Date(clock.now());
    await clock.advance(30_000);
    expect((await store.find(key.id))?.lastUsedAt).toBeUndefined();
    await clock.advance(30_000);
    expect((await store.find(key.id))?.lastUsedAt).toEqual(usedAt);
  });

  it('have names of their own, also beside the settings, and a limit', async () => {
    const { service } = await setUp();
    const { key } = await service.create({ name: 'page', role: 'read' }, 'ops');
    await service.create({ name: 'other', role: 'read' }, 'ops');
    for (const name of ['page', 'ops', 'local'])
      expect(await codeOf(service.create({ name, role: 'read' }, 'ops'))).toBe('WATCHER_KEY_EXISTS');
    for (const name of ['other', 'ops', 'local'])
      expect(await codeOf(service.change(key.id, { name }))).toBe('WATCHER_KEY_EXISTS');
    expect(await codeOf(service.change(key.id, { name: 'page' }))).toBe('ok');
    for (const work of [service.get('x'), service.change('x', {}), service.rotate('x', 0), service.revoke('x')])
      expect(await codeOf(work)).toBe('WATCHER_KEY_NOT_FOUND');
    for (let n = 2; n < MAX_STORED_KEYS; n += 1) await service.create({ name: `k${n}`, role: 'read' }, 'ops');
    expect(await codeOf(service.create({ name: 'more', role: 'read' }, 'ops'))).toBe('WATCHER_KEY_TOO_MANY');
  });
});
