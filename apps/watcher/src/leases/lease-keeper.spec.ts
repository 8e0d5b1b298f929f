import { FakeClock, SeededRandom } from '@livetap/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../common/logger.port.js';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import { LeaseKeeper, type LeaseKeeperOptions, type LeaseLostReason } from './lease-keeper.js';
import type { HandOverRooms } from './hand-over.port.js';
import { type Lease, type LeaseStore, NO_ROOM } from './lease-store.port.js';
import { type LeasableStreamer, MemoryLeaseStore } from './memory-lease-store.js';

/** The memory store behind a network that the test can cut or freeze. */
class Network implements LeaseStore {
  down = false;
  frozen = false;
  /** After this call has failed the network is whole again. */
  backAfter: string | undefined;
  calls: string[] = [];

  constructor(readonly store: MemoryLeaseStore) {}

  async acquire(request: Parameters<LeaseStore['acquire']>[0]): ReturnType<LeaseStore['acquire']> {
    await this.#pass('acquire');
    return this.store.acquire(request);
  }

  async renew(request: Parameters<LeaseStore['renew']>[0]): ReturnType<LeaseStore['renew']> {
    await this.#pass('renew');
    return this.store.renew(request);
  }

  async release(request: Parameters<LeaseStore['release']>[0]): Promise<void> {
    await this.#pass('release');
    return this.store.release(request);
  }

  async beat(request: Parameters<LeaseStore['beat']>[0]): ReturnType<LeaseStore['beat']> {
    await this.#pass('beat');
    return this.store.beat(request);
  }

  async retire(replicaId: string): Promise<void> {
    await this.#pass('retire');
    return this.store.retire(replicaId);
  }

  async offer(request: Parameters<LeaseStore['offer']>[0]): Promise<void> {
    await this.#pass('offer');
    return this.store.offer(request);
  }

  async withdraw(request: Parameters<LeaseStore['withdraw']>[0]): Promise<void> {
    await this.#pass('withdraw');
    return this.store.withdraw(request);
  }

  async offers(replicaId: string): ReturnType<LeaseStore['offers']> {
    await this.#pass('offers');
    return this.store.offers(replicaId);
  }

  async answer(request: Parameters<LeaseStore['answer']>[0]): Promise<void> {
    await this.#pass('answer');
    return this.store.answer(request);
  }

  async #pass(call: string): Promise<void> {
    this.calls.push(call);
    if (this.down) {
      if (this.backAfter === call) this.down = false;
      throw new Error('connection refused');
    }
    if (this.frozen) await new Promise(() => undefined);
  }
}

let clock: FakeClock;
let streamers: LeasableStreamer[];
let store: MemoryLeaseStore;

interface Replica {
  keeper: LeaseKeeper;
  network: Network;
  gained: Lease[];
  lost: { id: string; reason: LeaseLostReason }[];
  checkpoints: Map<string, PipelineCheckpoint>;
  saved: string[];
}

/** Rooms that are ready at once and have nothing to say. */
const readyRooms = (): HandOverRooms => ({
  roomOf: () => NO_ROOM,
  cut: async (ids) => new Map(ids.map((id) => [id, undefined])),
  mend: () => undefined,
  handedOver: () => undefined,
  prepare: (_id, roomId, ready) => ready(roomId),
  discard: () => undefined,
});

function replica(replicaId: string, options: Partial<LeaseKeeperOptions> = {}): Replica {
  const result = { gained: [], lost: [], saved: [], checkpoints: new Map() } as unknown as Replica;
  result.network = new Network(store);
  result.keeper = new LeaseKeeper({
    clock,
    random: new SeededRandom(11),
    logger: SILENT_LOGGER,
    rooms: readyRooms(),
    store: result.network,
    replicaId,
    listener: {
      gained: (leases) => result.gained.push(...leases),
      lost: (ids, reason) => result.lost.push(...ids.map((id) => ({ id, reason }))),
    },
    checkpoints: async (ids) => new Map([...result.checkpoints].filter(([id]) => ids.includes(id))),
    saved: (checkpoints) => result.saved.push(...checkpoints.keys()),
    ...options,
  });
  return result;
}

const streamer = (id: number, more: Partial<LeasableStreamer> = {}): LeasableStreamer => ({
  id: String(id),
  uniqueId: `user${id}`,
  paused: false,
  priority: 50,
  ...more,
});

const checkpoint = (roomId: string): PipelineCheckpoint => ({
  version: 1,
  roomId,
  sessionId: roomId,
  occurrence: 1,
  joined: true,
  lastFrameAt: 1,
  likeTotal: 0,
  streaks: [],
  recentIds: [],
});

const ids = (leases: readonly Lease[]): string[] => leases.map(({ streamerId, epoch }) => `${streamerId}@${epoch}`);

beforeEach(() => {
  clock = new FakeClock();
  streamers = [streamer(1), streamer(2), streamer(3)];
  store = new MemoryLeaseStore({ streamers: () => streamers, now: () => clock.now() });
});

describe('the lease keeper', () => {
  it.each(['down', 'frozen'] as const)(
    'says that leases are not renewed as soon as a renewal was due and the store is %s, and that they are again',
    async (fault) => {
      const a = replica('a');
      void a.keeper.start();
      await clock.advance(5_000);
      expect(a.keeper.status().healthy).toBe(true);
      a.network[fault] = true;
      // Offers are looked at each second, and an answer is waited for three.
      await clock.advance(fault === 'down' ? 1_000 : 4_100);
      expect(a.keeper.status().healthy).toBe(false);
      a.network[fault] = false;
      await clock.advance(fault === 'down' ? 2_000 : 9_000);
      expect(a.keeper.status().healthy).toBe(true);
    },
  );

  it('takes free leases at start, also more than one batch, and new ones within a second of a nudge', async () => {
    const a = replica('a', { acquireBatch: 2 });
    const started = a.keeper.start();
    await clock.advance(0);
    await started;
    expect(ids(a.gained)).toEqual(['1@1', '2@1', '3@1']);
    streamers = [...streamers, streamer(4), streamer(5), streamer(6, { paused: true })];
    a.keeper.nudge();
    a.keeper.nudge();
    await clock.advance(0);
    expect(ids(a.gained).slice(3)).toEqual(['4@1', '5@1']);
    expect(a.keeper.status()).toMatchObject({ held: 5, started: true, healthy: true });
  });

  it('takes back its own at once after a restart, each with a higher epoch, once', async () => {
    const before = replica('a');
    void before.keeper.start();
    await clock.advance(1_000);
    const after = replica('a', { acquireBatch: 1 });
    void after.keeper.start();
    await clock.advance(20_000);
    expect(ids(after.gained)).toEqual(['1@2', '2@2', '3@2']);
    expect(before.lost.map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(after.lost).toEqual([]);
  });

  it('renews all of them every five seconds in one call, with checkpoints, and keeps them for ever', async () => {
    const [a, b] = [replica('a'), replica('b')];
    void a.keeper.start();
    await clock.advance(0);
    a.checkpoints.set('2', checkpoint('77'));
    await clock.advance(60_500);
    expect(a.network.calls.filter((call) => call === 'renew')).toHaveLength(12);
    expect(a.lost).toEqual([]);
    expect(new Set(a.saved)).toEqual(new Set(['2']));
    await a.keeper.drain(new Map());
    void b.keeper.start();
    await clock.advance(6_000);
    expect(b.gained.find(({ streamerId }) => streamerId === '2')?.checkpoint?.roomId).toBe('77');
  });

  it('says that checkpoints are stored only when they are', async () => {
    const a = replica('a');
    void a.keeper.start();
    await clock.advance(0);
    a.checkpoints.set('2', checkpoint('77'));
    a.network.down = true;
    await clock.advance(20_000);
    expect(a.network.calls.filter((call) => call === 'renew').length).toBeGreaterThan(1);
    expect([a.saved, store.checkpointOf('2')]).toEqual([[], null]);
    a.network.down = false;
    await clock.advance(6_000);
    expect(a.saved[0]).toBe('2');
    expect(store.checkpointOf('2')).toEqual(checkpoint('77'));
  });

  it('a killed replica is followed by another within 20 seconds', async () => {
    const [a, b] = [replica('a'), replica('b')];
    void a.keeper.start();
    await clock.advance(0);
    void b.keeper.start();
    await clock.advance(12_000);
    a.network.down = true;
    a.keeper.stopAcquiring();
    await clock.advance(20_000);
    expect(ids(b.gained)).toEqual(['1@2', '2@2', '3@2']);
  });

  it('goes on without the store for its time of grace, under the same epochs, and keeps what nobody took', async () => {
    const [a, b] = [replica('a'), replica('b')];
    void a.keeper.start();
    await clock.advance(0);
    a.network.down = true;
    await clock.advance(300_000);
    expect(a.lost).toEqual([]);
    expect(a.keeper.status()).toMatchObject({ held: 3, healthy: false });
    // While it is away, another one takes one of the leases.
    const taken = await b.network.acquire({ replicaId: 'b', ttlMs: 15_000, limit: 1, reclaim: false });
    expect(ids(taken)).toEqual(['1@2']);
    a.network.down = false;
    await clock.advance(2_000);
    expect(a.lost).toEqual([{ id: '1', reason: 'taken' }]);
    expect(a.keeper.status().healthy).toBe(true);
  });

  it.each(['renew', 'beat'])(
    'renews what it holds before it takes anything, also when the store is back just after a failed call (%s)',
    async (call) => {
      const [a, b] = [replica('a'), replica('b')];
      void a.keeper.start();
      void b.keeper.start();
      await clock.advance(30_000);
      const gained = ids([...a.gained, ...b.gained]);
      a.network.down = b.network.down = true;
      await clock.advance(120_000);
      // It comes back in the middle of what a keeper does one after the other.
      a.network.backAfter = b.network.backAfter = call;
      await clock.advance(30_000);
      expect([a.network.down, b.network.down]).toEqual([false, false]);
      expect([...a.lost, ...b.lost]).toEqual([]);
      expect(ids([...a.gained, ...b.gained])).toEqual(gained);
    },
  );

  it('gives everything up after the time of grace, and takes it again with higher epochs when the store is back', async () => {
    const a = replica('a', { graceMs: 60_000 });
    void a.keeper.start();
    await clock.advance(0);
    a.network.down = true;
    await clock.advance(59_000);
    expect(a.lost).toEqual([]);
    await clock.advance(5_000);
    expect(a.lost.map(({ reason }) => reason)).toEqual(['grace', 'grace', 'grace']);
    a.network.down = false;
    await clock.advance(2_000);
    expect(ids(a.gained).slice(3)).toEqual(['1@2', '2@2', '3@2']);
  });

  it('is not held up by a store that never answers', async () => {
    const a = replica('a');
    void a.keeper.start();
    await clock.advance(0);
    a.network.frozen = true;
    await clock.advance(60_000);
    a.network.frozen = false;
    await clock.advance(12_000);
    expect(a.keeper.status()).toMatchObject({ held: 3, healthy: true });
    expect(a.lost).toEqual([]);
  });

  it('checks its leases before the next append after a pause of the process', async () => {
    const [a, b] = [replica('a'), replica('b')];
    void a.keeper.start();
    await clock.advance(1_000);
    expect(a.keeper.verifyIfStale()).toBeUndefined();
    // The process stands still: its timers do not fire while time goes on, and another replica takes everything.
    clock.jump(31_000);
    const taken = await b.network.acquire({ replicaId: 'b', ttlMs: 15_000, limit: 10, reclaim: false });
    expect(taken).toHaveLength(3);
    const verified = a.keeper.verifyIfStale();
    expect(verified).toBeInstanceOf(Promise);
    expect(a.keeper.verifyIfStale()).toBe(verified);
    await verified;
    expect(a.lost.map(({ id }) => id)).toEqual(['1', '2', '3']);
    expect(a.keeper.verifyIfStale()).toBeUndefined();
  });

  it('counts a pause from the last renewal: a lease runs out in one that is shorter than a lease', async () => {
    const [a, b] = [replica('a'), replica('b')];
    void a.keeper.start();
    await clock.advance(4_500);
    clock.jump(11_000);
    expect(await b.network.acquire({ replicaId: 'b', ttlMs: 15_000, limit: 10, reclaim: false })).toHaveLength(3);
    await a.keeper.verifyIfStale();
    expect(a.lost.map(({ id }) => id)).toEqual(['1', '2', '3']);
  });

  it('after a pause with the store away the time of grace decides', async () => {
    const a = replica('a');
    void a.keeper.start();
    await clock.advance(1_000);
    a.network.down = true;
    clock.jump(31_000);
    await a.keeper.verifyIfStale();
    expect(a.lost).toEqual([]);
    expect(a.keeper.status().held).toBe(3);
  });

  it('is not disturbed by a clock that jumps back or forth by an hour', async () => {
    const a = replica('a');
    void a.keeper.start();
    await clock.advance(1_000);
    for (const jump of [3_600_000, -3_600_000, -3_600_000, 3_600_000]) {
      clock.jump(jump);
      await a.keeper.verifyIfStale();
      await clock.advance(7_000);
    }
    expect(a.lost).toEqual([]);
    expect(a.keeper.status().held).toBe(3);
  });

  it('releases single leases with their checkpoints, and everything at a drain, twice without harm', async () => {
    const [a, b] = [replica('a'), replica('b')];
    void a.keeper.start();
    await clock.advance(0);
    await a.keeper.release(new Map([['1', checkpoint('5')]]));
    expect(store.ownerOf('1')).toBeUndefined();
    await a.keeper.drain(new Map([['2', checkpoint('6')]]));
    await a.keeper.drain(new Map());
    expect(a.lost).toEqual([]);
    void b.keeper.start();
    await clock.advance(0);
    expect(b.gained.map(({ checkpoint: last }) => last?.roomId)).toEqual(['5', '6', undefined]);
    await clock.advance(60_000);
    expect(a.network.calls.filter((call) => call === 'release')).toHaveLength(2);
  });

  it.each([
    ['known to be away', 10_000, 3_000],
    ['not known to be away yet', 0, 10_500],
  ])('a stop with a store that never answers and is %s takes no longer than it must', async (_what, before, atMost) => {
    const a = replica('a');
    void a.keeper.start();
    await clock.advance(1_000);
    a.network.frozen = true;
    await clock.advance(before);
    const from = a.network.calls.length;
    let stopped = false;
    void a.keeper
      .farewell(15_000)
      .then(() => a.keeper.drain(new Map()))
      .then(() => (stopped = true));
    await clock.advance(atMost);
    expect(stopped).toBe(true);
    // It was tried all the same: the store may have heard.
    expect(a.network.calls.slice(from)).toEqual(expect.arrayContaining(['retire', 'release']));
    expect(a.lost).toEqual([]);
  });

  it('goes on trying at start until the store is there', async () => {
    const a = replica('a');
    a.network.down = true;
    let started = false;
    void a.keeper.start().then(() => (started = true));
    await clock.advance(30_000);
    expect(started).toBe(false);
    a.network.down = false;
    // Attempts are at most three seconds apart.
    await clock.advance(4_000);
    expect(started).toBe(true);
    expect(a.gained).toHaveLength(3);
  });
});
