import { describe, expect, it } from 'vitest';
import type { LeaseStore } from '../../../apps/watcher/src/leases/lease-store.port.js';
import type { PipelineCheckpoint } from '../../../apps/watcher/src/pipeline/checkpoint.js';

/** A LeaseStore with the means to play the world around it. */
export interface LeaseWorld {
  readonly store: LeaseStore;
  /** Adds a monitored streamer and returns its id. */
  readonly addStreamer: (uniqueId: string, priority?: number) => Promise<string>;
  readonly removeStreamer: (uniqueId: string) => Promise<void>;
  readonly pauseStreamer: (uniqueId: string) => Promise<void>;
  /** Lets a lease run out. */
  readonly expire: (streamerId: string) => Promise<void>;
}

const TTL = 60_000;
const CHECKPOINT: PipelineCheckpoint = {
  version: 1,
  roomId: '900',
  sessionId: '900',
  occurrence: 1,
  joined: true,
  lastFrameAt: 1_780_000_000_123,
  lastId: '17',
  likeTotal: 12,
  streaks: [{ id: '1-2-3', count: 4, diamondsEach: 5, user: { nickname: 'Zoë' }, lastAt: 5, completed: false }],
  recentIds: ['16', '17'],
};

/** What every LeaseStore promises. */
export function leaseStoreContract(make: () => Promise<LeaseWorld>): void {
  const take = (store: LeaseStore, replicaId: string, options: { limit?: number; reclaim?: boolean } = {}) =>
    store.acquire({ replicaId, ttlMs: TTL, limit: options.limit ?? 100, reclaim: options.reclaim ?? false });

  it('gives each free lease to one replica, the most important streamer first', async () => {
    const { store, addStreamer } = await make();
    const low = await addStreamer('low', 10);
    const high = await addStreamer('high', 90);
    expect(await take(store, 'r1', { limit: 1 })).toEqual([{ streamerId: high, epoch: 1, checkpoint: null }]);
    expect(await take(store, 'r2')).toEqual([{ streamerId: low, epoch: 1, checkpoint: null }]);
    expect(await take(store, 'r1')).toEqual([]);
    expect(await take(store, 'r3', { limit: 0 })).toEqual([]);
  });

  it('leaves paused streamers alone', async () => {
    const { store, addStreamer, pauseStreamer } = await make();
    await addStreamer('anna');
    await pauseStreamer('anna');
    expect(await take(store, 'r1')).toEqual([]);
  });

  it('gives a restarted replica its own back at once, with a new epoch and the last checkpoint', async () => {
    const { store, addStreamer } = await make();
    const id = await addStreamer('anna');
    await take(store, 'r1');
    await store.renew({
      replicaId: 'r1',
      ttlMs: TTL,
      renewals: [{ streamerId: id, epoch: 1, checkpoint: CHECKPOINT }],
    });
    expect(await take(store, 'r1')).toEqual([]);
    expect(await take(store, 'r2', { reclaim: true })).toEqual([]);
    expect(await take(store, 'r1', { reclaim: true })).toEqual([{ streamerId: id, epoch: 2, checkpoint: CHECKPOINT }]);
  });

  it('renews what is ours also after it ran out, as long as nobody took it', async () => {
    const { store, addStreamer, expire } = await make();
    const id = await addStreamer('anna');
    await take(store, 'r1');
    await expire(id);
    expect(await store.renew({ replicaId: 'r1', ttlMs: TTL, renewals: [{ streamerId: id, epoch: 1 }] })).toEqual({
      lost: [],
    });
    expect(await take(store, 'r2')).toEqual([]);
    await expire(id);
    expect(await take(store, 'r2')).toMatchObject([{ streamerId: id, epoch: 2 }]);
    const late = [{ streamerId: id, epoch: 1, checkpoint: CHECKPOINT }];
    expect(await store.renew({ replicaId: 'r1', ttlMs: TTL, renewals: late })).toEqual({ lost: [id] });
    await store.release({ replicaId: 'r1', renewals: late });
    expect(await take(store, 'r3')).toEqual([]);
    await expire(id);
    expect(await take(store, 'r3')).toEqual([{ streamerId: id, epoch: 3, checkpoint: null }]);
  });

  it('keeps, replaces or clears the checkpoint of each lease', async () => {
    const { store, addStreamer } = await make();
    const ids = [await addStreamer('a'), await addStreamer('b'), await addStreamer('c')];
    await take(store, 'r1');
    const all = (checkpoint: (index: number) => PipelineCheckpoint | null | undefined) =>
      ids.map((streamerId, index) => {
        const value = checkpoint(index);
        return { streamerId, epoch: 1, ...(value === undefined ? {} : { checkpoint: value }) };
      });
    await store.renew({ replicaId: 'r1', ttlMs: TTL, renewals: all(() => CHECKPOINT) });
    const changed = { ...CHECKPOINT, likeTotal: 99 };
    await store.renew({ replicaId: 'r1', ttlMs: TTL, renewals: all((n) => [undefined, null, changed][n]) });
    await store.release({ replicaId: 'r1', renewals: all(() => undefined) });
    const taken = await take(store, 'r2');
    const byId = new Map(taken.map((lease) => [lease.streamerId, lease]));
    expect(ids.map((id) => byId.get(id)?.checkpoint)).toEqual([CHECKPOINT, null, changed]);
    expect(taken.map((lease) => lease.epoch)).toEqual([2, 2, 2]);
  });

  it('says which leases are lost: unknown, removed, another epoch, another owner', async () => {
    const { store, addStreamer, removeStreamer } = await make();
    const [a, b, c] = [await addStreamer('a'), await addStreamer('b'), await addStreamer('c')];
    await take(store, 'r1');
    await removeStreamer('b');
    const outcome = await store.renew({
      replicaId: 'r1',
      ttlMs: TTL,
      renewals: [
        { streamerId: a, epoch: 1 },
        { streamerId: b, epoch: 1 },
        { streamerId: c, epoch: 2 },
        { streamerId: '999999', epoch: 1 },
      ],
    });
    expect([...outcome.lost].sort()).toEqual([b, c, '999999'].sort());
    expect(await store.renew({ replicaId: 'r1', ttlMs: TTL, renewals: [] })).toEqual({ lost: [] });
  });

  it('never starts an epoch again, also not after the streamer was removed and added again', async () => {
    const { store, addStreamer, removeStreamer, expire } = await make();
    let last = 0;
    for (let round = 0; round < 3; round += 1) {
      const id = await addStreamer('anna');
      for (let taking = 0; taking < 2; taking += 1) {
        const [lease] = await take(store, `r${taking}`);
        expect(lease?.epoch).toBe(last + 1);
        last += 1;
        await expire(id);
      }
      await removeStreamer('anna');
      expect(await take(store, 'r1')).toEqual([]);
    }
  });

  describe('with a checkpoint that has what the store cannot hold', () => {
    it('keeps the lease and the rest of the checkpoint', async () => {
      const { store, addStreamer } = await make();
      const id = await addStreamer('anna');
      await take(store, 'r1');
      const odd: PipelineCheckpoint = {
        ...CHECKPOINT,
        streaks: [{ id: 's', count: 1, user: { nickname: 'a\u0000b\udc00' }, lastAt: 1, completed: false }],
      };
      const renewals = [{ streamerId: id, epoch: 1, checkpoint: odd }];
      expect(await store.renew({ replicaId: 'r1', ttlMs: TTL, renewals })).toEqual({ lost: [] });
      await store.release({ replicaId: 'r1', renewals: [{ streamerId: id, epoch: 1 }] });
      expect((await take(store, 'r2'))[0]?.checkpoint?.likeTotal).toBe(12);
    });
  });
}
