import { randomUUID } from 'node:crypto';
import { EVENT_CATALOGUE, HEADER_TYPE, type TopicStrategy, type TopicSubject } from '@livetap/contracts';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import type { KafkaConfig } from '../config/watcher-config.js';
import { createKafka } from '../publishing/kafka-client.adapter.js';
import { tailTopics } from '../publishing/topic-plan.js';
import type { DeliverRecords, FleetBounds, FleetFeed, FleetRecord } from './fleet-feed.port.js';
import { type FleetPlace, streamOf } from './fleet-place.js';
import { subjectOf } from './subject-of.js';

export interface KafkaFleetFeedOptions {
  readonly kafka: KafkaConfig;
  readonly clientId: string;
  readonly topics: { readonly prefix: string; readonly strategy: TopicStrategy };
}

/** A consumer that is gone without a word is forgotten by the broker after this time; nobody else waits for its partitions. */
const SESSION_TIMEOUT_MS = 30_000;
/** Longest time that a broker keeps a fetch open for want of records. */
const FETCH_WAIT_MS = 250;
/** Of one answer, compressed; unpacked it is about ten times as large. */
const FETCH_BYTES = 1024 * 1024;
const FETCH_PARTITION_BYTES = 256 * 1024;

const SUBJECTS = new Map<string, TopicSubject>(Object.values(EVENT_CATALOGUE).map(({ type, topic }) => [type, topic]));

/**
 * Reads the topics with a consumer group of its own for each run (`<prefix>.tail.<random>`), so that all partitions are always
 * its own. Nothing is committed: the broker forgets the group with its last member.
 */
export class KafkaFleetFeed implements FleetFeed {
  readonly topics: readonly string[];
  readonly #kafka: Kafka;

  constructor(private readonly options: KafkaFleetFeedOptions) {
    this.topics = tailTopics(options.topics);
    this.#kafka = createKafka(options.kafka, options.clientId);
  }

  async bounds(): Promise<FleetBounds> {
    const admin = this.#kafka.admin();
    const oldest = new Map<string, number>();
    const end = new Map<string, number>();
    try {
      await admin.connect();
      for (const topic of this.topics) {
        for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
          oldest.set(streamOf(topic, partition), Number(low));
          end.set(streamOf(topic, partition), Number(high));
        }
      }
      return { oldest, end };
    } finally {
      await admin.disconnect();
    }
  }

  async follow(from: FleetPlace, deliver: DeliverRecords, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const consumer = this.#kafka.consumer({
      groupId: `${this.options.topics.prefix}.tail.${randomUUID()}`,
      sessionTimeout: SESSION_TIMEOUT_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      maxBytes: FETCH_BYTES,
      maxBytesPerPartition: FETCH_PARTITION_BYTES,
      allowAutoTopicCreation: false,
    });
    try {
      await this.#consume(consumer, new Map(from), deliver, signal);
    } finally {
      // A connection that is broken already cannot be closed; the broker forgets the member by itself.
      await consumer.disconnect().catch(() => undefined);
    }
  }

  async #consume(
    consumer: Consumer,
    next: Map<string, number>,
    deliver: DeliverRecords,
    signal: AbortSignal,
  ): Promise<void> {
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.topics], fromBeginning: true });
    const crashed = new Promise<never>((_, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    });
    // Waited for below; it may come earlier.
    crashed.catch(() => undefined);
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => seekAll(consumer, payload.memberAssignment, next));
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.#take(payload, next, deliver, signal),
    });
    if (!signal.aborted) await Promise.race([stopped, crashed]);
  }

  async #take(
    payload: EachBatchPayload,
    next: Map<string, number>,
    deliver: DeliverRecords,
    signal: AbortSignal,
  ): Promise<void> {
    const { batch } = payload;
    const stream = streamOf(batch.topic, batch.partition);
    // What was fetched before the place was known lies before it, and is left out.
    const records = batch.messages.flatMap((message) => this.#record(stream, message, next.get(stream) ?? 0));
    const last = batch.messages[batch.messages.length - 1];
    if (last === undefined || signal.aborted || payload.isStale() || !payload.isRunning()) return;
    next.set(stream, Math.max(next.get(stream) ?? 0, Number(last.offset) + 1));
    if (records.length > 0) await deliver(records);
    payload.resolveOffset(last.offset);
    await payload.heartbeat();
  }

  #record(stream: string, { offset, headers, value }: KafkaMessage, from: number): FleetRecord[] {
    const type = headers?.[HEADER_TYPE]?.toString();
    // Somebody else's record: nothing of ours lacks these.
    if (type === undefined || value === null || Number(offset) < from) return [];
    return [
      { stream, at: Number(offset), type, topic: SUBJECTS.get(type) ?? 'unknown', subject: subjectOf(value), value },
    ];
  }
}

function seekAll(consumer: Consumer, assignment: Readonly<Record<string, readonly number[]>>, next: FleetPlace): void {
  for (const [topic, partitions] of Object.entries(assignment)) {
    for (const partition of partitions) {
      const offset = next.get(streamOf(topic, partition));
      if (offset !== undefined) consumer.seek({ topic, partition, offset: String(offset) });
    }
  }
}
