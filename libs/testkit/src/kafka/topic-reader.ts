import { randomUUID } from 'node:crypto';
import type { IHeaders } from 'kafkajs';
import { testClient, type TestClientSecurity } from './kafka-ready.js';

export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string | undefined;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

/**
 * Everything in the given topics from the beginning up to what is there at the call: by topic in the given order, then by
 * partition and offset. Topics that do not exist count as empty.
 */
export async function readTopics(
  brokers: readonly string[],
  topics: readonly string[],
  security: TestClientSecurity = {},
): Promise<TopicRecord[]> {
  const records: TopicRecord[] = [];
  await visitTopics(brokers, topics, (record) => records.push(record), security);
  const place = new Map(topics.map((topic, index) => [topic, index]));
  const rank = (record: TopicRecord): number => place.get(record.topic) ?? 0;
  return records.sort((a, b) => rank(a) - rank(b) || a.partition - b.partition || a.offset - b.offset);
}

/** The same records one by one, for more than memory holds: the partitions mixed, each in the order of its offsets. */
export async function visitTopics(
  brokers: readonly string[],
  topics: readonly string[],
  visit: (record: TopicRecord) => void,
  security: TestClientSecurity = {},
): Promise<void> {
  const kafka = testClient(brokers, { security });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = new Set(await admin.listTopics());
    const wanted = topics.filter((topic) => existing.has(topic));
    /** Partitions still to be read, with the offset behind their last record. */
    const open = new Map<string, number>();
    for (const topic of wanted) {
      for (const { partition, high, low } of await settled(() => admin.fetchTopicOffsets(topic))) {
        if (Number(high) > Number(low)) open.set(`${topic} ${partition}`, Number(high));
      }
    }
    if (open.size > 0) await consume(kafka, wanted, open, visit);
  } finally {
    await admin.disconnect();
  }
}

/** The partitions of a new topic have no leader for a moment; the client passes that on. */
async function settled<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === 50) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function consume(
  kafka: ReturnType<typeof testClient>,
  topics: readonly string[],
  open: Map<string, number>,
  visit: (record: TopicRecord) => void,
): Promise<void> {
  const groupId = `livetap-test-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100, retry: { retries: 10 } });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
      consumer
        .run({
          autoCommit: false,
          eachBatch: ({ batch }) => {
            const name = `${batch.topic} ${batch.partition}`;
            const end = open.get(name);
            if (end === undefined) return Promise.resolve();
            for (const message of batch.messages) {
              if (Number(message.offset) >= end) break;
              visit({
                topic: batch.topic,
                partition: batch.partition,
                offset: Number(message.offset),
                key: message.key?.toString(),
                value: message.value,
                headers: plainHeaders(message.headers),
                timestamp: Number(message.timestamp),
              });
            }
            if (Number(batch.lastOffset()) + 1 >= end) open.delete(name);
            if (open.size === 0) resolve();
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
}

function plainHeaders(headers: IHeaders | undefined): Record<string, string> {
  const plain: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value.map(String).join(',') : value.toString();
  }
  return plain;
}
