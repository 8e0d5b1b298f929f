import { FakeClock, SeededRandom } from '@livetap/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LeaseStore } from '../leases/lease-store.port.js';
import { RoomConnectError, type RoomConnector } from './room-connector.port.js';
import type { FakeSocket } from './testing/fake-room-connector.js';
import { message, streamEnd, TestReplica, TestWorld } from './testing/replica.js';

const STEP_MS = 200;
type StoreCall = keyof LeaseStore;

/** What goes wrong at a call of the store: the process dies before or after it took effect, or the store is away. */
interface Fault {
  readonly at: StoreCall;
  /** Which of these calls, counted from when the fault is armed. */
  readonly nth: number;
  readonly kind: 'dies before' | 'dies after' | 'fails before' | 'fails after';
}

/** Two or more replicas over one world; every room says something all the time, to every socket that is open in it. */
class Fleet {
  readonly world: TestWorld;
  readonly replicas = new Map<string, TestReplica>();
  readonly sent: { readonly room: string; readonly id: string; readonly at: number }[] = [];
  /** Most sockets that one room had at a time, and for how long it had more than one, ms. */
  readonly overlap = new Map<string, number>();
  readonly #openedBy = new Map<FakeSocket, string>();
  readonly #killed = new Set<string>();
  /** How often a fault happened. */
  hit = 0;
  #nextId = 1_000;
  #failUntil = 0;

  constructor(
    readonly rooms: number,
    seed = 7,
    readonly clock = new FakeClock(),
  ) {
    this.world = new TestWorld(clock, new SeededRandom(seed));
  }

  async start(
    id: string,
    options: { readonly fault?: () => Fault | undefined; readonly hints?: boolean; readonly live?: boolean } = {},
  ): Promise<TestReplica> {
    const names = this.replicas.size === 0 ? Array.from({ length: this.rooms }, (_, n) => `s${n}`) : [];
    if (names.length > 0 && options.live !== false) this.goLive();
    const replica: TestReplica = new TestReplica(this.world, {
      replicaId: id,
      connector: this.#connectorOf(id),
      leases: this.#faulty(id, options.fault ?? (() => undefined)),
      hints: options.hints ?? true,
    });
    this.replicas.set(id, replica);
    await replica.start(...names);
    return replica;
  }

  /** As SIGKILL: its sockets are gone, too. */
  kill(id: string): void {
    this.#killed.add(id);
    this.replicas.get(id)?.kill();
    for (const socket of this.world.connector.openSockets) if (this.#openedBy.get(socket) === id) socket.vanish();
  }

  #connectorOf(id: string): RoomConnector {
    return {
      open: async (request, handlers) => {
        const { connector } = this.world;
        const connection = await connector.open(request, handlers);
        const socket = connector.sockets.find((candidate) => candidate === connection);
        if (socket !== undefined) this.#openedBy.set(socket, id);
        if (this.#killed.has(id)) socket?.vanish();
        return connection;
      },
    };
  }

  #faulty(id: string, fault: () => Fault | undefined): LeaseStore {
    const counts = new Map<StoreCall, number>();
    const store = this.world.leases;
    return new Proxy<LeaseStore>(store, {
      get: (_target, name: StoreCall) => async (request: never) => {
        if (this.clock.now() < this.#failUntil) throw new Error('connection refused');
        const call = (): Promise<unknown> => store[name](request);
        const wanted = fault();
        if (wanted === undefined || wanted.at !== name) return call();
        counts.set(name, (counts.get(name) ?? 0) + 1);
        if (counts.get(name) !== wanted.nth) return call();
        this.hit += 1;
        if (wanted.kind.endsWith('after')) await call();
        if (wanted.kind.startsWith('fails')) {
          this.#failUntil = this.clock.now() + 4_000;
          throw new Error('connection reset');
        }
        this.kill(id);
        return new Promise(() => undefined);
      },
    });
  }

  /** Time goes on, and every room speaks. */
  async run(ms: number, until: () => boolean = () => false): Promise<void> {
    for (let passed = 0; passed < ms && !until(); passed += STEP_MS) {
      await this.clock.advance(STEP_MS);
      this.speak();
    }
    await this.clock.advance(0);
  }

  speak(): void {
    for (let n = 0; n < this.rooms; n += 1) {
      const room = roomOf(n);
      const sockets = this.world.connector.openSockets.filter((socket) => socket.request.roomId === room);
      if (sockets.length === 0) continue;
      if (sockets.length > 1) this.overlap.set(room, (this.overlap.get(room) ?? 0) + STEP_MS);
      const id = String((this.#nextId += 1));
      this.sent.push({ room, id, at: this.clock.now() });
      for (const socket of sockets) socket.send(message(id));
    }
  }

  goLive(): void {
    for (let n = 0; n < this.rooms; n += 1) this.world.checker.live(`s${n}`, roomOf(n));
  }

  ownersOf(): (string | undefined)[] {
    return Array.from({ length: this.rooms }, (_, n) => this.world.leases.ownerOf(String(n + 1)));
  }

  heldBy(id: string): number {
    return this.ownersOf().filter((owner) => owner === id).length;
  }

  events(): readonly {
    readonly key: string;
    readonly id: string;
    readonly name: string;
    readonly data: Record<string, unknown>;
  }[] {
    return [...this.replicas.values()].flatMap((replica) =>
      replica.journal.events.map((event) => ({
        key: event.key,
        id: event.id,
        name: event.type.replace(/^livetap\.(.*)\.v1$/, '$1'),
        data: replica.data(event),
      })),
    );
  }

  gaps(): readonly { readonly key: string; readonly from: number; readonly to: number; readonly reason: unknown }[] {
    return this.events()
      .filter(({ name }) => name === 'room.gap')
      .map(({ key, data }) => ({
        key,
        from: Date.parse(data['from'] as string),
        to: Date.parse(data['to'] as string),
        reason: data['reason'],
      }));
  }

  /** Sent to an open socket, admitted by nobody. */
  missing(): readonly { readonly room: string; readonly id: string; readonly at: number }[] {
    const admitted = new Set(this.events().map(({ key, id }) => `${key} ${id}`));
    return this.sent.filter(({ room, id }) => !admitted.has(`${room} ${id}`));
  }

  /** Missing, and no gap says so. */
  lostInSilence(): readonly unknown[] {
    const gaps = this.gaps();
    return this.missing().filter(
      ({ room, at }) => !gaps.some(({ key, from, to }) => key === room && from <= at && at <= to),
    );
  }
}

const roomOf = (n: number): string => String(7_300_000_000_000_000_001n + BigInt(n));

/** `a` has everything, `b` joins. */
async function joined(options: Parameters<Fleet['start']>[1] = {}): Promise<Fleet> {
  const fleet = new Fleet(6);
  await fleet.start('a', options);
  await fleet.run(5_000);
  await fleet.start('b', options);
  return fleet;
}

describe('a hand-over', () => {
  it.each([true, false])(
    'opens the new socket before it closes the old one: no hole, no gap, short overlap (hints: %s)',
    async (hints) => {
      const fleet = await joined({ hints });
      await fleet.run(40_000);
      expect([fleet.heldBy('a'), fleet.heldBy('b')]).toEqual([3, 3]);
      expect(fleet.missing()).toEqual([]);
      expect(fleet.gaps()).toEqual([]);
      expect(fleet.overlap.size).toBe(3);
      expect(Math.max(...fleet.overlap.values())).toBeLessThanOrEqual(5_000);
      expect(fleet.world.connector.openSockets).toHaveLength(6);
      expect(fleet.world.connector.attempts).toHaveLength(9);
      // One session goes on: it starts once.
      expect(fleet.events().filter(({ name }) => name === 'live.started')).toHaveLength(6);
    },
  );

  it('asks for the new socket with the priority of its streamer', async () => {
    const fleet = new Fleet(6);
    await fleet.start('a');
    await fleet.run(5_000);
    for (let n = 0; n < 6; n += 1) await fleet.world.streamers.update(`s${n}`, { priority: 80 + n });
    const before = fleet.world.connector.attempts.length;
    await fleet.start('b');
    await fleet.run(40_000);
    const asked = fleet.world.connector.attempts.slice(before);
    expect(asked).toHaveLength(3);
    for (const { uniqueId, priority } of asked) expect(priority).toBe(80 + Number(uniqueId.slice(1)));
  });

  it('raises the epoch, and numbers from 1 under it', async () => {
    const fleet = await joined();
    await fleet.run(40_000);
    const first = new Map<string, string>();
    for (const { key, sequence } of fleet.replicas.get('b')!.journal.events)
      if (!first.has(key)) first.set(key, sequence ?? '');
    expect([...first.values()]).toEqual(Array.from({ length: 3 }, () => '00000002-000000000001'));
  });

  it('to another replica at a stop: everything within 3 seconds, nothing missing', async () => {
    const fleet = await joined();
    await fleet.run(40_000);
    let done = false;
    void fleet.replicas
      .get('a')!
      .registry.drain()
      .then(() => (done = true));
    await fleet.run(3_000, () => done);
    expect(done).toBe(true);
    expect(fleet.heldBy('b')).toBe(6);
    await fleet.run(5_000);
    expect(fleet.missing()).toEqual([]);
    expect(fleet.gaps()).toEqual([]);
    expect(fleet.world.connector.openSockets).toHaveLength(6);
    expect(fleet.replicas.get('a')!.registry.figures()).toMatchObject({ leases: { held: 0 } });
  });

  it.each([0, 200, 400, 600])('at a stop takes along a room that is live for %i ms', async (ms) => {
    const fleet = new Fleet(6);
    await fleet.start('a', { live: false });
    await fleet.start('b');
    await fleet.run(40_000);
    expect([fleet.heldBy('a'), fleet.heldBy('b')]).toEqual([3, 3]);
    fleet.goLive();
    await fleet.run(120_000, () => fleet.world.connector.openSockets.length === 6);
    expect(fleet.world.connector.openSockets).toHaveLength(6);
    await fleet.run(ms);
    void fleet.replicas.get('a')!.registry.drain();
    await fleet.run(10_000);
    expect(fleet.heldBy('b')).toBe(6);
    expect(fleet.missing()).toEqual([]);
    expect(fleet.gaps()).toEqual([]);
  });

  it('is not made to a replica that cannot open the room: it stays, nothing is missing', async () => {
    const fleet = new Fleet(4);
    await fleet.start('a');
    await fleet.run(5_000);
    fleet.world.connector.alwaysFail = new RoomConnectError('quota', 'too many');
    await fleet.start('b');
    await fleet.run(60_000);
    expect([fleet.heldBy('a'), fleet.heldBy('b')]).toEqual([4, 0]);
    expect([fleet.missing(), fleet.gaps()]).toEqual([[], []]);
    // Asked again only after a minute: no attempt after the other.
    expect(fleet.world.connector.attempts.length).toBeLessThanOrEqual(4 + 2 * 2);
    fleet.world.connector.alwaysFail = undefined;
    await fleet.run(80_000);
    expect([fleet.heldBy('a'), fleet.heldBy('b')]).toEqual([2, 2]);
    expect([fleet.missing(), fleet.gaps()]).toEqual([[], []]);
  });

  it('at a stop, to a replica that cannot open the room, ends in time; the room goes on with one gap', async () => {
    const fleet = new Fleet(2);
    await fleet.start('a');
    await fleet.start('b');
    await fleet.run(30_000);
    fleet.world.connector.alwaysFail = new RoomConnectError('refused', 'no');
    const room = fleet.heldBy('a');
    expect(room).toBe(1);
    let done = false;
    void fleet.replicas
      .get('a')!
      .registry.drain()
      .then(() => (done = true));
    await fleet.run(10_000, () => done);
    expect(done).toBe(true);
    fleet.world.connector.alwaysFail = undefined;
    await fleet.run(60_000);
    expect(fleet.heldBy('b')).toBe(2);
    expect(fleet.gaps().map(({ reason }) => reason)).toEqual(['failover']);
    expect(fleet.lostInSilence()).toEqual([]);
  });

  it('carries a stream that ends in the moment of the hand-over to its end, once', async () => {
    const fleet = await joined();
    await fleet.run(30_000, () => fleet.world.connector.openSockets.length > 6);
    for (const socket of fleet.world.connector.openSockets)
      socket.send(streamEnd(`9${socket.request.roomId.slice(-3)}`));
    for (let n = 0; n < 6; n += 1) fleet.world.checker.set(`s${n}`, 'offline');
    await fleet.run(30_000);
    const ended = fleet.events().filter(({ name }) => name === 'live.ended');
    expect(new Set(ended.map(({ key, id }) => `${key} ${id}`)).size).toBe(6);
    expect(fleet.gaps()).toEqual([]);
    expect(fleet.world.connector.openSockets).toHaveLength(0);
  });

  it('hands idle streamers over without a socket', async () => {
    const fleet = new Fleet(0);
    for (let n = 0; n < 10; n += 1) await fleet.world.streamers.add(`idle${n}`, {});
    await fleet.start('a');
    await fleet.run(5_000);
    await fleet.start('b');
    await fleet.run(30_000);
    expect(fleet.replicas.get('b')!.registry.figures().leases.held).toBe(5);
    expect(fleet.world.connector.attempts).toHaveLength(0);
  });

  const CALLS: readonly StoreCall[] = ['offer', 'answer', 'release', 'acquire', 'offers', 'renew', 'beat'];
  const KINDS: readonly Fault['kind'][] = ['dies before', 'dies after', 'fails before', 'fails after'];
  /** Calls that a side of a hand-over does not make. */
  const NEVER: Readonly<Record<string, readonly StoreCall[]>> = { giver: ['answer'], taker: ['offer', 'release'] };
  const cases = ['giver', 'taker'].flatMap((who) =>
    CALLS.filter((at) => NEVER[who]?.includes(at) !== true).flatMap((at) => KINDS.map((kind) => ({ who, at, kind }))),
  );

  it.each(cases)(
    'in which the $who $kind its call of $at loses nothing in silence, and ends with one owner',
    async ({ who, at, kind }) => {
      const fleet = new Fleet(6);
      let armed = false;
      const fault = (): Fault | undefined => (armed ? { at, nth: 1, kind } : undefined);
      await fleet.start('a', who === 'giver' ? { fault } : {});
      await fleet.run(5_000);
      await fleet.start('b', who === 'taker' ? { fault } : {});
      // Armed once the first socket is open: the fault is in the middle of the protocol.
      armed = at === 'offer' || at === 'answer';
      await fleet.run(15_000, () => fleet.world.connector.openSockets.length > 6);
      armed = true;
      await fleet.run(45_000);
      expect(fleet.hit).toBe(1);
      expect(fleet.lostInSilence()).toEqual([]);
      expect(fleet.ownersOf()).not.toContain(undefined);
      expect(fleet.world.connector.openSockets).toHaveLength(6);
      if (kind.startsWith('fails')) expect([fleet.missing(), fleet.gaps()]).toEqual([[], []]);
    },
  );

  it('whatever happens when, at either side: nothing lost in silence, one owner in the end', async () => {
    const plan = fc.record({
      who: fc.constantFrom('a', 'b'),
      at: fc.constantFrom(...CALLS),
      nth: fc.integer({ min: 1, max: 6 }),
      kind: fc.constantFrom(...KINDS),
      armedAfterMs: fc.integer({ min: 0, max: 20_000 }),
      stops: fc.boolean(),
      seed: fc.nat(1_000),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ who, at, nth, kind, armedAfterMs, stops, seed }) => {
        const fleet = new Fleet(4, seed);
        let armed = false;
        const fault = (): Fault | undefined => (armed ? { at, nth, kind } : undefined);
        await fleet.start('a', who === 'a' ? { fault } : {});
        await fleet.run(3_000);
        await fleet.start('b', who === 'b' ? { fault } : {});
        await fleet.run(armedAfterMs);
        armed = true;
        let done = !stops;
        if (stops)
          void fleet.replicas
            .get('a')!
            .registry.drain()
            .then(() => (done = true));
        await fleet.run(60_000);
        expect(done || fleet.hit > 0).toBe(true);
        // One replica is left at most by a stop, one by a death; with both nobody is.
        const survivors =
          (stops ? 1 : 2) - (fleet.hit > 0 && kind.startsWith('dies') && !(stops && who === 'a') ? 1 : 0);
        if (survivors === 0) return;
        expect(fleet.lostInSilence()).toEqual([]);
        expect(fleet.ownersOf()).not.toContain(undefined);
        expect(fleet.world.connector.openSockets).toHaveLength(4);
      }),
      { numRuns: 30 },
    );
  });
});
