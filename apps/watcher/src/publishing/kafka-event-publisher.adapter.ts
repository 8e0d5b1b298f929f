import { topicName } from '@livetap/contracts';
import kafkajs, { type Message, type Producer } from 'kafkajs';
import type { KafkaConfig } from '../config/watcher-config.js';
import type { StoredEvent } from '../journal/journal.port.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import { partitionName, refuseForgotten } from './acknowledgement.js';
import { oversizeReplacement, recordBytes, toKafkaRecord } from './cloud-events-codec.js';
import type { EventPublisher } from './event-publisher.port.js';
import { createKafka, toPublishError } from './kafka-client.adapter.js';
import { ensureTopics, type TopicDifference, type TopicFacts } from './kafka-topics.adapter.js';
import { partitionOf } from './murmur2.js';
import { PublishError } from './publish.errors.js';
import { planTopics, type TopicSettings } from './topic-plan.js';

export interface KafkaEventPublisherOptions {
  readonly kafka: KafkaConfig;
  readonly clientId: string;
  readonly topics: TopicSettings;
  /** Takes topics with another number of partitions than configured as they are. Default false. */
  readonly acceptPartitions?: boolean;
  /** Creates topics that are missing; else they are verified only. Default true. */
  readonly createTopics?: boolean;
  /** Existing topics are set otherwise than planned; they are used as they are. Called once for each difference. */
  onTopicDifferences?(differences: readonly TopicDifference[]): void;
  /**
   * An event above the brokers' limit was replaced by an `unknown` event that holds its beginning. Called once for each,
   * when its whole batch is acknowledged, before `publish` resolves.
   */
  onOversize?(event: StoredEvent): void;
}

/** Above this the brokers' own limit for a whole request (100 MiB by default) would come near. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;
/** Header of a record batch, with room to spare. */
const BATCH_OVERHEAD_BYTES = 1024;
/** Shorter than the client's own limit, so that the brokers' answer comes first. */
const ACK_TIMEOUT_MS = 8_000;

const COMPRESSION = { gzip: kafkajs.CompressionTypes.GZIP, none: kafkajs.CompressionTypes.None } as const;

/**
 * The client repeats a request once, under the same numbers, so that brokers drop the repeat. More would keep it on a
 * connection that is dead: only this publisher makes a new one.
 */
const CLIENT_RETRIES = 1;

/** One request to the brokers: for each topic and partition at most one batch that fits the topic's limit. */
interface Wave {
  readonly messages: Map<string, Message[]>;
  readonly batchBytes: Map<string, number>;
  bytes: number;
}

interface Session {
  readonly producer: Producer;
  readonly topics: ReadonlyMap<string, TopicFacts>;
}

/**
 * Publishes with kafkajs: idempotent producer, acks=all, one request at a time. Partitions are chosen here, with Kafka's
 * own murmur2.
 *
 * After any failure the producer is thrown away: its sequence numbers would not match a batch that is cut differently.
 * The next call connects anew and checks the topics again.
 */
export class KafkaEventPublisher implements EventPublisher {
  #session: Session | undefined;
  /** Differences that were reported; bounded by the topics and their settings. */
  readonly #reported = new Set<string>();

  constructor(private readonly options: KafkaEventPublisherOptions) {}

  async start(): Promise<void> {
    this.#session ??= await this.#connect();
  }

  async publish(events: readonly StoredEvent[]): Promise<void> {
    const session = (this.#session ??= await this.#connect());
    try {
      let wave = newWave();
      const oversize: StoredEvent[] = [];
      for (const event of events) {
        // Left from a time when the raw topic was on: there is nowhere to send it, and its event goes out without it.
        if (event.topic === 'raw' && !this.options.topics.raw) continue;
        let placed = this.#place(session, event);
        if (placed.bytes > placed.limit) {
          oversize.push(event);
          placed = this.#placeReplacement(session, event, placed.limit);
        }
        if (wave.bytes > 0 && !fits(wave, placed)) {
          await this.#send(session.producer, wave);
          wave = newWave();
        }
        add(wave, placed);
      }
      if (wave.bytes > 0) await this.#send(session.producer, wave);
      for (const event of oversize) this.options.onOversize?.(event);
    } catch (error) {
      await this.#discard();
      throw toPublishError(error);
    }
  }

  async stop(): Promise<void> {
    await this.#discard();
  }

  async #connect(): Promise<Session> {
    const { topics, kafka: config, clientId } = this.options;
    const kafka = createKafka(config, clientId);
    const admin = kafka.admin();
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      retry: { retries: CLIENT_RETRIES },
      // Every message carries its partition.
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition ?? 0,
    });
    try {
      await admin.connect();
      const { facts, differences } = await ensureTopics(admin, planTopics(topics), {
        replicationFactor: topics.replicationFactor,
        acceptPartitions: this.options.acceptPartitions ?? false,
        create: this.options.createTopics ?? true,
      });
      this.#report(differences);
      await producer.connect();
      return { producer, topics: facts };
    } catch (error) {
      await producer.disconnect().catch(() => undefined);
      throw toPublishError(error);
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  #report(differences: readonly TopicDifference[]): void {
    const nameOf = ({ topic, setting, found }: TopicDifference): string => `${topic} ${setting} ${found}`;
    const news = differences.filter((difference) => !this.#reported.has(nameOf(difference)));
    for (const difference of news) this.#reported.add(nameOf(difference));
    if (news.length > 0) this.options.onTopicDifferences?.(news);
  }

  async #send(producer: Producer, wave: Wave): Promise<void> {
    const answers = await producer.sendBatch({
      topicMessages: [...wave.messages].map(([topic, messages]) => ({ topic, messages })),
      acks: -1,
      timeout: ACK_TIMEOUT_MS,
      compression: COMPRESSION[this.options.kafka.compression ?? 'gzip'],
    });
    refuseForgotten(wave.batchBytes.keys(), answers);
  }

  async #discard(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    // A connection that is broken already cannot be closed; nothing is lost by that.
    await session?.producer.disconnect().catch(() => undefined);
  }

  #placeReplacement(session: Session, event: StoredEvent, ownLimit: number): Placed {
    const { prefix, strategy } = this.options.topics;
    const limit = session.topics.get(topicName(prefix, 'unknown', strategy))?.maxMessageBytes ?? ownLimit;
    return this.#place(session, oversizeReplacement(event, limit - BATCH_OVERHEAD_BYTES - headroom(event)));
  }

  #place(session: Session, event: FinishedEvent): Placed {
    const { prefix, strategy } = this.options.topics;
    const topic = topicName(prefix, event.topic, strategy);
    const facts = session.topics.get(topic);
    if (facts === undefined)
      throw new PublishError('WATCHER_KAFKA_NOT_ACKNOWLEDGED', `Topic ${topic} is not configured.`, {
        context: { topic },
      });
    const record = toKafkaRecord(event);
    const partition = partitionOf(event.key, facts.partitions);
    return {
      topic,
      message: { ...record, partition },
      batch: partitionName(topic, partition),
      bytes: recordBytes(record),
      limit: facts.maxMessageBytes - BATCH_OVERHEAD_BYTES,
    };
  }
}

interface Placed {
  readonly topic: string;
  readonly message: Message;
  readonly batch: string;
  readonly bytes: number;
  readonly limit: number;
}

/** What the record of an event takes beside its value. */
function headroom(event: FinishedEvent): number {
  return recordBytes(toKafkaRecord({ ...event, value: Buffer.alloc(0) }));
}

function newWave(): Wave {
  return { messages: new Map(), batchBytes: new Map(), bytes: 0 };
}

function fits(wave: Wave, placed: Placed): boolean {
  return (
    wave.bytes + placed.bytes <= MAX_REQUEST_BYTES &&
    (wave.batchBytes.get(placed.batch) ?? 0) + placed.bytes <= placed.limit
  );
}

function add(wave: Wave, placed: Placed): void {
  const messages = wave.messages.get(placed.topic);
  if (messages === undefined) wave.messages.set(placed.topic, [placed.message]);
  else messages.push(placed.message);
  wave.batchBytes.set(placed.batch, (wave.batchBytes.get(placed.batch) ?? 0) + placed.bytes);
  wave.bytes += placed.bytes;
}
