import { FakeClock, SeededRandom } from '@livetap/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../common/logger.port.js';
import type { HandOverRooms } from './hand-over.port.js';
import { LeaseKeeper } from './lease-keeper.js';
import { NO_ROOM } from './lease-store.port.js';
import { type LeasableStreamer, MemoryLeaseStore } from './memory-lease-store.js';

/** Rooms that are ready at once; the fleet is about leases. */
const ROOMS: HandOverRooms = {
  roomOf: () => NO_ROOM,
  cut: async (ids) => new Map(ids.map((id) => [id, undefined])),
  mend: () => undefined,
  handedOver: () => undefined,
  prepare: (_id, roomId, ready) => ready(roomId),
  discard: () => undefined,
};

/** Keepers over one store and one clock; a killed one's timers and calls end. */
class TestFleet {
  readonly clock = new FakeClock();
  readonly streamers: LeasableStreamer[] = [];
  readonly store = new MemoryLeaseStore({ streamers: () => this.streamers, now: () => this.clock.now() });
  readonly alive = new Map<string, { keeper: LeaseKeeper; kill: () => void }>();
  /** Leases gained by anyone. */
  gained = 0;
  #random: SeededRandom;

  constructor(
    streamers: number,
    seed: number,
    private readonly hints = true,
  ) {
    this.#random = new SeededRandom(seed);
    for (let id = 1; id <= streamers; id += 1)
      this.streamers.push({ id: String(id), uniqueId: `u${id}`, paused: false, priority: 50 });
  }

  join(id: string): void {
    const state = { dead: false };
    const { clock, store } = this;
    const guard = <T extends object>(target: T): T =>
      new Proxy(target, {
        get: (object, name) => {
          const value = Reflect.get(object, name) as unknown;
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) =>
            state.dead ? new Promise(() => undefined) : (value as (...args: unknown[]) => unknown).apply(object, args);
        },
      });
    const keeper = new LeaseKeeper({
      clock: {
        now: () => clock.now(),
        monotonic: () => clock.monotonic(),
        setTimeout: (callback, ms) => clock.setTimeout(() => (state.dead ? undefined : callback()), ms),
      },
      random: this.#random,
      logger: SILENT_LOGGER,
      store: guard(store),
      ...(this.hints ? { hints: store.hints() } : {}),
      replicaId: id,
      rooms: ROOMS,
      listener: { gained: (leases) => void (this.gained += leases.length), lost: () => undefined },
      checkpoints: async () => new Map(),
    });
    this.alive.set(id, { keeper, kill: () => void (state.dead = true) });
    void keeper.start();
  }

  kill(id: string): void {
    this.alive.get(id)?.kill();
    this.alive.delete(id);
  }

  async leave(id: string): Promise<void> {
    const { keeper } = this.alive.get(id)!;
    this.alive.delete(id);
    let done = false;
    const leaving = keeper
      .farewell(15_000)
      .then(() => keeper.drain(new Map()))
      .then(() => (done = true));
    while (!done) await this.clock.advance(100);
    await leaving;
  }

  counts(): number[] {
    return [...this.alive.keys()].map((id) => this.streamers.filter((one) => this.store.ownerOf(one.id) === id).length);
  }

  fair(): boolean {
    const counts = this.counts();
    const total = counts.reduce((sum, count) => sum + count, 0);
    const allowed = Math.max(1, total / counts.length / 10);
    return total === this.streamers.length && Math.max(...counts) - Math.min(...counts) <= allowed;
  }
}

describe('a fleet of replicas', () => {
  it.each([true, false])(
    'is fair within 60 s of a join and of a leave, with the fewest moves (hints: %s)',
    async (hints) => {
      const fleet = new TestFleet(200, 3, hints);
      fleet.join('a');
      await fleet.clock.advance(20_000);
      fleet.join('b');
      await fleet.clock.advance(60_000);
      expect(fleet.counts()).toEqual([100, 100]);
      expect(fleet.gained).toBe(200 + 100);
      fleet.join('c');
      await fleet.clock.advance(60_000);
      expect(fleet.counts().sort()).toEqual([66, 67, 67]);
      expect(fleet.gained).toBe(300 + 66);
      await fleet.leave('a');
      await fleet.clock.advance(60_000);
      expect(fleet.counts()).toEqual([100, 100]);
      // What the leaving one held has moved, nothing else.
      expect(fleet.gained).toBe(366 + 67);
    },
  );

  it.each([true, false])('takes over from a killed replica within 20 s, evenly (hints: %s)', async (hints) => {
    for (let second = 0; second < 6; second += 1) {
      const fleet = new TestFleet(200, second, hints);
      for (const id of ['a', 'b', 'c']) fleet.join(id);
      await fleet.clock.advance(60_000 + second * 1_000);
      expect(fleet.fair()).toBe(true);
      fleet.kill('b');
      await fleet.clock.advance(20_000);
      expect(fleet.counts()).toEqual([100, 100]);
    }
  });

  it('leaves no lease untaken when replicas die one after the other', async () => {
    const fleet = new TestFleet(90, 5);
    for (const id of ['a', 'b', 'c']) fleet.join(id);
    await fleet.clock.advance(30_000);
    fleet.kill('a');
    await fleet.clock.advance(5_000);
    fleet.kill('b');
    await fleet.clock.advance(20_000);
    expect(fleet.counts()).toEqual([90]);
  });

  it('moves nothing for a replica that comes and goes', async () => {
    const fleet = new TestFleet(100, 6);
    for (const id of ['a', 'b']) fleet.join(id);
    await fleet.clock.advance(60_000);
    const before = fleet.gained;
    for (let round = 0; round < 20; round += 1) {
      fleet.join('c');
      await fleet.clock.advance(5_000);
      fleet.kill('c');
      await fleet.clock.advance(20_000);
    }
    expect(fleet.gained).toBe(before);
  });

  it('after an outage of the database every replica keeps its own', async () => {
    const fleet = new TestFleet(120, 7);
    for (const id of ['a', 'b', 'c']) fleet.join(id);
    await fleet.clock.advance(60_000);
    const before = fleet.gained;
    const { store } = fleet;
    // Covers the methods of the class for the time of the outage.
    const refused = (): Promise<never> => Promise.reject(new Error('connection refused'));
    const outage = { beat: refused, renew: refused, acquire: refused, offers: refused };
    Object.assign(store, outage);
    await fleet.clock.advance(120_000);
    for (const name of Object.keys(outage)) Reflect.deleteProperty(store, name);
    await fleet.clock.advance(60_000);
    expect(fleet.gained).toBe(before);
    expect(fleet.counts()).toEqual([40, 40, 40]);
  });

  it('takes nothing over while the server has only just come back, or its clock has jumped', async () => {
    for (const jump of [false, true]) {
      const fleet = new TestFleet(60, 8);
      for (const id of ['a', 'b']) fleet.join(id);
      await fleet.clock.advance(60_000);
      const before = fleet.gained;
      if (jump) fleet.clock.jump(3_600_000);
      else {
        fleet.store.upSince = fleet.clock.now();
        for (const { id } of fleet.streamers) fleet.store.expire(id);
      }
      await fleet.clock.advance(10_000);
      expect(fleet.gained).toBe(before);
    }
  });

  it('comes to a fair share over any joins, leaves and crashes, and never loses a lease', async () => {
    const step = fc.record({
      kind: fc.constantFrom('join', 'leave', 'kill'),
      waitMs: fc.integer({ min: 0, max: 30_000 }),
      pick: fc.nat(),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 8 }),
        fc.nat(1_000),
        fc.integer({ min: 1, max: 60 }),
        async (steps, seed, streamers) => {
          const fleet = new TestFleet(streamers, seed, seed % 2 === 0);
          let joined = 0;
          fleet.join(`r${(joined += 1)}`);
          for (const { kind, waitMs, pick } of steps) {
            const ids = [...fleet.alive.keys()];
            const id = ids[pick % ids.length]!;
            if (kind === 'join' && ids.length < 6) fleet.join(`r${(joined += 1)}`);
            else if (kind === 'leave' && ids.length > 1) await fleet.leave(id);
            else if (kind === 'kill' && ids.length > 1) fleet.kill(id);
            await fleet.clock.advance(waitMs);
          }
          await fleet.clock.advance(80_000);
          expect(fleet.counts().reduce((sum, count) => sum + count, 0)).toBe(streamers);
          expect(fleet.fair()).toBe(true);
          const settled = fleet.gained;
          await fleet.clock.advance(60_000);
          expect(fleet.gained).toBe(settled);
        },
      ),
      { numRuns: 25 },
    );
  });
});
