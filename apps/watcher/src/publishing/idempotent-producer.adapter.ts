import { setTimeout as delay } from 'node:timers/promises';
import type { KafkaJSError, Logger } from 'kafkajs';
import Cluster, { type ClusterBroker, type ProtocolRequest } from 'kafkajs/src/cluster/index.js';
import socketFactory from 'kafkajs/src/network/socketFactory.js';
import protocolError from 'kafkajs/src/protocol/error.js';
import type { KafkaConfig } from '../config/watcher-config.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import type { BatchCompression, BatchPacker, ProducerNumbers } from './batch-packer.port.js';
import { kafkaClientConfig } from './kafka-client.adapter.js';
import {
  decodeProduceResponse,
  encodeProduceRequest,
  failedPartitions,
  type PartitionAnswer,
  type PartitionBatch,
  PRODUCE_API_KEY,
  PRODUCE_VERSION,
} from './produce-request.js';
import { PublishError } from './publish.errors.js';
import { RecordWriter } from './record-batch.js';

/** Events of one partition, in order. */
export interface PartitionEvents {
  readonly topic: string;
  readonly partition: number;
  /** As `partitionName` puts it together. */
  readonly name: string;
  readonly events: readonly FinishedEvent[];
}

/** Shorter than the client's own limit, so that the brokers' answer comes first. */
const ACK_TIMEOUT_MS = 8_000;
/** Of a producer without transactions the brokers make nothing of it. */
const TRANSACTION_TIMEOUT_MS = 30_000;
const METADATA_MAX_AGE_MS = 300_000;
/**
 * What was not acknowledged is sent once more, under the same numbers, so that brokers drop what they have already. More
 * would keep it on a connection that is dead: only the publisher makes a new producer.
 */
const REPEATS = 1;
/** A broker that has just started gives no producer ids for some seconds. */
const START_PAUSES_MS = [200, 400, 800, 1_600];
/** The cluster may be about to choose another leader. */
const REPEAT_AFTER_MS = 250;
/** Sequence numbers start again at 0 behind the largest 32-bit number. */
const SEQUENCES = 2 ** 31;

interface NumberedBatch extends PartitionBatch {
  readonly name: string;
}

/**
 * An idempotent producer (acks=all) that writes its requests itself: connections, logins and metadata are kafkajs's, the
 * bytes of a request are made in one go from the events, where kafkajs makes some ten objects and buffers for each record.
 * One call of `send` at a time. After a failure its numbers do not match the brokers' any more: throw it away.
 */
export class IdempotentProducer {
  readonly #cluster: Cluster;
  readonly #writer = new RecordWriter();
  readonly #compression: BatchCompression;
  readonly #sequences = new Map<string, number>();
  #producer: ProducerNumbers | undefined;

  constructor(
    kafka: KafkaConfig,
    clientId: string,
    private readonly packer: BatchPacker,
  ) {
    this.#compression = kafka.compression ?? 'gzip';
    this.#cluster = new Cluster({
      ...kafkaClientConfig(kafka, clientId),
      logger: SILENT,
      socketFactory: socketFactory(),
      enforceRequestTimeout: true,
      metadataMaxAge: METADATA_MAX_AGE_MS,
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
    });
  }

  /** @throws what kafkajs throws */
  async connect(topics: readonly string[]): Promise<void> {
    await this.#cluster.connect();
    await this.#cluster.addMultipleTargetTopics(topics);
    for (const pauseMs of START_PAUSES_MS) {
      try {
        return await this.#begin();
      } catch (error) {
        if (!worthRepeating(error)) throw error;
        await delay(pauseMs);
      }
    }
    await this.#begin();
  }

  async #begin(): Promise<void> {
    const broker = await this.#cluster.findControllerBroker();
    const { producerId, producerEpoch } = await broker.initProducerId({ transactionTimeout: TRANSACTION_TIMEOUT_MS });
    this.#producer = { id: BigInt(String(producerId)), epoch: producerEpoch };
  }

  /** Resolves when every partition is acknowledged. @throws PublishError or what kafkajs throws */
  async send(parts: readonly PartitionEvents[]): Promise<void> {
    let open: readonly NumberedBatch[] = await this.#pack(parts);
    for (let repeat = 0; ; repeat += 1) {
      const failures = await this.#attempt(open);
      open = open.filter(({ name }) => failures.has(name));
      if (open.length === 0) return;
      const error = failures.get(open[0]!.name);
      if (repeat === REPEATS || !worthRepeating(error)) throw error;
      await delay(REPEAT_AFTER_MS);
      if (!this.#cluster.isConnected()) await this.#cluster.connect();
      await this.#cluster.refreshMetadata();
    }
  }

  async disconnect(): Promise<void> {
    await this.#cluster.disconnect();
  }

  /** The batches of the parts, each under the next numbers of its partition. */
  async #pack(parts: readonly PartitionEvents[]): Promise<readonly NumberedBatch[]> {
    const producer = this.#producer;
    if (producer === undefined) throw new Error('The producer is not connected.');
    const numbered = parts.map(({ name, events }) => {
      const firstSequence = this.#sequences.get(name) ?? 0;
      this.#sequences.set(name, (firstSequence + events.length) % SEQUENCES);
      return { events, firstSequence };
    });
    const packed = await this.packer.pack({
      ...this.#writer.write(numbered),
      ...{ producer, compression: this.#compression },
    });
    return parts.map(({ topic, partition, name }, index) => ({ topic, partition, name, records: packed[index]! }));
  }

  /** Sends each batch to its leader, and says of those that were not acknowledged why. */
  async #attempt(batches: readonly NumberedBatch[]): Promise<ReadonlyMap<string, unknown>> {
    await this.#cluster.refreshMetadataIfNecessary();
    const failures = new Map<string, unknown>();
    const byLeader = new Map<number, NumberedBatch[]>();
    for (const batch of batches) {
      const leader = this.#leaderOf(batch);
      if (leader === undefined) {
        failures.set(batch.name, protocolError.createErrorFromCode(LEADER_NOT_AVAILABLE));
        continue;
      }
      const together = byLeader.get(leader);
      if (together === undefined) byLeader.set(leader, [batch]);
      else together.push(batch);
    }
    await Promise.all(
      [...byLeader].map(async ([leader, sent]) => {
        try {
          const failed = failedPartitions(sent, await this.#produce(leader, sent));
          for (const [name, code] of failed)
            failures.set(name, code === undefined ? forgotten(name) : protocolError.createErrorFromCode(code));
        } catch (error) {
          for (const { name } of sent) failures.set(name, error);
        }
      }),
    );
    return failures;
  }

  #leaderOf({ topic, partition }: PartitionBatch): number | undefined {
    const found = this.#cluster.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition);
    return found === undefined || found.leader < 0 ? undefined : found.leader;
  }

  async #produce(nodeId: number, batches: readonly PartitionBatch[]): Promise<readonly PartitionAnswer[]> {
    const broker = await this.#cluster.findBroker({ nodeId });
    const known = broker.versions?.[PRODUCE_API_KEY];
    if (known !== undefined && (known.minVersion > PRODUCE_VERSION || known.maxVersion < PRODUCE_VERSION))
      throw protocolError.createErrorFromCode(UNSUPPORTED_VERSION);
    const body = encodeProduceRequest(batches, ACK_TIMEOUT_MS);
    try {
      return await broker.connectionPool.send(produce(body));
    } catch (error) {
      await this.#dropIfClosed(broker, error);
      throw error;
    }
  }

  /** A connection that the broker closed: the next attempt makes a new one. */
  async #dropIfClosed(broker: ClusterBroker, error: unknown): Promise<void> {
    if (!(error instanceof Error) || error.name !== 'KafkaJSConnectionClosedError') return;
    await broker.disconnect();
    const { host, port } = error as Error & { readonly host?: string; readonly port?: number };
    if (host !== undefined && port !== undefined) this.#cluster.removeBroker({ host, port });
  }
}

/** Kafka's error codes: https://kafka.apache.org/protocol#protocol_error_codes. */
const LEADER_NOT_AVAILABLE = 5;
const UNSUPPORTED_VERSION = 35;

function produce(body: Buffer): ProtocolRequest<readonly PartitionAnswer[]> {
  return {
    request: {
      apiKey: PRODUCE_API_KEY,
      apiVersion: PRODUCE_VERSION,
      apiName: 'Produce',
      encode: async () => ({ buf: body, buffer: body }),
    },
    response: { decode: async (bytes) => decodeProduceResponse(bytes), parse: async (answers) => answers },
  };
}

function forgotten(name: string): PublishError {
  return new PublishError('WATCHER_KAFKA_NOT_ACKNOWLEDGED', `Kafka did not acknowledge all partitions (${name}).`, {
    context: { batch: name },
  });
}

/** Another leader, or a new connection, may take it. kafkajs says of each of its errors whether it is for good. */
function worthRepeating(error: unknown): boolean {
  return error instanceof PublishError || (error instanceof Error && (error as KafkaJSError).retriable === true);
}

/** What goes wrong is said by whoever calls. */
const SILENT: Logger = {
  info: () => undefined,
  error: () => undefined,
  warn: () => undefined,
  debug: () => undefined,
  namespace: () => SILENT,
  setLogLevel: () => undefined,
};
