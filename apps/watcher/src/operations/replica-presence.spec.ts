import { FakeClock } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../common/logger.port.js';
import type { ReplicaInfo, ReplicaRegistry } from '../persistence/replica-registry.port.js';
import { ReplicaPresence } from './replica-presence.js';

/** The list in memory, on the same clock. */
class MemoryRegistry implements ReplicaRegistry {
  readonly seen = new Map<string, number>();
  constructor(private readonly clock: FakeClock) {}
  async announce({ id }: { id: string }): Promise<void> {
    this.seen.set(id, this.clock.now());
  }
  async heartbeat(id: string): Promise<void> {
    this.seen.set(id, this.clock.now());
  }
  async othersAlive(id: string, withinMs: number): Promise<readonly ReplicaInfo[]> {
    const others = [...this.seen].filter(([other, at]) => other !== id && at > this.clock.now() - withinMs);
    return others.map(([other, at]) => ({ id: other, version: '1', startedAt: new Date(0), lastSeenAt: new Date(at) }));
  }
  async leave(id: string): Promise<void> {
    this.seen.delete(id);
  }
}

function setUp(alone: boolean): {
  clock: FakeClock;
  registry: MemoryRegistry;
  presence: (id: string) => ReplicaPresence;
} {
  const clock = new FakeClock();
  const registry = new MemoryRegistry(clock);
  const presence = (replicaId: string): ReplicaPresence =>
    new ReplicaPresence({ registry, clock, logger: SILENT_LOGGER, replicaId, version: '1', alone });
  return { clock, registry, presence };
}

describe('ReplicaPresence', () => {
  it('announces, keeps announcing and leaves', async () => {
    const { clock, registry, presence } = setUp(true);
    const one = presence('one');
    await one.start();
    await clock.advance(60_000);
    expect(await registry.othersAlive('two', 15_000)).toHaveLength(1);
    await one.stop();
    expect(registry.seen.size).toBe(0);
  });

  it('without Kafka a second living replica is refused, and says why', async () => {
    const { clock, presence } = setUp(true);
    const one = presence('one');
    await one.start();
    const second = presence('two').start();
    const refused = expect(second).rejects.toMatchObject({
      code: 'WATCHER_SECOND_REPLICA',
      message: expect.stringContaining('KAFKA_BROKERS') as string,
    });
    await clock.advance(10_000);
    await refused;
    await one.stop();
  });

  it('a replica that was killed is waited for, not taken for a living one', async () => {
    const { clock, registry, presence } = setUp(true);
    registry.seen.set('killed', clock.now());
    const two = presence('two');
    const started = two.start();
    await clock.advance(20_000);
    await started;
    expect(registry.seen.has('two')).toBe(true);
    await two.stop();
  });

  it('with Kafka there may be many', async () => {
    const { presence } = setUp(false);
    const replicas = [presence('one'), presence('two')];
    await Promise.all(replicas.map((replica) => replica.start()));
    await Promise.all(replicas.map((replica) => replica.stop()));
  });

  it('gives up waiting when the start is given up', async () => {
    const { registry, clock, presence } = setUp(true);
    registry.seen.set('killed', clock.now());
    const stop = new AbortController();
    const started = presence('two').start(stop.signal);
    const given = expect(started).rejects.toThrow('stopping');
    await clock.advance(10);
    stop.abort(new Error('stopping'));
    await given;
  });
});
