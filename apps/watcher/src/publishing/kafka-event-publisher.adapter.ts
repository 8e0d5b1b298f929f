import { topicName } from '@livetap/contracts';
import type { KafkaConfig } from '../config/watcher-config.js';
import type { StoredEvent } from '../journal/journal.port.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import type { BatchPacker } from './batch-packer.port.js';
import { oversizeReplacement } from './cloud-events-codec.js';
import type { EventPublisher } from './event-publisher.port.js';
import { IdempotentProducer } from './idempotent-producer.adapter.js';
import { InlineBatchPacker } from './inline-batch-packer.js';
import { createKafka, toPublishError } from './kafka-client.adapter.js';
import { ensureTopics, type TopicDifference, type TopicFacts } from './kafka-topics.adapter.js';
import { PublishWave, WaveTopic } from './publish-wave.js';
import { PublishError } from './publish.errors.js';
import { recordBytes } from './record-batch.js';
import { planTopics, type TopicSettings } from './topic-plan.js';

export interface KafkaEventPublisherOptions {
  readonly kafka: KafkaConfig;
  readonly clientId: string;
  readonly topics: TopicSettings;
  /** Packs the batches of each request, and is closed with the publisher; default: on the calling thread. */
  readonly packer?: BatchPacker;
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

/** Header of a record batch, with room to spare. */
const BATCH_OVERHEAD_BYTES = 1024;

interface Session {
  readonly producer: IdempotentProducer;
  readonly topics: ReadonlyMap<string, TopicFacts>;
  /** By subject: the name of a topic is put together once. */
  readonly bySubject: Map<string, WaveTopic>;
}

/**
 * Publishes to Kafka: idempotent producer, acks=all, one request to each broker at a time. Partitions are chosen here, with
 * Kafka's own murmur2.
 *
 * After any failure the producer is thrown away: its sequence numbers would not match a batch that is cut differently.
 * The next call connects anew and checks the topics again.
 */
export class KafkaEventPublisher implements EventPublisher {
  #session: Session | undefined;
  readonly #packer: BatchPacker;
  /** Differences that were reported; bounded by the topics and their settings. */
  readonly #reported = new Set<string>();

  constructor(private readonly options: KafkaEventPublisherOptions) {
    this.#packer = options.packer ?? new InlineBatchPacker();
  }

  async start(): Promise<void> {
    this.#session ??= await this.#connect();
  }

  async publish(events: readonly StoredEvent[]): Promise<void> {
    const session = (this.#session ??= await this.#connect());
    try {
      let wave = new PublishWave();
      const oversize: StoredEvent[] = [];
      for (const event of events) {
        // Left from a time when the raw topic was on: there is nowhere to send it, and its event goes out without it.
        if (event.topic === 'raw' && !this.options.topics.raw) continue;
        let sent: FinishedEvent = event;
        let topic = this.#topicOf(session, event.topic);
        let bytes = recordBytes(event);
        if (bytes > topic.maxBatchBytes) {
          oversize.push(event);
          sent = this.#replacement(session, event, topic.maxBatchBytes);
          topic = this.#topicOf(session, sent.topic);
          bytes = recordBytes(sent);
        }
        if (wave.tryAdd(topic, sent, bytes)) continue;
        await session.producer.send(wave.parts);
        wave = new PublishWave();
        wave.tryAdd(topic, sent, bytes);
      }
      if (!wave.empty) await session.producer.send(wave.parts);
      for (const event of oversize) this.options.onOversize?.(event);
    } catch (error) {
      await this.#discard();
      throw toPublishError(error);
    }
  }

  async stop(): Promise<void> {
    await this.#discard();
    await this.#packer.close();
  }

  async #connect(): Promise<Session> {
    const { topics, kafka: config, clientId } = this.options;
    const kafka = createKafka(config, clientId);
    const admin = kafka.admin();
    const producer = new IdempotentProducer(config, clientId, this.#packer);
    try {
      await admin.connect();
      const { facts, differences } = await ensureTopics(admin, planTopics(topics), {
        replicationFactor: topics.replicationFactor,
        acceptPartitions: this.options.acceptPartitions ?? false,
        create: this.options.createTopics ?? true,
      });
      this.#report(differences);
      await producer.connect([...facts.keys()]);
      return { producer, topics: facts, bySubject: new Map() };
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

  async #discard(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    // A connection that is broken already cannot be closed; nothing is lost by that.
    await session?.producer.disconnect().catch(() => undefined);
  }

  #replacement(session: Session, event: StoredEvent, ownLimit: number): FinishedEvent {
    const { prefix, strategy } = this.options.topics;
    const limit = session.topics.get(topicName(prefix, 'unknown', strategy))?.maxMessageBytes ?? ownLimit;
    const beside = recordBytes(event) - event.value.length;
    return oversizeReplacement(event, limit - BATCH_OVERHEAD_BYTES - beside);
  }

  #topicOf(session: Session, subject: FinishedEvent['topic']): WaveTopic {
    const known = session.bySubject.get(subject);
    if (known !== undefined) return known;
    const { prefix, strategy } = this.options.topics;
    const name = topicName(prefix, subject, strategy);
    const facts = session.topics.get(name);
    if (facts === undefined)
      throw new PublishError('WATCHER_KAFKA_NOT_ACKNOWLEDGED', `Topic ${name} is not configured.`, {
        context: { topic: name },
      });
    const topic = new WaveTopic(name, facts.partitions, facts.maxMessageBytes - BATCH_OVERHEAD_BYTES);
    session.bySubject.set(subject, topic);
    return topic;
  }
}
