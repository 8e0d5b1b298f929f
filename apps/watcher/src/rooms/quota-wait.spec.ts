import { FakeClock, SeededRandom } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { RoomConnectError } from './room-connector.port.js';
import { message, TestReplica, TestWorld } from './testing/replica.js';

const room = (n: number): string => `730000000000000000${n}`;

async function replicaOf(names: readonly string[], settings = {}): Promise<{ world: TestWorld; replica: TestReplica }> {
  const world = new TestWorld(new FakeClock(), new SeededRandom(7));
  names.forEach((name, n) => world.checker.live(name, room(n)));
  return { world, replica: new TestReplica(world, { settings }) };
}

describe('a room that waits for a signature', () => {
  it('says so, and leaves its place among those that are being opened to others', async () => {
    const { world, replica } = await replicaOf(['anna', 'bert', 'cora'], { openConcurrency: 1 });
    world.connector.noQuota = true;
    await replica.start('anna', 'bert', 'cora');
    await replica.advance(10);
    expect(world.connector.waiting).toHaveLength(3);
    const { activity } = await replica.service.get('anna');
    expect(activity).toMatchObject({ state: 'connecting', waitingFor: 'quota' });
    expect(activity?.reason).toContain('waits for a signature');
    for (const release of world.connector.waiting) release();
    await replica.advance(10);
    expect((await replica.service.get('anna')).activity).toMatchObject({ state: 'live' });
    expect((await replica.service.get('anna')).activity).not.toHaveProperty('waitingFor');
    expect(world.connector.openSockets).toHaveLength(3);
  });

  it('makes its gap one of quota, whatever began it', async () => {
    const { world, replica } = await replicaOf(['anna']);
    await replica.start('anna');
    await replica.advance(10);
    world.connector.last.send(message(1));
    await replica.advance(10);
    world.connector.noQuota = true;
    world.connector.last.drop();
    await replica.advance(20_000);
    expect(world.connector.waiting).toHaveLength(1);
    world.connector.waiting[0]?.();
    await replica.advance(10);
    world.connector.last.send(message(2));
    await replica.advance(10);
    const gaps = replica.named('room.gap');
    expect(gaps.map((gap) => replica.data(gap)['reason'])).toEqual(['quota']);
    expect(replica.registry.figures().counters).toMatchObject({
      gaps: { quota: 1, disconnected: 0 },
      reconnects: { quota: 1, disconnected: 0 },
    });
  });

  it('keeps its place by the time since it had a socket, over attempts that fail', async () => {
    const { world, replica } = await replicaOf(['anna']);
    world.connector.alwaysFail = new RoomConnectError('network', 'no route');
    await replica.start('anna');
    await replica.advance(30_000);
    const since = world.connector.attempts.map(({ waitingSince }) => waitingSince);
    expect(since.length).toBeGreaterThan(3);
    expect(new Set(since).size).toBe(1);
    world.connector.alwaysFail = undefined;
    await replica.advance(60_000);
    world.connector.last.send(message(1));
    await replica.advance(1_000);
    world.connector.last.drop();
    await replica.advance(60_000);
    expect(world.connector.attempts.at(-1)?.waitingSince).toBeGreaterThan(since[0] ?? 0);
  });

  it('is asked about before something is spent on it, unless it was just seen', async () => {
    const { world, replica } = await replicaOf(['anna']);
    world.connector.noQuota = true;
    await replica.start('anna');
    await replica.advance(10);
    const [attempt] = world.connector.attempts;
    const asked = world.checker.asked.length;
    expect(await attempt?.confirmLive(attempt.signal)).toBe(true);
    expect(world.checker.asked).toHaveLength(asked);
    await replica.advance(60_000);
    world.checker.set('anna', 'offline');
    expect(await attempt?.confirmLive(attempt.signal)).toBe(false);
    expect(world.checker.asked).toHaveLength(asked + 1);
  });

  it('gives its place up when the stream is over or the operator does not want it', async () => {
    const { world, replica } = await replicaOf(['anna', 'bert']);
    world.connector.noQuota = true;
    await replica.start('anna', 'bert');
    await replica.advance(10);
    await replica.service.pause('anna');
    expect(world.connector.attempts[0]?.signal.aborted).toBe(true);
    await replica.registry.drain();
    expect(world.connector.attempts.every(({ signal }) => signal.aborted)).toBe(true);
  });

  it('hands its priority to the connector', async () => {
    const { world, replica } = await replicaOf(['anna']);
    await world.streamers.add('anna', { priority: 80 });
    await replica.start('anna');
    await replica.advance(10);
    expect(world.connector.attempts[0]).toMatchObject({ priority: 80 });
  });
});
