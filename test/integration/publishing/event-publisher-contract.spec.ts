import { randomUUID } from 'node:crypto';
import { readTopics, sampleEvent } from '@livetap/testkit';
import { describe, expect, inject, it } from 'vitest';
import type { StoredEvent } from '../../../apps/watcher/src/journal/journal.port.js';
import { ThreadBatchPacker } from '../../../apps/watcher/dist/publishing/thread-batch-packer.adapter.js';
import type { BatchPacker } from '../../../apps/watcher/src/publishing/batch-packer.port.js';
import type { EventPublisher } from '../../../apps/watcher/src/publishing/event-publisher.port.js';
import { KafkaEventPublisher } from '../../../apps/watcher/src/publishing/kafka-event-publisher.adapter.js';
import { MemoryEventPublisher } from '../../../apps/watcher/src/publishing/memory-event-publisher.js';
import { historyTopics } from '../../../apps/watcher/src/publishing/topic-plan.js';

interface Subject {
  readonly publisher: EventPublisher;
  /** Ids that arrived in one topic for one key, in order. */
  readonly arrived: (topic: string, key: string) => Promise<string[]>;
}

const brokers = inject('kafkaBrokers');

function inMemory(): Subject {
  const publisher = new MemoryEventPublisher();
  const arrived = async (topic: string, key: string): Promise<string[]> =>
    publisher.published.filter((event) => event.topic === topic && event.key === key).map((event) => event.id);
  return { publisher, arrived };
}

function inKafka(packer?: BatchPacker): Subject {
  const topics = {
    prefix: `test.${randomUUID()}`,
    strategy: 'subject' as const,
    partitions: 4,
    replicationFactor: undefined,
    raw: false,
  };
  const publisher = new KafkaEventPublisher({
    kafka: { brokers, tls: false, sasl: undefined },
    clientId: 'test',
    topics,
    ...(packer === undefined ? {} : { packer }),
  });
  return {
    publisher,
    arrived: async (topic, key) => {
      const records = await readTopics(brokers, historyTopics(topics));
      return records
        .filter((record) => record.topic === `${topics.prefix}.${topic}` && record.key === key)
        .map((record) => record.headers['ce_id'] ?? '');
    },
  };
}

const KEYS = Array.from({ length: 20 }, (_, n) => `73000000000000${String(n).padStart(5, '0')}`);
const events = (from: number, to: number): StoredEvent[] =>
  Array.from({ length: to - from }, (_, n) => ({
    ...sampleEvent(from + n, { key: KEYS[(from + n) % KEYS.length] ?? '', topic: n % 2 === 0 ? 'chat' : 'like' }),
    offset: from + n + 1,
  }));
const idsOf = (list: readonly StoredEvent[], topic: string, key: string): string[] =>
  list.filter((event) => event.topic === topic && event.key === key).map((event) => event.id);

describe.each([
  ['in memory', inMemory, true],
  ['Kafka', () => inKafka(), brokers.length > 0],
  ['Kafka, packed in a thread', () => inKafka(new ThreadBatchPacker()), brokers.length > 0],
])('EventPublisher %s', (_name, make, available) => {
  it.skipIf(!available)(
    'has everything, in order within each key and topic, when its promises resolve; also after a stop',
    async () => {
      const { publisher, arrived } = make();
      await publisher.start();
      const list = events(0, 1_000);
      for (let at = 0; at < 500; at += 125) await publisher.publish(list.slice(at, at + 125));
      await publisher.stop();
      await publisher.start();
      await publisher.publish(list.slice(500));
      for (const key of KEYS.slice(0, 3)) {
        expect(await arrived('chat', key)).toEqual(idsOf(list, 'chat', key));
        expect(await arrived('like', key)).toEqual(idsOf(list, 'like', key));
      }
      await publisher.stop();
    },
  );

  it.skipIf(!available)(
    'takes the same batch again: repeats have the same ids, first records stay in order',
    async () => {
      const { publisher, arrived } = make();
      const list = events(0, 100);
      const key = KEYS[0] ?? '';
      await publisher.publish(list);
      await publisher.publish(list);
      await publisher.publish([]);
      const ids = await arrived('chat', key);
      expect(ids).toHaveLength(2 * idsOf(list, 'chat', key).length);
      expect([...new Set(ids)]).toEqual(idsOf(list, 'chat', key));
      await publisher.stop();
    },
  );
});
