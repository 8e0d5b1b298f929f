import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MemoryApiKeyStore } from '../../../apps/watcher/src/access/memory-api-key-store.js';
import { PostgresApiKeyStore } from '../../../apps/watcher/src/access/postgres-api-key-store.adapter.js';
import { MemoryAuditStore } from '../../../apps/watcher/src/audit/memory-audit-store.js';
import { PostgresAuditStore } from '../../../apps/watcher/src/audit/postgres-audit-store.adapter.js';
import { MemoryLeaseStore } from '../../../apps/watcher/src/leases/memory-lease-store.js';
import { SystemClock } from '../../../apps/watcher/src/common/system-clock.adapter.js';
import { type LeaseStore, NO_ROOM } from '../../../apps/watcher/src/leases/lease-store.port.js';
import { PostgresLeaseHints } from '../../../apps/watcher/src/leases/postgres-lease-hints.adapter.js';
import { PostgresLeaseStore } from '../../../apps/watcher/src/leases/postgres-lease-store.adapter.js';
import type { CommandStore } from '../../../apps/watcher/src/persistence/command-store.port.js';
import { Database } from '../../../apps/watcher/src/persistence/database.js';
import { MemoryCommandStore } from '../../../apps/watcher/src/persistence/memory-command-store.js';
import { PostgresCommandStore } from '../../../apps/watcher/src/persistence/postgres-command-store.adapter.js';
import { PostgresGiftCatalogueStore } from '../../../apps/watcher/src/persistence/postgres-gift-catalogue-store.adapter.js';
import { PostgresReplicaRegistry } from '../../../apps/watcher/src/persistence/postgres-replica-registry.adapter.js';
import { MemoryLabelDefaultStore } from '../../../apps/watcher/src/streamers/memory-label-default-store.js';
import { MemoryStreamerStore } from '../../../apps/watcher/src/streamers/memory-streamer-store.js';
import type { LogFields } from '../../../apps/watcher/src/common/logger.port.js';
import { SecretBox } from '../../../apps/watcher/src/common/secret-box/secret-box.js';
import type { SecretKey } from '../../../apps/watcher/src/common/secret-box/secret-key.js';
import { Secret } from '../../../apps/watcher/src/common/secret.js';
import { sealStreamersAnew } from '../../../apps/watcher/src/streamers/seal-streamers-anew.adapter.js';
import { MemoryProxyPoolStore } from '../../../apps/watcher/src/streamers/proxies/memory-proxy-pool-store.js';
import { PostgresProxyPoolStore } from '../../../apps/watcher/src/streamers/proxies/postgres-proxy-pool-store.adapter.js';
import { StreamerVault } from '../../../apps/watcher/src/streamers/streamer-vault.js';
import { PostgresLabelDefaultStore } from '../../../apps/watcher/src/streamers/postgres-label-default-store.adapter.js';
import { PostgresStreamerStore } from '../../../apps/watcher/src/streamers/postgres-streamer-store.adapter.js';
import type { StreamerStore } from '../../../apps/watcher/src/streamers/streamer-store.port.js';
import { startTestPostgres, type TestPostgres } from '../../setup/postgres.js';
import { apiKeyStoreContract } from './api-key-store.contract.js';
import { auditStoreContract } from './audit-store.contract.js';
import { leaseStoreContract, type LeaseWorld } from './lease-store.contract.js';
import { labelDefaultStoreContract } from './label-default-store.contract.js';
import { proxyPoolStoreContract } from './proxy-pool-store.contract.js';
import { streamerStoreContract } from './streamer-store.contract.js';

let postgres: TestPostgres;
let database: Database;

beforeAll(async () => {
  postgres = await startTestPostgres();
  database = new Database({ url: await postgres.createMigratedDatabase() });
  await database.connect();
});
afterAll(async () => {
  await database.close();
  await postgres.stop();
});

/** Empties what a test may have left. */
async function clean(): Promise<void> {
  await database.run(
    (client) =>
      client.$executeRaw`TRUNCATE streamers, label_defaults, proxy_pools, retired_epochs, commands, gifts, replicas, api_keys,
        audit_entries CASCADE`,
  );
}

function world(store: LeaseWorld['store'], streamers: StreamerStore, expire: LeaseWorld['expire']): LeaseWorld {
  return {
    store,
    expire,
    addStreamer: async (name, priority = 50) => (await streamers.add(name, { priority })).streamer.id,
    removeStreamer: async (name) => void (await streamers.remove(name, { purge: false })),
    pauseStreamer: async (name) => void (await streamers.update(name, { paused: true })),
  };
}

const keyOf = (id: string, byte: number): SecretKey => ({
  id,
  key: new Secret(Buffer.alloc(32, byte).toString('base64')),
});
const vault = new StreamerVault(new SecretBox([keyOf('k', 1)]));

describe('streamer store in memory', () =>
  streamerStoreContract(async () => new MemoryStreamerStore(undefined, vault)));

describe('streamer store in Postgres', () =>
  streamerStoreContract(async () => {
    await clean();
    return new PostgresStreamerStore(database, vault);
  }));

describe('key store in memory', () => apiKeyStoreContract(async () => new MemoryApiKeyStore()));

describe('key store in Postgres', () =>
  apiKeyStoreContract(async () => {
    await clean();
    return new PostgresApiKeyStore(database);
  }));

describe('audit log in memory', () => auditStoreContract(async () => new MemoryAuditStore()));

describe('audit log in Postgres', () => {
  auditStoreContract(async () => {
    await clean();
    return new PostgresAuditStore(database);
  });

  it('forgets the names of a streamer that is purged, and keeps those of one that is removed', async () => {
    await clean();
    const audit = new PostgresAuditStore(database);
    const streamers = new PostgresStreamerStore(database, vault);
    const change = { at: new Date(), actor: 'ops', channel: 'rest', action: 'streamer.added' } as const;
    for (const name of ['anna', 'bert']) {
      await streamers.add(name, {});
      await audit.append([{ ...change, target: `streamers/${name}` }]);
    }
    await streamers.remove('anna', { purge: true });
    await streamers.remove('bert', { purge: false });
    const { items } = await audit.list({ limit: 10 });
    expect(items.map(({ target }) => target)).toEqual(['streamers/bert', undefined]);
  });
});

describe('secrets of streamers in Postgres', () => {
  it('are sealed at start where they are in the clear or under an older key; what cannot be opened stays', async () => {
    await clean();
    const older = new StreamerVault(new SecretBox([keyOf('old', 2)]));
    const strange = new StreamerVault(new SecretBox([keyOf('gone', 3)]));
    const session = { sessionId: new Secret('planted'), ttTargetIdc: new Secret('x') };
    const store = new PostgresStreamerStore(database, older);
    const anna = (await store.add('anna', { proxyUrl: 'http://user:planted@p:1' })).streamer;
    await store.setSession(anna.id, older.sealSession(anna.id, session));
    const bert = (await store.add('bert', { proxyUrl: 'http://p:1' })).streamer;
    await store.setSession(bert.id, strange.sealSession(bert.id, session));
    const carl = (await store.add('carl', {})).streamer;
    await database.run(
      (client) =>
        client.$executeRaw`UPDATE streamers SET proxy_url = 'http://user:planted@p:1' WHERE unique_id = 'carl'`,
    );
    const lines: string[] = [];
    const note = (event: string, fields?: LogFields): void => void lines.push(`${event} ${JSON.stringify(fields)}`);
    const logger = { debug: note, info: note, warn: note, error: note };
    const both = new StreamerVault(new SecretBox([keyOf('k', 1), keyOf('old', 2)]));
    await sealStreamersAnew(database, both, logger);
    const rows = await store.findByIds([anna.id, bert.id, carl.id]);
    expect(vault.openProxy(anna.id, rows[0]?.proxyUrl ?? '')).toBe('http://user:planted@p:1');
    expect(vault.openSession(anna.id, rows[0]?.sealedSession ?? '').sessionId.reveal()).toBe('planted');
    expect(rows[1]).toMatchObject({
      proxyUrl: 'http://p:1',
      sealedSession: expect.stringMatching(/^v1\.gone/) as string,
    });
    expect(vault.openProxy(carl.id, rows[2]?.proxyUrl ?? '')).toBe('http://user:planted@p:1');
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^streamer\.secretUnreadable .*bert/);
    expect(lines[1]).toBe('secrets.sealedAnew {"rows":2}');
    await sealStreamersAnew(database, both, logger);
    expect(lines).toHaveLength(3);
    expect(await store.findByIds([anna.id, carl.id])).toEqual([rows[0], rows[2]]);
  });
});

describe('proxy pools in memory', () =>
  proxyPoolStoreContract(async () => {
    const used = new Set<string>();
    return {
      store: new MemoryProxyPoolStore(async (name) => used.has(name)),
      use: async (name) => void used.add(name),
    };
  }));

describe('proxy pools in Postgres', () =>
  proxyPoolStoreContract(async () => {
    await clean();
    return {
      store: new PostgresProxyPoolStore(database),
      use: async (proxyPool, by) => {
        if (by === 'label') await new PostgresLabelDefaultStore(database).put('vip', 0, { proxyPool });
        else await new PostgresStreamerStore(database).add('anna', { proxyPool });
      },
    };
  }));

describe('label defaults in memory', () => labelDefaultStoreContract(async () => new MemoryLabelDefaultStore()));

describe('label defaults in Postgres', () => {
  labelDefaultStoreContract(async () => {
    await clean();
    return new PostgresLabelDefaultStore(database);
  });

  it('keep the order of the leases in step: own priority, else that of the labels, else 50', async () => {
    await clean();
    const streamers = new PostgresStreamerStore(database);
    const labels = new PostgresLabelDefaultStore(database);
    const priorities = async (): Promise<number[]> =>
      (await database.run((client) => client.streamerRecord.findMany({ orderBy: { id: 'asc' } }))).map(
        ({ priority }) => priority,
      );
    await streamers.add('anna', { labels: ['vip', 'de'] });
    await streamers.add('bert', { labels: ['vip'], priority: 10 });
    await streamers.add('carl', {});
    await labels.put('vip', 5, { priority: 80 });
    expect(await priorities()).toEqual([80, 10, 50]);
    await labels.put('de', 5, { priority: 20 });
    expect(await priorities()).toEqual([20, 10, 50]);
    await labels.put('vip', 6, { priority: 81 });
    await streamers.update('bert', { priority: null });
    await streamers.update('carl', { labels: ['de'] });
    expect(await priorities()).toEqual([81, 81, 20]);
    await labels.remove('vip');
    expect(await priorities()).toEqual([20, 50, 20]);
    await streamers.add('dora', { labels: ['de'] });
    expect(await priorities()).toEqual([20, 50, 20, 20]);
  });
});

describe('lease store in memory', () =>
  leaseStoreContract(async () => {
    const streamers = new MemoryStreamerStore();
    let listed: Awaited<ReturnType<MemoryStreamerStore['list']>>['streamers'] = [];
    const refresh = async (): Promise<void> => void (listed = (await streamers.list({ limit: 1000 })).streamers);
    const store = new MemoryLeaseStore({ streamers: () => listed });
    const made = world(store, streamers, async (id, agoMs) => store.expire(id, agoMs));
    return {
      ...made,
      addStreamer: async (name, priority) => {
        const id = await made.addStreamer(name, priority);
        await refresh();
        return id;
      },
      removeStreamer: async (name) => {
        await made.removeStreamer(name);
        await refresh();
      },
      pauseStreamer: async (name) => {
        await made.pauseStreamer(name);
        await refresh();
      },
    };
  }));

const take = (store: LeaseStore, replicaId: string) =>
  store.acquire({ replicaId, ttlMs: 60_000, limit: 10, reclaim: false });

describe('lease store in Postgres', () => {
  const make = async (): Promise<LeaseWorld> => {
    await clean();
    return world(new PostgresLeaseStore(database), new PostgresStreamerStore(database), async (id, agoMs = 1_000) => {
      await database.run(
        (client) => client.$executeRaw`
          UPDATE leases SET expires_at = now() - ${agoMs}::double precision * interval '1 millisecond'
          WHERE streamer_id = ${BigInt(id)}`,
      );
    });
  };
  leaseStoreContract(make);

  it('tells whom it concerns by NOTIFY, also after its connection was cut', async () => {
    const { store, addStreamer } = await make();
    const id = await addStreamer('anna');
    const told: string[] = [];
    const listeners = ['r1', 'r2', 'r3'].map((replicaId) => {
      const backOff = { next: () => 10, reset: () => undefined };
      const hints = new PostgresLeaseHints(database.listener({ clock: new SystemClock(), backOff }));
      hints.listen(replicaId, () => told.push(replicaId));
      return hints;
    });
    const hears = async (expected: readonly string[]): Promise<void> => {
      await expect.poll(() => [...new Set(told)].sort(), { timeout: 30_000 }).toEqual(expected);
      told.length = 0;
    };
    try {
      // Each connection begins with a hint of its own: something may have been missed.
      await hears(['r1', 'r2', 'r3']);
      await take(store, 'r1');
      await store.offer({ replicaId: 'r1', offers: [{ streamerId: id, epoch: 1, to: 'r2' }] });
      await hears(['r2']);
      await store.answer({ replicaId: 'r2', answers: [{ streamerId: id, epoch: 1, readyRoom: NO_ROOM }] });
      await hears(['r1']);
      await database.run(
        (client) =>
          client.$queryRaw`SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE application_name = 'livetap hints'`,
      );
      await hears(['r1', 'r2', 'r3']);
      await store.release({ replicaId: 'r1', renewals: [{ streamerId: id, epoch: 1 }] });
      await hears(['r2']);
      await take(store, 'r2');
      await store.release({ replicaId: 'r2', renewals: [{ streamerId: id, epoch: 2 }] });
      await hears(['r1', 'r2', 'r3']);
    } finally {
      for (const hints of listeners) await hints.stop();
    }
  });

  it('never gives one lease to two of many that ask at once', async () => {
    const { store, addStreamer } = await make();
    const ids: string[] = [];
    for (let n = 0; n < 60; n += 1) ids.push(await addStreamer(`s${n}`));
    const replicas = Array.from({ length: 12 }, (_, n) => `r${n}`);
    const taken: string[] = [];
    for (let round = 0; round < 5; round += 1) {
      const rounds = await Promise.all(
        replicas.map((replicaId) => store.acquire({ replicaId, ttlMs: 60_000, limit: 3, reclaim: false })),
      );
      taken.push(...rounds.flat().map((lease) => `${lease.streamerId}@${lease.epoch}`));
    }
    expect(new Set(taken).size).toBe(taken.length);
    expect(taken.sort()).toEqual(ids.map((id) => `${id}@1`).sort());
  });

  it('never lets two replicas wait for each other in a circle', async () => {
    const { store, addStreamer } = await make();
    for (let n = 0; n < 200; n += 1) await addStreamer(`s${n}`);
    const leases = await store.acquire({ replicaId: 'r1', ttlMs: 60_000, limit: 200, reclaim: false });
    const renewals = leases.map(({ streamerId, epoch }) => ({ streamerId, epoch }));
    await store.offer({ replicaId: 'r1', offers: renewals.map((lease) => ({ ...lease, to: 'r2' })) });
    const answers = renewals.map((lease) => ({ ...lease, readyRoom: NO_ROOM })).reverse();
    // Would fail with the deadlock that the server finds: nothing here tries again.
    for (let round = 0; round < 20; round += 1) {
      const [{ lost }] = await Promise.all([
        store.renew({ replicaId: 'r1', ttlMs: 60_000, renewals }),
        store.answer({ replicaId: 'r2', answers }),
      ]);
      expect(lost).toEqual([]);
    }
    const { made } = await store.offers('r1');
    expect(made.filter(({ readyRoom }) => readyRoom === NO_ROOM)).toHaveLength(200);
  });

  it('raises epochs strictly, for ever, over 1,000 random steps of parallel replicas', async () => {
    const { store, addStreamer, removeStreamer, expire } = await make();
    const names = ['a', 'b', 'c', 'd'];
    const ids = new Map<string, string>();
    for (const name of names) ids.set(name, await addStreamer(name));
    const nameOf = new Map([...ids].map(([name, id]) => [id, name]));
    // A small generator with a fixed seed: the same 1,000 steps on every run.
    let seed = 20_261_122;
    const random = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) / 2 ** 32;
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
    const log: { name: string; epoch: number }[] = [];
    const held = new Map<string, Map<string, number>>(['r1', 'r2', 'r3'].map((replica) => [replica, new Map()]));
    const step = async (replica: string): Promise<void> => {
      const mine = held.get(replica)!;
      const renewals = [...mine].map(([streamerId, epoch]) => ({ streamerId, epoch }));
      const kind = random();
      if (kind < 0.45) {
        const leases = await store.acquire({ replicaId: replica, ttlMs: 60_000, limit: 4, reclaim: random() < 0.3 });
        for (const lease of leases) {
          mine.set(lease.streamerId, lease.epoch);
          log.push({ name: nameOf.get(lease.streamerId)!, epoch: lease.epoch });
        }
      } else if (kind < 0.65) {
        const { lost } = await store.renew({ replicaId: replica, ttlMs: 60_000, renewals });
        for (const id of lost) mine.delete(id);
      } else if (kind < 0.8) {
        await store.release({ replicaId: replica, renewals });
        mine.clear();
      } else if (kind < 0.95) {
        await expire(ids.get(pick(names))!);
      } else {
        const name = pick(names);
        await removeStreamer(name);
        const id = await addStreamer(name);
        ids.set(name, id);
        nameOf.set(id, name);
      }
    };
    for (let n = 0; n < 1_000; n += 2) await Promise.all([step('r1'), step(pick(['r2', 'r3']))]);
    for (const name of names) {
      const epochs = log.filter((entry) => entry.name === name).map((entry) => entry.epoch);
      epochs.sort((a, b) => a - b);
      expect(epochs).toEqual(epochs.map((_, index) => index + 1));
    }
    expect(log.length).toBeGreaterThan(100);
  });
});

const commandStores: readonly [string, () => CommandStore][] = [
  ['in memory', () => new MemoryCommandStore()],
  ['in Postgres', () => new PostgresCommandStore(database)],
];
describe.each(commandStores)('command store %s', (_name, make) => {
  it('remembers the first reply to a command, also when two answer at once', async () => {
    const store = make();
    const id = `c-${_name}`;
    expect(await store.find(id)).toBeUndefined();
    const replies = await Promise.all([
      store.save(id, { ok: 1 }),
      store.save(id, { ok: 2 }),
      store.save(id, { ok: 3 }),
    ]);
    const kept = await store.find(id);
    expect(replies).toEqual([kept, kept, kept]);
    expect(await store.save(id, { ok: 4 })).toEqual(kept);
  });
});

describe('gift catalogue in Postgres', () => {
  it('keeps the newest description, field by field, whatever the order', async () => {
    await clean();
    const store = new PostgresGiftCatalogueStore(database);
    await store.learn([{ id: '5655', name: 'Rose', diamondsEach: 1, seenAt: 2_000 }]);
    await store.learn([
      { id: '5655', name: 'Old rose', imageUrl: 'https://x/rose.png', seenAt: 1_000 },
      { id: '7', name: 'Hat', seenAt: 500 },
      { id: '7', diamondsEach: 99, seenAt: 3_000 },
    ]);
    await store.learn([]);
    expect(await store.load()).toEqual([
      { id: '7', name: 'Hat', diamondsEach: 99, seenAt: 3_000 },
      { id: '5655', name: 'Rose', diamondsEach: 1, imageUrl: 'https://x/rose.png', seenAt: 2_000 },
    ]);
    expect(await store.load(1)).toHaveLength(1);
  });
});

describe('replica registry in Postgres', () => {
  it('lists the others that were seen lately', async () => {
    await clean();
    const registry = new PostgresReplicaRegistry(database);
    await registry.announce({ id: 'r1', version: '1.0.0', eventsTo: 'kafka' });
    await registry.announce({ id: 'r2', version: '1.0.1', eventsTo: 'journal' });
    expect(await registry.othersAlive('r1', 60_000)).toMatchObject([
      { id: 'r2', version: '1.0.1', eventsTo: 'journal' },
    ]);
    await database.run((client) => client.$executeRaw`UPDATE replicas SET last_seen_at = now() - interval '1 hour'`);
    expect(await registry.othersAlive('r1', 60_000)).toEqual([]);
    await registry.heartbeat('r2');
    expect(await registry.othersAlive('r1', 60_000)).toHaveLength(1);
    await registry.leave('r2');
    expect(await registry.othersAlive('r1', 60_000)).toEqual([]);
  });
});
