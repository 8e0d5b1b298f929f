import { randomUUID } from 'node:crypto';
import { sampleEvent } from '@livetap/testkit';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { SILENT_LOGGER } from '../../../apps/watcher/src/common/logger.port.js';
import { SystemClock, SystemRandom } from '../../../apps/watcher/src/common/system-clock.adapter.js';
import type { FoldInput, FoldPosition, HistoryFold } from '../../../apps/watcher/src/history/history.port.js';
import { KafkaHistorySource } from '../../../apps/watcher/src/history/kafka-history-source.adapter.js';
import type { FinishedEvent } from '../../../apps/watcher/src/pipeline/finished-event.js';
import { KafkaEventPublisher } from '../../../apps/watcher/src/publishing/kafka-event-publisher.adapter.js';

const brokers = inject('kafkaBrokers');

/** Keeps what it was given, with positions in the same step; can be away. */
class MemoryFold implements HistoryFold {
  readonly ids: string[] = [];
  readonly stored = new Map<string, string>();
  largest = 0;
  away = false;
  failures = 0;

  async positions(prefix: string): Promise<ReadonlyMap<string, string>> {
    return new Map([...this.stored].filter(([stream]) => stream.startsWith(prefix)));
  }

  async apply(events: readonly FoldInput[], positions: readonly FoldPosition[]): Promise<void> {
    if (this.away) {
      this.failures += 1;
      throw new Error('away');
    }
    this.largest = Math.max(this.largest, events.length);
    for (const event of events) this.ids.push(event.id);
    for (const { stream, next } of positions) this.stored.set(stream, next);
  }
}

describe.skipIf(brokers.length === 0)('KafkaHistorySource', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const kafka = { brokers, tls: false as const, sasl: undefined };
  function setUp(): {
    publish: (events: FinishedEvent[]) => Promise<void>;
    source: (fold: HistoryFold) => KafkaHistorySource;
  } {
    const topics = {
      prefix: `test.${randomUUID()}`,
      strategy: 'subject' as const,
      partitions: 3,
      replicationFactor: undefined,
      raw: true,
    };
    const publisher = new KafkaEventPublisher({ kafka, clientId: 'test', topics });
    ends.push(() => publisher.stop());
    return {
      publish: (events) => publisher.publish(events.map((event, index) => ({ ...event, offset: index + 1 }))),
      source: (fold) => {
        const source = new KafkaHistorySource({
          fold,
          kafka,
          clientId: 'test',
          topics,
          clock: new SystemClock(),
          random: new SystemRandom(),
          logger: SILENT_LOGGER,
        });
        ends.push(() => source.stop());
        return source;
      },
    };
  }
  const rooms = (from: number, to: number): FinishedEvent[] =>
    Array.from({ length: to - from }, (_, n) =>
      sampleEvent(from + n, {
        key: `73000000000000000${n % 9}`,
        topic: (['chat', 'gift', 'lifecycle'] as const)[n % 3] ?? 'chat',
      }),
    );
  const ids = (from: number, to: number): string[] =>
    Array.from({ length: to - from }, (_, n) => String(from + n)).sort();

  it('folds every event of the topics once, in bounded batches, without raw bytes and canaries', async () => {
    const { publish, source } = setUp();
    await publish([...rooms(0, 3_000), sampleEvent(9_000, { topic: 'raw' }), sampleEvent(9_001, { topic: 'canary' })]);
    const fold = new MemoryFold();
    const reader = source(fold);
    await reader.start();
    await reader.idle();
    expect([...fold.ids].sort()).toEqual(ids(0, 3_000));
    expect(fold.largest).toBeLessThanOrEqual(1_000);
    await publish(rooms(3_000, 3_100));
    await reader.idle();
    expect([...fold.ids].sort()).toEqual(ids(0, 3_100));
    expect(reader.problem()).toBeUndefined();
  });

  it('goes on from the positions in the database, whatever the group says', async () => {
    const { publish, source } = setUp();
    await publish(rooms(0, 300));
    const fold = new MemoryFold();
    const first = source(fold);
    await first.start();
    await first.idle();
    await first.stop();
    await publish(rooms(300, 400));
    // The database goes on: nothing twice. A new database: everything again.
    const second = source(fold);
    await second.start();
    await second.idle();
    await second.stop();
    expect([...fold.ids].sort()).toEqual(ids(0, 400));
    const fresh = new MemoryFold();
    const third = source(fresh);
    await third.start();
    await third.idle();
    expect([...fresh.ids].sort()).toEqual(ids(0, 400));
  });

  it('waits for a database that is away, loses nothing and says so', async () => {
    const { publish, source } = setUp();
    await publish(rooms(0, 2_500));
    const fold = new MemoryFold();
    fold.away = true;
    const reader = source(fold);
    await reader.start();
    await expect.poll(() => fold.failures, { timeout: 60_000 }).toBeGreaterThan(3);
    expect(reader.problem()).toMatch(/database/);
    fold.away = false;
    await reader.idle();
    expect([...fold.ids].sort()).toEqual(ids(0, 2_500));
    expect(reader.problem()).toBeUndefined();
  });

  it('shares the work with a second replica and folds each event', async () => {
    const { publish, source } = setUp();
    await publish(rooms(0, 500));
    const fold = new MemoryFold();
    const [a, b] = [source(fold), source(fold)];
    await a.start();
    await a.idle();
    await b.start();
    await publish(rooms(500, 1_500));
    await b.idle();
    await b.stop();
    await publish(rooms(1_500, 1_600));
    await a.idle();
    expect([...new Set(fold.ids)].sort()).toEqual(ids(0, 1_600));
  });
});
