import { FakeClock, SeededRandom } from '@livetap/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../common/logger.port.js';
import { MemoryEventPublisher } from '../publishing/memory-event-publisher.js';
import { PublishLoop } from '../publishing/publish-loop.js';
import { message, streamEnd, TestReplica, TestWorld } from '../rooms/testing/replica.js';
import { Canary } from './canary.js';
import { countByType, MeteredPublisher } from './metered-publisher.js';
import { Metrics } from './metrics.js';

/** Values of a scrape, summed over labels. */
function sums(text: string): (name: string) => number {
  const totals = new Map<string, number>();
  for (const line of text.split('\n')) {
    const match = /^(livetap_\w+)(?:\{[^}]*\})? (\S+)$/.exec(line);
    if (match?.[1] === undefined) continue;
    totals.set(match[1], (totals.get(match[1]) ?? 0) + Number(match[2]));
  }
  return (name) => {
    const value = totals.get(`livetap_${name}`);
    if (value === undefined) throw new Error(`${name} is not in the scrape`);
    return value;
  };
}

function expectBalance(text: string): ReturnType<typeof sums> {
  const sum = sums(text);
  const into = sum('messages_received_total') + sum('events_synthesized_total');
  const [published, deduplicated] = [sum('events_published_total'), sum('events_deduplicated_total')];
  const [dropped, pending] = [sum('events_dropped_total'), sum('events_pending')];
  expect({ into, out: published + deduplicated + dropped + pending }).toEqual({ into, out: into });
  for (const match of text.matchAll(/^livetap_events_pending\{.*\} (\S+)$/gm)) {
    expect(Number(match[1])).toBeGreaterThanOrEqual(0);
  }
  return sum;
}

/** One replica with everything that counts: rooms, journal, canary, publisher and figures. */
class MeteredReplica {
  readonly world: TestWorld;
  readonly metrics = new Metrics({ version: '0', commit: '0', canaryTopic: 'p.canary' });
  readonly broker = new MemoryEventPublisher();
  readonly replica: TestReplica;
  readonly canary: Canary;
  readonly loop: PublishLoop | undefined;
  readonly scrapes: Promise<string>[] = [];

  constructor(
    seed: number,
    options: { readonly kafka: boolean; readonly rawTopic: boolean; readonly maxBytes: number },
  ) {
    this.world = new TestWorld(new FakeClock(), new SeededRandom(seed));
    const { world, metrics, broker } = this;
    const { clock, random } = world;
    this.replica = new TestReplica(world, {
      journal: { maxBytes: options.maxBytes },
      rawTopic: options.rawTopic,
      onAdmitted: (events) => metrics.events.admitted(countByType(events), !options.kafka),
    });
    const { journal, registry } = this.replica;
    this.canary = new Canary({
      journal,
      clock,
      replicaId: 'replica-1',
      onAdmitted: (events) => metrics.events.admitted(countByType(events), !options.kafka),
    });
    metrics.connect({ rooms: () => registry.figures(), journal: () => journal.stats(), canary: () => this.canary });
    if (!options.kafka) return;
    const publisher = new MeteredPublisher(
      (onOversize) => ({
        start: () => broker.start(),
        publish: async (events) => {
          await broker.publish(events);
          for (const event of events) if (event.value.length > 450) onOversize(event);
        },
        stop: () => broker.stop(),
      }),
      metrics,
      1,
    );
    const silent = { failed: () => undefined, duration: () => undefined };
    this.loop = new PublishLoop({
      journal,
      publisher,
      clock,
      random,
      logger: SILENT_LOGGER,
      metrics: silent,
      maxEvents: 3,
    });
  }

  scrape(): void {
    this.scrapes.push(this.metrics.text());
  }

  async advance(ms: number): Promise<void> {
    this.scrape();
    await this.world.clock.advance(ms);
    this.scrape();
  }
}

const STEPS = ['frame', 'frame', 'frame', 'broken', 'cut', 'stop', 'time', 'time', 'minute', 'down', 'up'] as const;
const MORE_STEPS = ['failOnce', 'steal', 'pause', 'ended', 'late'] as const;

describe('received + synthesized = published + deduplicated + dropped + pending', () => {
  it.each([
    { name: 'with Kafka', kafka: true },
    { name: 'journal only', kafka: false },
  ])(
    '$name: at every scrape, whatever happens, and nothing stays pending',
    async ({ kafka }) => {
      const seen = new Set<string>();
      const script = fc.array(fc.constantFrom(...STEPS, ...MORE_STEPS), { minLength: 10, maxLength: 60 });
      await fc.assert(
        fc.asyncProperty(fc.integer(), fc.boolean(), script, async (seed, rawTopic, steps) => {
          const random = new SeededRandom(seed);
          const one = new MeteredReplica(seed, { kafka, rawTopic, maxBytes: kafka ? 6_000 : 1_000_000 });
          const { world, replica, broker, canary, loop } = one;
          const { connector } = world;
          one.scrape();
          for (const [n, name] of ['anna', 'bert'].entries()) world.checker.live(name, `730000000000000000${n}`);
          await loop?.start();
          canary.start();
          await replica.start('anna', 'bert');
          for (const step of steps) {
            const socket = connector.openSockets.length > 0 ? random.pick(connector.openSockets) : undefined;
            const some = (): ReturnType<typeof message>[] =>
              Array.from({ length: random.integer(0, 4) }, () => ({
                ...message(random.integer(1, 30)),
                payload: new Uint8Array(random.integer(0, 200)),
              }));
            if (step === 'frame') socket?.send(...some());
            else if (step === 'broken') socket?.sendBroken(new Uint8Array([1, 2]));
            else if (step === 'cut') socket?.drop();
            else if (step === 'stop') socket?.send(...some(), streamEnd(1_000 + random.integer(0, 99)), ...some());
            else if (step === 'time') await one.advance(random.integer(0, 3_000));
            else if (step === 'minute') await one.advance(60_000);
            else if (step === 'down') broker.down();
            else if (step === 'up') broker.up();
            else if (step === 'failOnce') broker.failOnce(random.integer(0, 3));
            else if (step === 'steal') {
              // Something is under way when the lease goes.
              const renewed = one.advance(16_000);
              socket?.send(...some());
              const other = { replicaId: 'other', ttlMs: 1_000, limit: 1, reclaim: false };
              world.clock.jump(random.pick([0, 40_000]));
              await world.leases.acquire(other);
              socket?.send(...some());
              await renewed;
            } else if (step === 'pause') {
              const name = random.pick(['anna', 'bert']);
              const done = replica.service.update(name, { paused: random.integer(0, 1) === 0 });
              one.scrape();
              await one.advance(10);
              void done.catch(() => undefined);
            } else if (step === 'ended') {
              world.checker.set('anna', 'offline');
            } else if (step === 'late') {
              world.checker.live('anna', `730000000000000009${random.integer(0, 9)}`);
            }
            one.scrape();
          }
          broker.up();
          // A journal that is full lets the rooms go on first.
          for (let turn = 0; turn < 10; turn += 1) await one.advance(11_000);
          const draining = replica.registry.drain();
          canary.stop();
          await one.advance(20_000);
          await draining;
          for (let turn = 0; turn < 10; turn += 1) await one.advance(11_000);
          one.scrape();
          const texts = await Promise.all(one.scrapes);
          for (const text of texts) expectBalance(text);
          const last = sums(texts.at(-1) ?? '');
          expect(last('events_pending')).toBe(0);
          for (const name of ['events_deduplicated_total', 'events_synthesized_total', 'journal_full']) {
            if (texts.some((text) => sums(text)(name) > 0)) seen.add(name);
          }
          for (const text of texts) {
            for (const [, reason] of text.matchAll(/^livetap_events_dropped_total\{reason="(\w+)"\} [1-9]/gm))
              seen.add(reason ?? '');
            for (const [, stage] of text.matchAll(/^livetap_events_pending\{stage="(\w+)"\} [1-9]/gm))
              seen.add(stage ?? '');
          }
          await loop?.stop();
          await replica.journal.close();
        }),
        { numRuns: 25 },
      );
      // The terms were all there: an equation of zeros proves nothing.
      const everywhere = [
        'events_deduplicated_total',
        'events_synthesized_total',
        'admission',
        'sessionOver',
        'leaseLost',
      ];
      expect([...seen].sort()).toEqual(
        [...everywhere, ...(kafka ? ['oversize', 'publish', 'journal_full'] : [])].sort(),
      );
    },
    60_000,
  );
});
