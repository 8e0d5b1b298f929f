import { connect } from 'node:net';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import type { KafkaConfig } from '../../config/watcher-config.js';
import { kafkaClientConfig, toPublishError } from '../../publishing/kafka-client.adapter.js';
import { creation, differencesOf, type FoundSettings, topicSettings } from '../../publishing/kafka-topics.adapter.js';
import type { PublishError } from '../../publishing/publish.errors.js';
import type { PlannedTopic } from '../../publishing/topic-plan.js';
import type { KafkaLook, TopicContext, TopicFacts } from './kafka-findings.js';

const TIMEOUT_MS = 4_000;
const MIN_IN_SYNC = 'min.insync.replicas';

/** Asks the brokers and makes nothing; some seconds at most for each question. */
export async function inspectKafka(
  kafka: KafkaConfig,
  { planned, create, replicationFactor }: TopicContext,
): Promise<KafkaLook> {
  const admin = new Kafka({
    ...kafkaClientConfig(kafka, 'livetap-doctor'),
    logLevel: logLevel.NOTHING,
    connectionTimeout: TIMEOUT_MS,
    requestTimeout: TIMEOUT_MS,
    retry: { retries: 1, initialRetryTime: 200 },
  }).admin();
  try {
    await admin.connect();
    const { brokers } = await admin.describeCluster();
    const addresses = brokers.map(({ host, port }) => `${host}:${port}`);
    const topics = await topicsOf(admin, planned);
    const missing = planned.filter(({ name }) => !topics.some((topic) => topic.name === name));
    return {
      kind: 'facts',
      brokers: await Promise.all(
        addresses.map(async (address) => ({ address, reachable: await takesConnections(address) })),
      ),
      topics,
      refusal: create ? await refusalOf(admin, missing, replicationFactor) : undefined,
    };
  } catch (error) {
    const open = await Promise.all(
      kafka.brokers.map(async (address) => ((await takesConnections(address)) ? [address] : [])),
    );
    return { kind: 'failed', error: toPublishError(error), open: open.flat() };
  } finally {
    admin.disconnect().catch(() => undefined);
  }
}

async function topicsOf(admin: Admin, planned: readonly PlannedTopic[]): Promise<readonly TopicFacts[]> {
  // Only those that exist are asked for: some clusters make a topic that somebody asks for.
  const existing = new Set(await admin.listTopics());
  const there = planned.filter(({ name }) => existing.has(name));
  if (there.length === 0) return [];
  const { topics } = await admin.fetchTopicMetadata({ topics: there.map(({ name }) => name) });
  const settings = await topicSettings(admin, there, [MIN_IN_SYNC]);
  return there.flatMap((topic) => {
    const found = topics.find(({ name }) => name === topic.name);
    return found === undefined ? [] : [factsOf(topic, found.partitions, settings.get(topic.name))];
  });
}

/** Why the brokers would not make the missing topics: they are asked to judge, and to make nothing. */
async function refusalOf(
  admin: Admin,
  missing: readonly PlannedTopic[],
  replicationFactor: number | undefined,
): Promise<PublishError | undefined> {
  if (missing.length === 0) return undefined;
  const topics = missing.map((topic) => creation(topic, replicationFactor));
  try {
    await admin.createTopics({ validateOnly: true, waitForLeaders: false, topics });
    return undefined;
  } catch (error) {
    return toPublishError(error);
  }
}

interface PartitionMetadata {
  readonly leader: number;
  readonly replicas: readonly number[];
  readonly isr: readonly number[];
}

function factsOf(
  topic: PlannedTopic,
  partitions: readonly PartitionMetadata[],
  settings: FoundSettings | undefined,
): TopicFacts {
  const minInSync = settings?.get(MIN_IN_SYNC);
  return {
    name: topic.name,
    partitions: partitions.length,
    replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
    inSync: Math.min(...partitions.map(({ isr }) => isr.length)),
    leaderless: partitions.filter(({ leader }) => leader < 0).length,
    minInSync: minInSync === undefined ? undefined : Number(minInSync),
    differences: differencesOf(topic, settings).map(
      ({ setting, found, planned }) => `${setting} is ${found}, planned ${planned}`,
    ),
  };
}

/** Whether anything takes a TCP connection at `host:port`. */
function takesConnections(address: string): Promise<boolean> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(address.slice(colon + 1)) });
    const end = (reachable: boolean): void => {
      socket.destroy();
      resolve(reachable);
    };
    socket.setTimeout(TIMEOUT_MS, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
