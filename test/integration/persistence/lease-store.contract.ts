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
  /** Lets a lease run out, so many milliseconds ago; default 1,000. */
  readonly expire: (streamerId: string, agoMs?: number) => Promise<void>;
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

  const held = (streamerId: string, epoch = 1) => ({ streamerId, epoch });

  it('shares out what became free just now; what nobody took for some seconds is for anyone', async () => {
    const { store, addStreamer, expire } = await make();
    const ids = [await addStreamer('a'), await addStreamer('b'), await addStreamer('c')];
    const request = { replicaId: 'r1', ttlMs: TTL, limit: 10, reclaim: false };
    expect(await store.acquire({ ...request, share: 0 })).toEqual([]);
    expect(await store.acquire({ ...request, share: 2 })).toHaveLength(2);
    expect(await store.acquire({ ...request, replicaId: 'r2', share: 2 })).toHaveLength(1);
    for (const id of ids) await expire(id, 10_000);
    expect(await store.acquire({ ...request, replicaId: 'r3', share: 0 })).toHaveLength(3);
  });

  it('leaves what ran out under another owner alone when told to, but not what is free or its own', async () => {
    const { store, addStreamer, expire } = await make();
    const [a, b] = [await addStreamer('a'), await addStreamer('b')];
    await take(store, 'r1', { limit: 1 });
    await expire(a, 10_000);
    const request = { ttlMs: TTL, limit: 10, reclaim: false, sparing: true };
    expect(await store.acquire({ ...request, replicaId: 'r2' })).toMatchObject([{ streamerId: b }]);
    expect(await store.acquire({ ...request, replicaId: 'r1' })).toMatchObject([{ streamerId: a, epoch: 2 }]);
  });

  it('counts the fleet at one moment: who takes leases, what each holds, what is under way', async () => {
    const { store, addStreamer, pauseStreamer } = await make();
    for (const name of ['a', 'b', 'c', 'd', 'e']) await addStreamer(name);
    const beat = (replicaId: string, takes = true) => store.beat({ replicaId, ttlMs: TTL, takes });
    expect(await beat('r2')).toMatchObject({ total: 5, free: 5, replicas: [{ id: 'r2', held: 0 }] });
    const [first, second] = await take(store, 'r1', { limit: 2 });
    await store.offer({
      replicaId: 'r1',
      offers: [first!, second!].map(({ streamerId, epoch }) => ({ streamerId, epoch, to: 'r2' })),
    });
    await store.release({
      replicaId: 'r1',
      renewals: [first!].map(({ streamerId, epoch }) => ({ streamerId, epoch })),
    });
    await pauseStreamer('e');
    const fleet = await beat('r1');
    expect(fleet).toMatchObject({ total: 4, free: 3 });
    expect(fleet.replicas).toMatchObject([
      { id: 'r1', held: 1, giving: 1, getting: 0, silentMs: 0 },
      { id: 'r2', held: 0, giving: 0, getting: 2 },
    ]);
    expect(fleet.replicas[1]!.silentMs).toBeGreaterThanOrEqual(0);
    expect(fleet.upSince).toBeLessThanOrEqual(fleet.now);
    // One that stops sees itself and is seen by nobody.
    expect((await beat('r1', false)).replicas.map(({ id }) => id)).toEqual(['r1', 'r2']);
    expect((await beat('r2')).replicas.map(({ id }) => id)).toEqual(['r2']);
    await store.retire('r2');
    expect((await beat('r3')).replicas).toMatchObject([{ id: 'r3', getting: 0 }]);
  });

  it('hands a lease over: offered, answered, released to the other alone, taken under the next epoch', async () => {
    const { store, addStreamer } = await make();
    const id = await addStreamer('anna');
    await take(store, 'r1');
    await store.renew({ replicaId: 'r1', ttlMs: TTL, renewals: [{ ...held(id), checkpoint: CHECKPOINT }] });
    // Nobody offers what it does not hold.
    await store.offer({ replicaId: 'r3', offers: [{ ...held(id), to: 'r2' }] });
    await store.offer({ replicaId: 'r1', offers: [{ ...held(id, 9), to: 'r2' }] });
    expect(await store.offers('r2')).toEqual({ made: [], received: [] });
    await store.offer({ replicaId: 'r1', offers: [{ ...held(id), to: 'r2' }] });
    expect(await store.offers('r1')).toEqual({ made: [{ ...held(id), to: 'r2' }], received: [] });
    const received = { ...held(id), roomId: '900', released: false };
    expect(await store.offers('r2')).toEqual({ made: [], received: [received] });
    // Only who was asked may answer.
    await store.answer({ replicaId: 'r3', answers: [{ ...held(id), readyRoom: '900' }] });
    await store.answer({ replicaId: 'r2', answers: [{ ...held(id), readyRoom: '900' }] });
    expect((await store.offers('r1')).made).toEqual([{ ...held(id), to: 'r2', readyRoom: '900' }]);
    await store.release({ replicaId: 'r1', renewals: [{ ...held(id), checkpoint: { ...CHECKPOINT, likeTotal: 77 } }] });
    expect((await store.offers('r2')).received).toEqual([{ ...received, released: true }]);
    expect(await take(store, 'r3')).toEqual([]);
    const request = { replicaId: 'r2', ttlMs: TTL, limit: 10, reclaim: false, share: 0 };
    expect(await store.acquire(request)).toMatchObject([{ streamerId: id, epoch: 2, checkpoint: { likeTotal: 77 } }]);
    expect(await store.offers('r2')).toEqual({ made: [], received: [] });
  });

  it('ends an offer by a refusal, by taking it back, and when the other stops; renewals do not touch it', async () => {
    const { store, addStreamer } = await make();
    const id = await addStreamer('anna');
    await take(store, 'r1');
    const offer = async (): Promise<void> => store.offer({ replicaId: 'r1', offers: [{ ...held(id), to: 'r2' }] });
    await offer();
    await store.renew({ replicaId: 'r1', ttlMs: TTL, renewals: [held(id)] });
    expect((await store.offers('r2')).received).toHaveLength(1);
    await store.answer({ replicaId: 'r2', answers: [{ ...held(id), readyRoom: undefined }] });
    expect((await store.offers('r1')).made).toEqual([]);
    await offer();
    await store.withdraw({ replicaId: 'r3', streamerIds: [id] });
    expect((await store.offers('r1')).made).toHaveLength(1);
    await store.withdraw({ replicaId: 'r1', streamerIds: [id] });
    expect((await store.offers('r1')).made).toEqual([]);
    await offer();
    await store.retire('r2');
    expect((await store.offers('r1')).made).toEqual([]);
    expect(await store.renew({ replicaId: 'r1', ttlMs: TTL, renewals: [held(id)] })).toEqual({ lost: [] });
  });

  it('lets the offered replica have the lease of an owner that died, and anyone a little later', async () => {
    const { store, addStreamer, expire } = await make();
    const [a, b] = [await addStreamer('a'), await addStreamer('b')];
    await take(store, 'r1');
    await store.offer({ replicaId: 'r1', offers: [a, b].map((id) => ({ ...held(id), to: 'r2' })) });
    await expire(a);
    await expire(b, 10_000);
    expect((await store.offers('r2')).received.map(({ released }) => released)).toEqual([true, true]);
    expect((await take(store, 'r3')).map(({ streamerId }) => streamerId)).toEqual([b]);
    expect((await take(store, 'r2')).map(({ streamerId }) => streamerId)).toEqual([a]);
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
