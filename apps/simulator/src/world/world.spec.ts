import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../common/clock.js';
import { MessageIds } from '../common/ids.js';
import { LiveScript } from '../messages/script.js';
import { Viewers } from '../messages/viewers.js';
import type { OutBatch } from './message.js';
import type { Room, RoomWatcher } from './room.js';
import { World, WorldError } from './world.js';
import { worldSchema } from './world.schema.js';
import type { WorldOrder } from './world.schema.js';

/** A socket's side of a room, that takes everything. */
class Listener implements RoomWatcher {
  readonly batches: OutBatch[] = [];
  backlog = 0;
  open = true;
  ended = 0;
  deliver(batch: OutBatch): boolean {
    if (this.open) this.batches.push(batch);
    return this.open;
  }
  roomEnded(): void {
    this.ended += 1;
  }
  get live(): string[] {
    return this.batches
      .filter((batch) => !batch.history)
      .flatMap((batch) => batch.messages.map((message) => message.msgId));
  }
  get methods(): string[] {
    return this.batches.flatMap((batch) => batch.messages.map((message) => message.method));
  }
}

const setup = (order: WorldOrder = {}): { clock: ManualClock; world: World } => {
  const clock = new ManualClock();
  const ids = new MessageIds(clock);
  const options = worldSchema.parse({ seed: 'spec', streamers: 20, viewers: 100, ...order });
  const viewers = new Viewers(options.seed, options.viewers);
  const world = new World({
    clock,
    script: ({ roomId, streamer, random }) => new LiveScript(roomId, streamer, { ids, viewers, random }),
  });
  world.define(options);
  return { clock, world };
};

/** One value for all the bytes of some batches. */
const digest = (batches: readonly OutBatch[]): string => {
  const hash = createHash('sha256');
  for (const batch of batches) for (const message of batch.messages) hash.update(message.payload);
  return hash.digest('hex');
};

const roomOf = (world: World, name: string): Room => {
  const room = world.room(world.get(name).roomId);
  if (room === undefined) throw new Error(`no room of ${name}`);
  return room;
};

describe('World', () => {
  it('plays the same again from the same seed: streamers, schedule and every byte', () => {
    const play = (): unknown => {
      const { clock, world } = setup({ rate: 40 });
      const listeners = new Map<string, Listener>();
      const log: string[] = [];
      for (let step = 0; step < 120; step += 1) {
        for (const streamer of world.list()) {
          const room = world.room(streamer.roomId);
          if (streamer.status === 'live' && room?.watchers.size === 0) {
            const listener = new Listener();
            listeners.set(`${streamer.roomId}/${room.live}`, listener);
            room.enter(listener);
          }
          log.push(`${streamer.uniqueId} ${streamer.status} ${streamer.roomId}`);
        }
        clock.advance(500);
      }
      return [log, [...listeners].map(([key, listener]) => [key, digest(listener.batches)])];
    };
    expect(play()).toEqual(play());
  });

  it('has streams that are live at once, start later, end, come back in a new and in the same room, and pause', () => {
    const { clock, world } = setup({ streamers: 60, liveAtStart: 0.5, rate: 0 });
    expect(world.list().filter((streamer) => streamer.status === 'live')).toHaveLength(30);
    const seen = { ended: 0, later: 0, sameRoom: 0, newRoom: 0, paused: 0 };
    let before = world.list().map((streamer) => ({ ...streamer }));
    for (let step = 0; step < 1800; step += 1) {
      clock.advance(100);
      const now = world.list().map((streamer) => ({ ...streamer }));
      now.forEach((streamer, index) => {
        const last = before[index];
        if (last === undefined) return;
        if (last.status !== 'offline' && streamer.status === 'offline') {
          seen.ended += 1;
          expect(streamer.roomId).toBe(last.roomId);
        }
        if (last.status === 'live' && streamer.status === 'paused') seen.paused += 1;
        if (last.status === 'offline' && streamer.status === 'live') {
          if (last.streams === 0) seen.later += 1;
          else if (streamer.roomId === last.roomId) seen.sameRoom += 1;
          else seen.newRoom += 1;
        }
      });
      before = now;
    }
    expect(seen.later).toBe(30);
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(0);
  });

  it('has rooms of very different size, that add up to the rate', () => {
    const { world } = setup({ streamers: 50, rate: 500, liveAtStart: 1, schedule: false });
    const rates = world
      .list()
      .map((streamer) => streamer.rate)
      .sort((left, right) => right - left);
    expect(rates.reduce((sum, rate) => sum + rate, 0)).toBeCloseTo(500, 6);
    expect((rates[0] ?? 0) / (rates.at(-1) ?? 1)).toBeCloseTo(50, 6);
  });

  it('makes messages at its rate, in frames of 1 to 12, and only while watched', () => {
    const { clock, world } = setup({ streamers: 1, rate: 20, liveAtStart: 1, schedule: false });
    clock.advance(60_000);
    const room = roomOf(world, 'sim_0001');
    const listener = new Listener();
    room.enter(listener);
    expect(listener.batches).toEqual([]);
    clock.advance(60_000);
    expect(listener.live.length).toBeGreaterThan(1000);
    expect(listener.live.length).toBeLessThan(1400);
    expect(Math.max(...listener.batches.map((batch) => batch.messages.length))).toBeLessThanOrEqual(12);
    room.leave(listener);
    const { length } = listener.live;
    clock.advance(60_000);
    expect(listener.live.length).toBe(length);
  });

  it('speeds up schedule and rate together', () => {
    const { clock, world } = setup({ streamers: 1, rate: 4, liveAtStart: 1, schedule: false, speed: 10 });
    const listener = new Listener();
    roomOf(world, 'sim_0001').enter(listener);
    clock.advance(30_000);
    expect(listener.live.length).toBeGreaterThan(1000);
  });

  it('quiesces: no messages, no starts, no ends, sockets stay; then goes on', () => {
    const { clock, world } = setup({ rate: 200 });
    const listener = new Listener();
    const name = world.list().find((streamer) => streamer.status === 'live')?.uniqueId ?? '';
    const room = roomOf(world, name);
    room.enter(listener);
    clock.advance(1000);
    world.quiesce();
    const before = [listener.live.length, ...world.list().map((streamer) => streamer.status)];
    clock.advance(600_000);
    expect([listener.live.length, ...world.list().map((streamer) => streamer.status)]).toEqual(before);
    expect(room.watchers.has(listener)).toBe(true);
    world.resume();
    clock.advance(60_000);
    expect(listener.live.length).toBeGreaterThan(before[0] as number);
    expect(world.list().map((streamer) => streamer.status)).not.toEqual(before.slice(1));
  });

  it('quiesces by itself after its duration', () => {
    const { clock, world } = setup({ durationMs: 5000 });
    clock.advance(4999);
    expect(world.quiesced).toBe(false);
    clock.advance(1);
    expect(world.quiesced).toBe(true);
  });

  it('refuses what cannot be', () => {
    const { world } = setup({ liveAtStart: 1, schedule: false });
    const codeOf = (order: () => unknown): string => {
      try {
        order();
      } catch (error) {
        return error instanceof WorldError ? error.code : 'other';
      }
      return 'none';
    };
    expect(codeOf(() => world.start('nobody'))).toBe('UNKNOWN_STREAMER');
    expect(codeOf(() => world.start('sim_0001'))).toBe('WRONG_STATE');
    expect(codeOf(() => world.unpause('sim_0001'))).toBe('WRONG_STATE');
    expect(codeOf(() => world.add({ uniqueId: 'sim_0001', rate: 1, restricted: false }))).toBe('NAME_TAKEN');
    expect(codeOf(() => world.define(worldSchema.parse({ streamers: 1 })))).toBe('NAME_TAKEN');
    world.end('sim_0001');
    expect(codeOf(() => world.end('sim_0001'))).toBe('WRONG_STATE');
  });
});

describe('Room', () => {
  const steady = { streamers: 1, rate: 100, liveAtStart: 1, schedule: false } as const;

  it('ends with the control message as its last, the streamer already offline', () => {
    const { clock, world } = setup(steady);
    const room = roomOf(world, 'sim_0001');
    const listener = new Listener();
    room.enter(listener);
    clock.advance(1000);
    world.end('sim_0001', 4);
    clock.advance(5000);
    expect(listener.methods.filter((method) => method === 'WebcastControlMessage')).toHaveLength(1);
    expect(listener.methods.at(-1)).toBe('WebcastControlMessage');
    expect(listener.batches.at(-1)?.messages[0]?.facts).toEqual({ kind: 'control', action: 4 });
    expect(listener.ended).toBe(1);
    expect(world.get('sim_0001')).toMatchObject({ status: 'offline', roomId: room.roomId });
  });

  it('counts its lives when it goes live again with the same id, and forgets its history', () => {
    const { clock, world } = setup(steady);
    const room = roomOf(world, 'sim_0001');
    const first = new Listener();
    room.enter(first);
    clock.advance(1000);
    world.end('sim_0001');
    room.leave(first);
    world.start('sim_0001', { sameRoom: true });
    expect(room.live).toBe(2);
    const second = new Listener();
    room.enter(second);
    expect(second.batches).toEqual([]);
    clock.advance(1000);
    expect(second.live.length).toBeGreaterThan(0);
    expect(second.live.some((id) => first.live.includes(id))).toBe(false);
  });

  it('gives the next socket its last messages as history', () => {
    const { clock, world } = setup(steady);
    const room = roomOf(world, 'sim_0001');
    const first = new Listener();
    room.enter(first);
    clock.advance(2000);
    room.leave(first);
    const second = new Listener();
    room.enter(second);
    expect(second.batches).toHaveLength(1);
    expect(second.batches[0]?.history).toBe(true);
    expect(second.batches[0]?.messages.map((message) => message.msgId)).toEqual(first.live.slice(-8));
  });

  it('gives all its sockets the same batches', () => {
    const { clock, world } = setup(steady);
    const listeners = [new Listener(), new Listener()];
    for (const listener of listeners) roomOf(world, 'sim_0001').enter(listener);
    clock.advance(1000);
    expect(listeners[0]?.batches).toEqual(listeners[1]?.batches);
  });

  it('waits for a socket that has too much unsent', () => {
    const { clock, world } = setup(steady);
    const listener = new Listener();
    roomOf(world, 'sim_0001').enter(listener);
    clock.advance(1000);
    listener.backlog = 100 * 1024 * 1024;
    const { length } = listener.live;
    clock.advance(10_000);
    expect(listener.live.length).toBe(length);
    listener.backlog = 0;
    clock.advance(1000);
    expect(listener.live.length).toBeGreaterThan(length);
  });

  it('is silent while paused, and tells the pause and its end', () => {
    const { clock, world } = setup(steady);
    const listener = new Listener();
    roomOf(world, 'sim_0001').enter(listener);
    clock.advance(500);
    world.pause('sim_0001');
    const { length } = listener.live;
    clock.advance(10_000);
    expect(listener.live.length).toBe(length);
    world.unpause('sim_0001');
    clock.advance(1000);
    expect(listener.live.length).toBeGreaterThan(length + 1);
    const actions = listener.batches
      .flatMap((batch) => batch.messages.map((message) => message.facts))
      .filter((facts) => facts?.kind === 'control');
    expect(actions).toEqual([
      { kind: 'control', action: 1 },
      { kind: 'control', action: 2 },
    ]);
  });

  it('with one stream for all rooms says the same in each of them, made once, at the rate of a room', () => {
    const { clock, world } = setup({ sameStream: true, streamers: 4, liveAtStart: 1, schedule: false, rate: 80 });
    const [first, second] = ['sim_0001', 'sim_0003'].map((name) => {
      const listener = new Listener();
      roomOf(world, name).enter(listener);
      return listener;
    });
    clock.advance(10_000);
    expect(first!.live.length).toBeGreaterThan(150);
    expect(first!.live.length).toBeLessThan(260);
    expect(new Set(first!.live).size).toBe(first!.live.length);
    // The others say it a little later.
    expect(first!.live.slice(0, second!.live.length)).toEqual(second!.live);
    expect(first!.batches[0]).toBe(second!.batches[0]);
    world.quiesce();
    const said = first!.live.length;
    clock.advance(10_000);
    expect(first!.live).toHaveLength(said);
    world.resume();
    clock.advance(2_000);
    expect(first!.live.length).toBeGreaterThan(said);
    // A room that is new says it, too.
    world.end('sim_0002');
    const another = world.start('sim_0002');
    const late = new Listener();
    another.enter(late);
    clock.advance(5_000);
    expect(late.live.length).toBeGreaterThan(0);
    expect(first!.live).toEqual(expect.arrayContaining(late.live));
  });
});
