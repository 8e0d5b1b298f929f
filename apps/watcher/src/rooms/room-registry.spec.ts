import { parseSequence } from '@livetap/contracts';
import { FakeClock, SeededRandom } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { RoomConnectError, type RoomMessage } from './room-connector.port.js';
import { message, streamEnd, TestReplica, TestWorld } from './testing/replica.js';

const ROOM = '7300000000000000001';

class World extends TestWorld {
  constructor(readonly fake = new FakeClock()) {
    super(fake, new SeededRandom(7));
  }
}

async function liveReplica(settings = {}): Promise<{ world: World; replica: TestReplica }> {
  const world = new World();
  world.checker.live('anna', ROOM);
  const replica = new TestReplica(world, { settings });
  await replica.start('anna');
  await replica.advance(10);
  return { world, replica };
}

const network = new RoomConnectError('network', 'no route');

describe('a live room', () => {
  it('is joined when a check says live, and its events are admitted in order', async () => {
    const { world, replica } = await liveReplica();
    expect(world.connector.openSockets).toHaveLength(1);
    expect(replica.published()).toEqual([]);
    world.connector.last.send(message(1), message(2));
    world.connector.last.send(message(3));
    await replica.advance(10);
    expect(replica.published()).toEqual(['live.started live.started-1', 'unknown 1', 'unknown 2', 'unknown 3']);
    const sequences = replica.journal.events.map((event) => parseSequence(event.sequence ?? ''));
    expect(sequences).toEqual([1, 2, 3, 4].map((n) => ({ epoch: 1, n })));
    const view = await replica.service.get('@Anna');
    expect(view.activity).toMatchObject({ state: 'live', roomId: ROOM, sessionId: ROOM, frames: 2, epoch: 1 });
  });

  it('starts its session at the tenth healthy second when no frame comes', async () => {
    const { replica } = await liveReplica();
    await replica.advance(9_000);
    expect(replica.published()).toEqual([]);
    await replica.advance(2_000);
    expect(replica.published()).toEqual(['live.started live.started-1']);
  });

  it('ends with the stream: live.ended after the rest of the frame, once, and what follows is not published', async () => {
    const { world, replica } = await liveReplica();
    const socket = world.connector.last;
    socket.lastWords = [message(99)];
    socket.send(message(1), streamEnd(2), message(3));
    world.checker.set('anna', 'offline');
    await replica.advance(10);
    expect(replica.published().slice(1)).toEqual(['unknown 1', 'streamEnd 2', 'unknown 3', 'live.ended live.ended-1']);
    expect(socket.closed).toBe(true);
    expect(replica.registry.figures().counters.messagesAfterEnd).toBe(1);
    expect(replica.registry.activityOf('1')).toMatchObject({ state: 'idle' });
  });

  it('of the same id that goes live again is a second session, numbered on', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1), streamEnd(2));
    await replica.advance(10);
    await replica.advance(20_000);
    expect(world.connector.openSockets).toHaveLength(1);
    world.connector.last.send(message(2), message(3));
    await replica.advance(10);
    expect(replica.published().slice(3)).toEqual([
      'live.ended live.ended-1',
      'live.started live.started-2',
      'unknown 3',
    ]);
    expect(replica.registry.activityOf('1')).toMatchObject({ sessionId: `${ROOM}-2` });
    const numbers = replica.journal.events.map((event) => parseSequence(event.sequence ?? '')?.n);
    expect(numbers).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('is followed under the room that took its place', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    world.checker.live('anna', '7300000000000000002');
    world.connector.last.drop({ code: 1000, reason: '' });
    await replica.advance(2_000);
    world.connector.last.send(message(5));
    await replica.advance(10);
    const [ended] = replica.named('live.ended');
    expect(ended && replica.data(ended)).toMatchObject({ reason: 'replaced' });
    expect(replica.named('live.started').map((event) => event.key)).toEqual([ROOM, '7300000000000000002']);
  });
});

describe('a frame that cannot be read', () => {
  it('is no less of a first frame: the session begins before it, a gap is published before it', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.sendBroken(Uint8Array.of(1));
    await replica.advance(10);
    world.connector.last.drop();
    await replica.advance(2_000);
    world.connector.last.sendBroken(Uint8Array.of(2));
    await replica.advance(10);
    expect(replica.published().map((line) => line.split(' ')[0])).toEqual([
      'live.started',
      'unknown',
      'room.gap',
      'unknown',
    ]);
    const [gap] = replica.named('room.gap');
    expect(gap && replica.data(gap)).toMatchObject({
      lastIdBefore: replica.named('unknown')[0]?.id,
      firstIdAfter: replica.named('unknown')[1]?.id,
    });
  });
});

describe('a streamer who returns to an earlier room', () => {
  it('goes on with its numbers, its count of lives and its ids', async () => {
    const { world, replica } = await liveReplica();
    const moveTo = async (roomId: string, ...messages: readonly RoomMessage[]): Promise<void> => {
      world.checker.live('anna', roomId);
      world.connector.last.drop({ code: 1000, reason: '' });
      await replica.advance(2_000);
      world.connector.last.send(...messages);
      await replica.advance(10);
    };
    world.connector.last.send(message(1));
    await moveTo('7300000000000000002', message(5));
    await moveTo(ROOM, message(1, true), message(2));
    expect(replica.named('live.started').map(({ key, id }) => `${key} ${id}`)).toEqual([
      `${ROOM} live.started-1`,
      '7300000000000000002 live.started-1',
      `${ROOM} live.started-2`,
    ]);
    const ofRoom = replica.journal.events.filter((event) => event.key === ROOM);
    expect(ofRoom.map(({ sequence }) => parseSequence(sequence ?? '')?.n)).toEqual(ofRoom.map((_, n) => n + 1));
    expect(ofRoom.filter(({ id }) => id === '1')).toHaveLength(1);
  });
});

describe('reconnects', () => {
  it('k reconnects publish once, with one gap for each interval', async () => {
    const { world, replica } = await liveReplica({ rooms: { silenceMs: 1e9, maxSilenceMs: 1e9 } });
    world.connector.last.send(message(1000));
    for (let k = 1; k <= 25; k += 1) {
      world.connector.last.drop();
      await replica.advance(61_000);
      // History repeats what was there, then something new comes.
      world.connector.last.send(message(1000 + k - 1, true), message(1000 + k));
      await replica.advance(10);
    }
    const ids = replica.named('unknown').map((event) => event.id);
    expect(ids).toEqual(Array.from({ length: 26 }, (_, n) => String(1000 + n)));
    const gaps = replica.named('room.gap').map((event) => replica.data(event));
    expect(gaps).toHaveLength(25);
    expect(gaps[0]).toMatchObject({
      reason: 'disconnected',
      lastIdBefore: '1000',
      firstIdAfter: '1001',
      fromExact: true,
    });
    expect(replica.registry.figures().counters.reconnects.disconnected).toBe(25);
  });

  it('a thousand reconnects leak nothing', async () => {
    const { world, replica } = await liveReplica({ rooms: { silenceMs: 1e9, maxSilenceMs: 1e9 } });
    world.connector.last.send(message(1));
    await replica.advance(1_000);
    const timers = world.fake.pendingTimers;
    for (let k = 0; k < 1_000; k += 1) {
      world.connector.last.drop();
      await world.clock.advance(61_000);
      world.connector.last.send(message(2 + k));
    }
    await replica.advance(1_000);
    expect(world.connector.openSockets).toHaveLength(1);
    expect(world.fake.pendingTimers).toBeLessThanOrEqual(timers);
    expect(replica.named('unknown')).toHaveLength(1_001);
    expect(replica.named('room.gap')).toHaveLength(1_000);
    expect(replica.registry.figures()).toMatchObject({ admissionBytes: 0, rooms: { live: 1 } });
  }, 60_000);

  it('never give up while the room is live, and wait no longer than a minute', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    world.connector.alwaysFail = network;
    world.connector.last.drop();
    await replica.advance(3_600_000);
    expect(world.connector.attempts.length).toBeGreaterThan(100);
    world.connector.alwaysFail = undefined;
    await replica.advance(61_000);
    world.connector.last.send(message(2));
    await replica.advance(10);
    expect(
      replica
        .published()
        .slice(1)
        .map((line) => line.split(' ')[0]),
    ).toEqual(['unknown', 'room.gap', 'unknown']);
  });

  it('take a fresh address each time and obey a retry-after', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    world.connector.failNext(new RoomConnectError('quota', 'too many', { retryAfterMs: 300_000 }));
    world.connector.last.drop();
    await replica.advance(1_000);
    expect(world.connector.attempts).toHaveLength(2);
    await replica.advance(299_000);
    expect(world.connector.attempts).toHaveLength(2);
    await replica.advance(31_000);
    expect(world.connector.attempts).toHaveLength(3);
  });

  it.each([
    ['one offline verdict after the other side closed', { code: 1000, reason: '' }, 5_000],
    ['verdicts after attempts that fail', { code: 1006, reason: '' }, 120_000],
  ])('end the session by %s', async (_, closed, within) => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    world.checker.set('anna', 'offline');
    world.connector.alwaysFail = network;
    world.connector.last.drop(closed);
    await replica.advance(within);
    expect(
      replica
        .published()
        .slice(1)
        .map((line) => line.split(' ')[0]),
    ).toEqual(['unknown', 'room.gap', 'live.ended']);
    const [ended] = replica.named('live.ended');
    expect(ended && replica.data(ended)).toMatchObject({ reason: 'offline' });
  });

  it('are not ended by unknown verdicts', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    world.checker.set('anna', 'unknown');
    world.connector.alwaysFail = network;
    world.connector.last.drop({ code: 1000, reason: '' });
    await replica.advance(600_000);
    expect(replica.named('live.ended')).toHaveLength(0);
    expect(['reconnecting', 'resolving', 'connecting']).toContain(replica.registry.activityOf('1')?.state);
  });
});

describe('a session that was taken up again', () => {
  it('ends soon when its stream ended while nobody watched, although the socket answers', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    const draining = replica.registry.drain();
    await replica.advance(10);
    await draining;
    world.checker.set('anna', 'offline');
    const next = new TestReplica(world);
    await next.start();
    world.connector.last.send();
    await next.advance(5_000);
    expect(next.published().map((line) => line.split(' ')[0])).toEqual(['room.gap', 'live.ended']);
    expect(world.connector.openSockets).toHaveLength(0);
  });
});

describe('a silent socket', () => {
  it('that still sends frames without messages is asked about after five minutes', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    world.checker.set('anna', 'offline');
    for (let n = 0; n < 32; n += 1) {
      await replica.advance(10_000);
      if (world.connector.openSockets.length > 0) world.connector.last.send();
    }
    expect(replica.published().slice(2)).toEqual(['live.ended live.ended-1']);
  });

  it('is replaced by a second one that has news, with a gap that says stalled', async () => {
    const { world, replica } = await liveReplica();
    const first = world.connector.last;
    first.send(message(1));
    await replica.advance(62_000);
    expect(world.connector.openSockets).toHaveLength(2);
    world.connector.last.send(message(1, true), message(2));
    await replica.advance(10);
    expect(first.closed).toBe(true);
    expect(world.connector.openSockets).toHaveLength(1);
    const gaps = replica.named('room.gap').map((event) => replica.data(event));
    expect(gaps).toHaveLength(1);
    expect(gaps[0]).toMatchObject({ reason: 'stalled', lastIdBefore: '1', firstIdAfter: '2' });
  });

  it('of a quiet room makes no gap, and the room is left alone twice as long', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    await replica.advance(62_000);
    expect(world.connector.openSockets).toHaveLength(2);
    world.connector.last.send(message(1, true));
    await replica.advance(31_000);
    expect(world.connector.openSockets).toHaveLength(1);
    await replica.advance(90_000);
    expect(world.connector.attempts).toHaveLength(2);
    await replica.advance(40_000);
    expect(world.connector.attempts).toHaveLength(3);
    world.connector.sockets[0]?.send(message(2));
    await replica.advance(10);
    expect(replica.named('room.gap')).toHaveLength(0);
    expect(world.connector.openSockets).toHaveLength(1);
  });

  it('ends the session when two verdicts in a row say offline', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    world.checker.set('anna', 'offline');
    await replica.advance(61_500);
    expect(replica.named('live.ended')).toHaveLength(0);
    await replica.advance(10_000);
    expect(replica.named('live.ended')).toHaveLength(1);
    expect(world.connector.openSockets).toHaveLength(0);
  });
});

describe('the operator', () => {
  it('adds a streamer and it is connected within a second', async () => {
    const world = new World();
    const replica = new TestReplica(world);
    await replica.start();
    await replica.advance(2_500);
    world.checker.live('bert', ROOM);
    const adding = replica.service.add({ uniqueId: '@Bert' });
    await adding;
    await replica.advance(1_000);
    expect(world.connector.openSockets).toHaveLength(1);
  });

  it('pauses: live.left is durable before the call returns, the lease is free; watched again, the session goes on', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    const pausing = replica.service.pause('anna');
    await replica.advance(10);
    const view = await pausing;
    expect(view.streamer.paused).toBe(true);
    expect(replica.published().at(-1)).toMatch(/^live\.left /);
    expect(world.connector.openSockets).toHaveLength(0);
    expect(world.leases.ownerOf('1')).toBeUndefined();
    await replica.service.resume('anna');
    replica.registry.added();
    await replica.advance(1_000);
    world.connector.last.send(message(2));
    await replica.advance(10);
    expect(replica.published().slice(-2)).toEqual(['live.started live.started-1', 'unknown 2']);
    expect(replica.registry.activityOf('1')?.sessionId).toBe(ROOM);
    expect(replica.registry.activityOf('1')).toMatchObject({ epoch: 2 });
  });

  it('removes: live.left with its reason, and the room is forgotten with the lease', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    const removing = replica.service.remove('anna', { purge: false });
    await replica.advance(10);
    await removing;
    const [left] = replica.named('live.left');
    expect(left && replica.data(left)).toEqual({ reason: 'removed' });
    await replica.advance(6_000);
    expect(replica.registry.activityOf('1')).toBeUndefined();
    expect(replica.registry.figures().leases.held).toBe(0);
  });

  it('pauses at another replica, and it counts here soon', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    await world.streamers.update('anna', { paused: true });
    await replica.advance(16_000);
    expect(replica.published().at(-1)).toMatch(/^live\.left /);
  });
});

describe('a drain', () => {
  it('admits all frames that come before the close, keeps the session, and frees the leases', async () => {
    const { world, replica } = await liveReplica();
    const socket = world.connector.last;
    socket.send(message(1));
    socket.lastWords = [message(2), message(3)];
    const drains = [replica.registry.drain(), replica.registry.drain()];
    await replica.advance(10);
    await Promise.all(drains);
    expect(replica.published().slice(1)).toEqual(['unknown 1', 'unknown 2', 'unknown 3']);
    expect(world.leases.ownerOf('1')).toBeUndefined();
    expect(world.fake.pendingTimers).toBe(0);
  });

  it('is followed by a start that takes the session up with an exact gap and repeats nothing', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    const draining = replica.registry.drain();
    await replica.advance(10);
    await draining;
    await world.clock.advance(5_000);
    const next = new TestReplica(world);
    await next.start();
    await next.advance(10);
    world.connector.last.send(message(1, true), message(2));
    await next.advance(10);
    expect(next.published().map((line) => line.split(' ')[0])).toEqual(['room.gap', 'unknown']);
    const [gap] = next.named('room.gap');
    expect(gap && next.data(gap)).toMatchObject({
      reason: 'restart',
      fromExact: true,
      lastIdBefore: '1',
      firstIdAfter: '2',
    });
    expect(next.journal.events[0]?.sequence).toBe('00000002-000000000001');
  });

  it('with a journal that failed stores no checkpoint: what never became durable is not known to the next owner', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    await replica.advance(6_000);
    await replica.journal.close();
    world.connector.last.send(message(2));
    await replica.advance(10);
    expect(replica.fatal).toHaveLength(1);
    const draining = replica.registry.drain();
    await replica.advance(10);
    await draining;
    const [lease] = await world.leases.acquire({ replicaId: 'replica-1', ttlMs: 15_000, limit: 10, reclaim: true });
    expect(lease?.checkpoint).toMatchObject({ lastId: '1', recentIds: ['1'] });
    expect(lease?.checkpoint?.clean).toBeUndefined();
  });

  it('stores no checkpoint that knows events which are not durable yet', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    await replica.advance(6_000);
    expect(world.leases.checkpointOf('1')).toMatchObject({ recentIds: ['1'] });
    // The journal takes the next event and says nothing.
    const append = replica.journal.append.bind(replica.journal);
    const held: (() => void)[] = [];
    replica.journal.append = (events) => new Promise<void>((resolve) => held.push(resolve)).then(() => append(events));
    world.connector.last.send(message(2));
    await replica.advance(20_000);
    expect(held).toHaveLength(1);
    expect(world.leases.checkpointOf('1')).toMatchObject({ recentIds: ['1'] });
    for (const release of held.splice(0)) release();
    replica.journal.append = append;
    await replica.advance(6_000);
    expect(world.leases.checkpointOf('1')).toMatchObject({ recentIds: ['1', '2'] });
  });

  it('notices that the same room ended and went live again meanwhile, before it reads what the new live says', async () => {
    const world = new World();
    world.checker.set('anna', 'live', { roomId: ROOM, startedAt: 1_000_000 });
    const replica = new TestReplica(world);
    await replica.start('anna');
    await replica.advance(10);
    world.connector.last.send(message(1));
    const draining = replica.registry.drain();
    await replica.advance(10);
    await draining;

    world.checker.set('anna', 'live', { roomId: ROOM, startedAt: 1_060_000 });
    const next = new TestReplica(world);
    await next.start();
    await next.advance(10);
    expect(world.connector.openSockets).toHaveLength(1);
    world.connector.last.send(message(2));
    await next.advance(10);
    expect(next.published().map((line) => line.split(' ')[0])).toEqual([
      'room.gap',
      'live.ended',
      'live.started',
      'unknown',
    ]);
    const sessions = next.journal.events.map(
      (event) => (JSON.parse(event.value.toString()) as { sessionid: string }).sessionid,
    );
    expect(sessions).toEqual([ROOM, ROOM, `${ROOM}-2`, `${ROOM}-2`]);
    const [ended] = next.named('live.ended');
    expect(ended && next.data(ended)).toMatchObject({ reason: 'replaced' });
    expect(next.journal.events.map(({ sequence }) => sequence)).toEqual(
      [1, 2, 3, 4].map((n) => `00000002-00000000000${n}`),
    );
  });
});

describe('ownership', () => {
  it('another replica takes over after a crash and says failover, from the checkpoint', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    await replica.advance(6_000);
    // The process is gone: its timers do nothing any more.
    world.leases.expire('1');
    const successor = new TestReplica(world, { replicaId: 'replica-2' });
    await successor.start();
    await successor.advance(10);
    world.connector.last.send(message(1, true), message(2));
    await successor.advance(10);
    expect(successor.published().map((line) => line.split(' ')[0])).toEqual(['room.gap', 'unknown']);
    const [gap] = successor.named('room.gap');
    expect(gap && successor.data(gap)).toMatchObject({ reason: 'failover', fromExact: false });
    // The first one finds out at its next renewal and closes its room without a word.
    await replica.advance(6_000);
    expect(replica.registry.activityOf('1')).toBeUndefined();
    expect(replica.published().at(-1)).toBe('unknown 1');
  });
});

describe('a paused process', () => {
  it('appends nothing after its lease was taken, and closes the room without a word', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    await replica.advance(1_000);
    world.clock.jump(31_000);
    await world.leases.acquire({ replicaId: 'replica-2', ttlMs: 15_000, limit: 10, reclaim: false });
    // What the kernel kept meanwhile is read before any timer of ours runs.
    world.connector.last.send(message(2), message(3));
    await replica.advance(0);
    expect(replica.published()).toEqual(['live.started live.started-1', 'unknown 1']);
    expect(world.connector.openSockets).toHaveLength(0);
    expect(replica.registry.figures()).toMatchObject({ discardedEvents: 2, admissionBytes: 0 });
  });

  it('goes on with what it received when nobody took the lease', async () => {
    const { world, replica } = await liveReplica();
    world.connector.last.send(message(1));
    await replica.advance(1_000);
    world.clock.jump(31_000);
    world.connector.last.send(message(2));
    await replica.advance(0);
    expect(replica.published().at(-1)).toBe('unknown 2');
    expect(world.connector.openSockets).toHaveLength(1);
  });
});

describe('back-pressure', () => {
  it('pauses sockets while the journal is full, closes them after five seconds, and comes back with one gap', async () => {
    const world = new World();
    world.checker.live('anna', ROOM);
    const replica = new TestReplica(world, { journal: { maxBytes: 4_000 } });
    await replica.start('anna');
    const reader = await replica.journal.reader('publisher');
    await replica.advance(10);
    const socket = world.connector.last;
    for (let n = 1; n <= 20; n += 1) {
      socket.send(message(n));
      await replica.advance(10);
    }
    expect(replica.journal.stats().full).toBe(true);
    expect(socket.paused).toBe(true);
    await replica.advance(7_000);
    expect(socket.closed).toBe(true);
    expect(world.connector.openSockets).toHaveLength(0);
    for (let round = 0; round < 10; round += 1) {
      const events = await reader.read({ maxEvents: 100, maxBytes: 1e6 }, AbortSignal.timeout(50));
      const last = events.at(-1);
      if (last !== undefined) reader.commit(last.offset);
      await replica.advance(0);
    }
    await replica.advance(5_000);
    expect(world.connector.openSockets).toHaveLength(1);
    const seen = replica.journal.stats().lastOffset;
    world.connector.last.send(message(21));
    await replica.advance(10);
    const after = replica.journal.events.filter((event) => event.offset > seen);
    expect(after.map((event) => event.type)).toEqual(['livetap.room.gap.v1', 'livetap.unknown.v1']);
    expect(after[0] && replica.data(after[0])).toMatchObject({ reason: 'backpressure', lastIdBefore: '20' });
  });

  it('closes all rooms within some seconds, least important first, and brings each back with one gap of its own', async () => {
    const world = new World();
    const names = Array.from({ length: 10 }, (_, n) => `user${n}`);
    // Importance is not the order of names.
    const priorityOf = (name: string): number => (Number(name.slice(4)) * 7) % 10;
    for (const [n, name] of names.entries()) {
      world.checker.live(name, `73000000000000000${n}0`);
      await world.streamers.add(name, { priority: priorityOf(name) });
    }
    const replica = new TestReplica(world, { journal: { maxBytes: 30_000 } });
    await replica.start();
    const reader = await replica.journal.reader('publisher');
    await replica.advance(2_000);
    expect(world.connector.openSockets).toHaveLength(10);
    for (let n = 1; !replica.journal.stats().full; n += 1) {
      for (const socket of world.connector.openSockets) socket.send(message(n));
      await replica.advance(10);
    }
    expect(world.connector.openSockets.every(({ paused }) => paused)).toBe(true);
    const closed: number[] = [];
    const stillOpen = (): number[] => world.connector.openSockets.map(({ request }) => priorityOf(request.uniqueId));
    for (let second = 0; second < 12 && stillOpen().length > 0; second += 1) {
      const before = stillOpen();
      await replica.advance(1_000);
      const after = new Set(stillOpen());
      closed.push(...before.filter((priority) => !after.has(priority)).sort((a, b) => a - b));
      // Every room that is left is more important than those that are closed.
      expect(Math.min(...after)).toBeGreaterThanOrEqual(Math.max(-1, ...closed));
      if (second < 4) expect(closed).toEqual([]);
    }
    expect(closed).toEqual([...closed].sort((a, b) => a - b));
    expect(closed).toHaveLength(10);
    for (let round = 0; round < 60; round += 1) {
      const events = await reader.read({ maxEvents: 1_000, maxBytes: 1e6 }, AbortSignal.timeout(5));
      const last = events.at(-1);
      if (last !== undefined) reader.commit(last.offset);
      await replica.advance(1_000);
      for (const socket of world.connector.openSockets) socket.send(message(10_000 + round));
    }
    expect(world.connector.openSockets).toHaveLength(10);
    expect(replica.registry.figures().counters.gaps).toMatchObject({ backpressure: 10, disconnected: 0, stalled: 0 });
  });
});
