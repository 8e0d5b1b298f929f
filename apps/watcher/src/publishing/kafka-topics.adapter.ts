import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';
import { PublishError } from './publish.errors.js';
import type { PlannedTopic } from './topic-plan.js';

export interface TopicFacts {
  readonly partitions: number;
  /** Largest record batch that the brokers take, bytes. */
  readonly maxMessageBytes: number;
}

/** Kafka's own default; used where the configuration may not be read. */
const DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;
const DEFAULT_REPLICATION = -1;
const SETTLE_ATTEMPTS = 50;
const SETTLE_PAUSE_MS = 200;

/**
 * Creates the topics that are missing and checks the others. Several replicas may do so at the same time.
 * @throws PublishError WATCHER_KAFKA_PARTITIONS_CHANGED unless `acceptPartitions`; the client's errors as they are
 */
export async function ensureTopics(
  admin: Admin,
  planned: readonly PlannedTopic[],
  options: { readonly replicationFactor: number | undefined; readonly acceptPartitions: boolean },
): Promise<ReadonlyMap<string, TopicFacts>> {
  const existing = new Set(await admin.listTopics());
  const missing = planned.filter((topic) => !existing.has(topic.name));
  if (missing.length > 0) {
    // False when another replica was quicker with some of them; the check below sees the result.
    await admin.createTopics({
      topics: missing.map((topic) => creation(topic, options.replicationFactor)),
      waitForLeaders: false,
    });
  }
  const counts = await partitionCounts(
    admin,
    planned.map((topic) => topic.name),
  );
  const limits = await maxMessageBytes(admin, planned);
  const facts = new Map<string, TopicFacts>();
  for (const { name, partitions } of planned) {
    const found = counts.get(name) ?? 0;
    if (found !== partitions && !options.acceptPartitions) {
      throw new PublishError(
        'WATCHER_KAFKA_PARTITIONS_CHANGED',
        `Topic ${name} has ${found} partitions, the configuration says ${partitions}. With another number, records of one room would land in another partition than before: set LIVETAP_TOPIC_PARTITIONS back, or LIVETAP_TOPIC_ACCEPT_PARTITIONS to true.`,
        { context: { topic: name, found, configured: partitions } },
      );
    }
    facts.set(name, { partitions: found, maxMessageBytes: limits.get(name) ?? DEFAULT_MAX_MESSAGE_BYTES });
  }
  return facts;
}

function creation(topic: PlannedTopic, replicationFactor: number | undefined): ITopicConfig {
  return {
    topic: topic.name,
    numPartitions: topic.partitions,
    replicationFactor: replicationFactor ?? DEFAULT_REPLICATION,
    configEntries: [
      { name: 'cleanup.policy', value: topic.cleanupPolicy },
      { name: 'retention.ms', value: String(topic.retentionMs) },
    ],
  };
}

/** A new topic is unknown to the brokers, and then without leaders, for a moment: waits until it can be written to. */
async function partitionCounts(admin: Admin, names: string[]): Promise<ReadonlyMap<string, number>> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: names });
      const led = topics.every(
        ({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0),
      );
      if (led || attempt === SETTLE_ATTEMPTS)
        return new Map(topics.map((topic) => [topic.name, topic.partitions.length]));
    } catch (error) {
      const unknown = error instanceof Error && 'type' in error && error.type === 'UNKNOWN_TOPIC_OR_PARTITION';
      if (!unknown || attempt === SETTLE_ATTEMPTS) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, SETTLE_PAUSE_MS));
  }
}

async function maxMessageBytes(admin: Admin, planned: readonly PlannedTopic[]): Promise<ReadonlyMap<string, number>> {
  const limits = new Map<string, number>();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: planned.map(({ name }) => ({
      type: kafkajs.ConfigResourceTypes.TOPIC,
      name,
      configNames: ['max.message.bytes'],
    })),
  });
  for (const resource of resources) {
    const value = Number(resource.configEntries.find((entry) => entry.configName === 'max.message.bytes')?.configValue);
    if (value > 0) limits.set(resource.resourceName, value);
  }
  return limits;
}
