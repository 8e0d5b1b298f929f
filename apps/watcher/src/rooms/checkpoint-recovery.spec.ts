import { FakeClock, SeededRandom } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { giftMessage } from '../../../../test/contract/wire-messages.js';
import { JournalError } from '../journal/journal.errors.js';
import { message, streamEnd, TestReplica, TestWorld } from './testing/replica.js';

const ROOM = '7300000000000000001';

class World extends TestWorld {
  constructor(readonly fake = new FakeClock()) {
    super(fake, new SeededRandom(7));
  }
}

async function live(): Promise<{ world: World; replica: TestReplica }> {
  const world = new World();
  world.checker.live('anna', ROOM);
  const replica = new TestReplica(world);
  await replica.start('anna');
  await replica.advance(10);
  return { world, replica };
}

/** Killed, and started again on the same journal. */
async function restart(world: World, killed: TestReplica): Promise<TestReplica> {
  killed.kill();
  const next = new TestReplica(world, { journal: killed.journal });
  await next.start();
  await next.advance(10);
  return next;
}

const types = (replica: TestReplica): string[] => replica.published().map((line) => line.split(' ')[0] ?? '');

describe('a process that was killed and starts again on its journal', () => {
  it('before any checkpoint: the session goes on, its messages come once, the interval is one gap', async () => {
    const { world, replica } = await live();
    world.connector.last.send(message(1), message(2));
    await replica.advance(10);
    expect(world.leases.checkpointOf('1')).toBeNull();
    const next = await restart(world, replica);
    world.connector.last.send(message(1, true), message(2, true), message(3));
    await next.advance(10);
    expect(types(next)).toEqual(['live.started', 'unknown', 'unknown', 'room.gap', 'unknown']);
    const [gap] = next.named('room.gap');
    expect(gap && next.data(gap)).toMatchObject({
      reason: 'restart',
      fromExact: false,
      lastIdBefore: '2',
      firstIdAfter: '3',
    });
  });

  it('after a checkpoint that is older than its last events: nothing is told twice', async () => {
    const { world, replica } = await live();
    world.connector.last.send(message(1));
    await replica.advance(6_000);
    expect(world.leases.checkpointOf('1')).toMatchObject({ recentIds: ['1'] });
    world.connector.last.drop();
    await replica.advance(2_000);
    world.connector.last.send(message(2), giftMessage({ msgId: '101', repeatCount: 3 }));
    await replica.advance(10);
    const next = await restart(world, replica);
    world.connector.last.send(message(2, true), giftMessage({ msgId: '102', repeatCount: 7 }));
    await next.advance(10);
    expect(types(next)).toEqual(['live.started', 'unknown', 'room.gap', 'unknown', 'gift', 'room.gap', 'gift']);
    const [first, second] = next.named('gift').map((event) => next.data(event));
    expect(first).toMatchObject({ count: 3, diamonds: 15 });
    expect(second).toMatchObject({ count: 4, diamonds: 20, streak: { count: 7 } });
  });

  it('again and again, also right after it took the room up', async () => {
    const { world, replica } = await live();
    let running = replica;
    for (let round = 0; round < 20; round += 1) {
      world.connector.last.send(message(round), giftMessage({ msgId: String(1000 + round), repeatCount: round + 1 }));
      await running.advance(round % 3 === 0 ? 6_000 : 10);
      running = await restart(world, running);
      // Killed before the new socket said anything: there is still one gap, and it began where the last frame was.
      if (round % 4 === 0) running = await restart(world, running);
    }
    const ids = running.published();
    expect(new Set(ids).size).toBe(ids.length);
    const gifts = running.named('gift').map((event) => running.data(event)['diamonds'] as number);
    expect(gifts.reduce((sum, diamonds) => sum + diamonds, 0)).toBe(20 * 5);
    expect(running.named('room.gap')).toHaveLength(19);
    expect(running.named('live.started')).toHaveLength(1);
  });

  it('knows that the stream was over, and stores it', async () => {
    const { world, replica } = await live();
    world.connector.last.send(message(1), streamEnd(2));
    world.checker.set('anna', 'offline');
    await replica.advance(10);
    const ended = replica.named('live.ended');
    expect(ended).toHaveLength(1);
    const next = await restart(world, replica);
    await next.advance(6_000);
    expect(world.leases.checkpointOf('1')).toMatchObject({ joined: false, recentIds: ['1', '2'] });
    world.checker.live('anna', ROOM);
    await next.advance(60_000);
    world.connector.last.send(message(2, true), message(3));
    await next.advance(10);
    expect(next.published().slice(-2)).toEqual(['live.started live.started-2', 'unknown 3']);
  });

  it('in a room that came after the end of another, which is all that was stored: it goes on there', async () => {
    const { world, replica } = await live();
    world.connector.last.send(message(1), streamEnd(2));
    world.checker.set('anna', 'offline');
    await replica.advance(6_000);
    expect(world.leases.checkpointOf('1')).toMatchObject({ roomId: ROOM, joined: false, clean: true });
    world.checker.live('anna', '7300000000000000002');
    // Found live, and killed before a checkpoint knows of it.
    const known = world.leases.checkpointOf.bind(world.leases);
    while (replica.named('live.started').length < 2) await replica.advance(100);
    world.connector.last.send(message(3));
    await replica.advance(10);
    expect(known('1')).toMatchObject({ roomId: ROOM });
    const next = await restart(world, replica);
    world.connector.last.send(message(3, true), message(4));
    await next.advance(10);
    expect(types(next).slice(-4)).toEqual(['live.started', 'unknown', 'room.gap', 'unknown']);
    expect(next.named('live.started')).toHaveLength(2);
  });

  it('killed again after a renewal of its leases, while the journal was still being read back', async () => {
    const { world, replica } = await live();
    world.connector.last.send(message(1), giftMessage({ msgId: '101', repeatCount: 3 }));
    await replica.advance(10);
    replica.kill();
    const { journal } = replica;
    const tail = journal.tail.bind(journal);
    journal.tail = () => ({ read: () => new Promise(() => undefined), close: () => undefined });
    const slow = new TestReplica(world, { journal });
    await slow.start();
    await slow.advance(6_000);
    journal.tail = tail;
    const next = await restart(world, slow);
    world.connector.last.send(message(1, true), giftMessage({ msgId: '102', repeatCount: 7 }));
    await next.advance(10);
    expect(types(next)).toEqual(['live.started', 'unknown', 'gift', 'room.gap', 'gift']);
    expect(next.named('gift').map((event) => next.data(event)['count'])).toEqual([3, 4]);
  });

  it('keeps in the journal what no checkpoint knows, from the first start on', async () => {
    const { world, replica } = await live();
    world.connector.last.send(message(1));
    await replica.advance(10);
    // A journal deletes by age only what every bookmark has passed, and one without a bookmark deletes what is old.
    const marks: number[] = [];
    const setBookmark = replica.journal.setBookmark.bind(replica.journal);
    replica.journal.setBookmark = (name, offset) => {
      marks.push(offset);
      setBookmark(name, offset);
    };
    const next = await restart(world, replica);
    expect(marks).toEqual([0]);
    await next.advance(6_000);
    expect(marks.at(-1)).toBe(replica.journal.stats().lastOffset);
  });

  it('stops loudly when its journal cannot be read back', async () => {
    const { world, replica } = await live();
    world.connector.last.send(message(1));
    await replica.advance(10);
    replica.kill();
    const corrupt = new JournalError('WATCHER_JOURNAL_CORRUPT', 'The journal is damaged.');
    replica.journal.tail = () => ({ read: () => Promise.reject(corrupt), close: () => undefined });
    const next = new TestReplica(world, { journal: replica.journal });
    await next.start();
    await next.advance(10);
    expect(next.fatal).toEqual([corrupt]);
    expect(next.registry.activityOf('1')).toBeUndefined();
  });
});

describe('another replica', () => {
  it('goes on from the stored checkpoint; the first one, back again, does not tell what is not its own', async () => {
    const { world, replica } = await live();
    world.connector.last.send(message(1));
    await replica.advance(6_000);
    world.connector.last.send(message(2));
    await replica.advance(10);
    replica.kill();
    world.leases.expire('1');
    const successor = new TestReplica(world, { replicaId: 'replica-2' });
    await successor.start();
    await successor.advance(10);
    world.connector.last.send(message(2, true), message(3));
    await successor.advance(6_000);
    expect(successor.published().slice(1)).toEqual(['unknown 2', 'unknown 3']);
    successor.kill();
    world.leases.expire('1');
    const back = await restart(world, replica);
    expect(back.registry.activityOf('1')).toMatchObject({ epoch: 3 });
    world.connector.last.send(message(3, true), message(4));
    await back.advance(10);
    expect(back.published().slice(-1)).toEqual(['unknown 4']);
    const gap = back.named('room.gap').at(-1);
    expect(gap && back.data(gap)).toMatchObject({ reason: 'failover', lastIdBefore: '3', firstIdAfter: '4' });
  });
});
