import { FakeClock } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../common/logger.port.js';
import type { EventsTo, ReplicaInfo, ReplicaRegistry } from '../persistence/replica-registry.port.js';
import { ReplicaPresence } from './replica-presence.js';

/** The list in memory, on the same clock. */
class MemoryRegistry implements ReplicaRegistry {
  readonly seen = new Map<string, number>();
  readonly #eventsTo = new Map<string, EventsTo>();
  /** A database that does not answer. */
  silent = false;
  constructor(private readonly clock: FakeClock) {}
  async announce({ id, eventsTo }: Parameters<ReplicaRegistry['announce']>[0]): Promise<void> {
    this.seen.set(id, this.clock.now());
    this.#eventsTo.set(id, eventsTo);
  }
  async heartbeat(id: string): Promise<void> {
    this.seen.set(id, this.clock.now());
  }
  async othersAlive(id: string, withinMs: number): Promise<readonly ReplicaInfo[]> {
    const others = [...this.seen].filter(([other, at]) => other !== id && at > this.clock.now() - withinMs);
    return others.map(([other, at]) => {
      const eventsTo = this.#eventsTo.get(other);
      const info = { id: other, version: '1', startedAt: new Date(0), lastSeenAt: new Date(at) };
      return eventsTo === undefined ? info : { ...info, eventsTo };
    });
  }
  async leave(id: string): Promise<void> {
    if (this.silent) await new Promise(() => undefined);
    this.seen.delete(id);
  }
}

function setUp(eventsTo: EventsTo): {
  clock: FakeClock;
  registry: MemoryRegistry;
  presence: (id: string, other?: EventsTo) => ReplicaPresence;
} {
  const clock = new FakeClock();
  const registry = new MemoryRegistry(clock);
  const presence = (replicaId: string, other = eventsTo): ReplicaPresence =>
    new ReplicaPresence({ registry, clock, logger: SILENT_LOGGER, replicaId, version: '1', eventsTo: other });
  return { clock, registry, presence };
}

describe('ReplicaPresence', () => {
  it('announces, keeps announcing and leaves', async () => {
    const { clock, registry, presence } = setUp('journal');
    const one = presence('one');
    await one.start();
    await clock.advance(60_000);
    expect(await registry.othersAlive('two', 15_000)).toHaveLength(1);
    await one.stop();
    expect(registry.seen.size).toBe(0);
  });

  it('without Kafka a second living replica is refused, and says why', async () => {
    const { clock, presence } = setUp('journal');
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
    const { clock, registry, presence } = setUp('journal');
    registry.seen.set('killed', clock.now());
    const two = presence('two');
    const started = two.start();
    await clock.advance(20_000);
    await started;
    expect(registry.seen.has('two')).toBe(true);
    await two.stop();
  });

  it.each([
    ['without Kafka', 'kafka', 'journal', 'WATCHER_SECOND_REPLICA', 'set KAFKA_BROKERS here as well'],
    ['with Kafka', 'journal', 'kafka', 'WATCHER_FLEET_WITHOUT_KAFKA', 'without KAFKA_BROKERS uses this database'],
  ] as const)(
    'one %s is refused where the others are otherwise, and says what to do',
    async (_what, there, here, code, says) => {
      const { clock, registry, presence } = setUp(there);
      const one = presence('one');
      await one.start();
      const refused = expect(presence('two', here).start()).rejects.toMatchObject({
        code,
        message: expect.stringContaining(says) as string,
      });
      await clock.advance(10_000);
      await refused;
      expect([...registry.seen.keys()]).toEqual(['one']);
      // Once that one has gone in order, nothing is in the way.
      await one.stop();
      const two = presence('two', here);
      await two.start();
      await two.stop();
    },
  );

  it('with Kafka, one that was killed without it is waited for, and an earlier version that did not say is none', async () => {
    const { clock, registry, presence } = setUp('kafka');
    registry.seen.set('earlier', clock.now());
    await registry.announce({ id: 'killed', version: '1', eventsTo: 'journal' });
    const two = presence('two');
    const started = two.start();
    await clock.advance(10_000);
    expect(registry.seen.has('two')).toBe(false);
    await registry.heartbeat('earlier');
    await clock.advance(10_000);
    await started;
    await two.stop();
  });

  it('a stop does not wait for a database that does not answer', async () => {
    const { clock, registry, presence } = setUp('kafka');
    const one = presence('one');
    await one.start();
    registry.silent = true;
    const stopped = expect(one.stop()).rejects.toThrow('did not answer');
    await clock.advance(2_000);
    await stopped;
  });

  it('with Kafka there may be many', async () => {
    const { presence } = setUp('kafka');
    const replicas = [presence('one'), presence('two')];
    await Promise.all(replicas.map((replica) => replica.start()));
    await Promise.all(replicas.map((replica) => replica.stop()));
  });

  it('gives up waiting when the start is given up', async () => {
    const { registry, clock, presence } = setUp('journal');
    registry.seen.set('killed', clock.now());
    const stop = new AbortController();
    const started = presence('two').start(stop.signal);
    const given = expect(started).rejects.toThrow('stopping');
    await clock.advance(10);
    stop.abort(new Error('stopping'));
    await given;
  });
});
