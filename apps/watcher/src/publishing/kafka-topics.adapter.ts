import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';
import { toPublishError } from './kafka-client.adapter.js';
import { PublishError } from './publish.errors.js';
import { creationCommand, type PlannedTopic } from './topic-plan.js';

export interface TopicFacts {
  readonly partitions: number;
  /** Largest record batch that the brokers take, bytes. */
  readonly maxMessageBytes: number;
}

/** An existing topic is set otherwise than planned. It stays as it is. */
export interface TopicDifference {
  readonly topic: string;
  /** Kafka's name of the setting. */
  readonly setting: string;
  readonly found: string;
  readonly planned: string;
}

export interface EnsureTopicsOptions {
  readonly replicationFactor: number | undefined;
  readonly acceptPartitions: boolean;
  /** False: topics are verified only. */
  readonly create: boolean;
}

export interface EnsuredTopics {
  readonly facts: ReadonlyMap<string, TopicFacts>;
  /** Where the brokers do not tell a topic's settings, there are none. */
  readonly differences: readonly TopicDifference[];
}

/** Kafka's own default; used where the configuration may not be read. */
const DEFAULT_MAX_MESSAGE_BYTES = 1_048_588;
const MAX_MESSAGE_BYTES = 'max.message.bytes';
const DEFAULT_REPLICATION = -1;
const SETTLE_ATTEMPTS = 50;
const SETTLE_PAUSE_MS = 200;

/**
 * Creates the topics that are missing, if it may, and checks the others. Several replicas may do so at the same time. What
 * exists is never changed.
 * @throws PublishError WATCHER_KAFKA_PARTITIONS_CHANGED unless `acceptPartitions`; WATCHER_KAFKA_TOPICS_MISSING when
 *   topics are missing and may not be made, with all their names and, as `context.commands`, how to make them; the client's
 *   errors as they are
 */
export async function ensureTopics(
  admin: Admin,
  planned: readonly PlannedTopic[],
  options: EnsureTopicsOptions,
): Promise<EnsuredTopics> {
  const existing = new Set(await admin.listTopics());
  const missing = planned.filter((topic) => !existing.has(topic.name));
  if (missing.length > 0) await create(admin, missing, options);
  const names = planned.map((topic) => topic.name);
  const counts = await partitionCounts(admin, names);
  for (const { name } of missing) await untilWritable(admin, name);
  const found = await topicSettings(admin, planned);
  const facts = new Map<string, TopicFacts>();
  for (const { name, partitions } of planned) {
    const actual = counts.get(name) ?? 0;
    if (actual !== partitions && !options.acceptPartitions) {
      throw new PublishError(
        'WATCHER_KAFKA_PARTITIONS_CHANGED',
        `Topic ${name} has ${actual} partitions, the configuration says ${partitions}. With another number, records of one room would land in another partition than before: set LIVETAP_TOPIC_PARTITIONS back, or LIVETAP_TOPIC_ACCEPT_PARTITIONS to true.`,
        { context: { topic: name, found: actual, configured: partitions } },
      );
    }
    const limit = Number(found.get(name)?.get(MAX_MESSAGE_BYTES));
    facts.set(name, { partitions: actual, maxMessageBytes: limit > 0 ? limit : DEFAULT_MAX_MESSAGE_BYTES });
  }
  return { facts, differences: planned.flatMap((topic) => differencesOf(topic, found.get(topic.name))) };
}

async function create(
  admin: Admin,
  missing: readonly PlannedTopic[],
  { create: mayCreate, replicationFactor }: EnsureTopicsOptions,
): Promise<void> {
  if (!mayCreate) throw topicsMissing(missing, replicationFactor, 'LIVETAP_TOPIC_CREATE is off');
  try {
    // False when another replica was quicker with some of them; the check that follows sees the result.
    await admin.createTopics({
      topics: missing.map((topic) => creation(topic, replicationFactor)),
      waitForLeaders: false,
    });
  } catch (error) {
    if (!isDenied(error)) throw error;
    throw topicsMissing(missing, replicationFactor, 'this user may not create them, or may not see them', error);
  }
}

function topicsMissing(
  missing: readonly PlannedTopic[],
  replicationFactor: number | undefined,
  why: string,
  cause?: unknown,
): PublishError {
  const names = missing.map(({ name }) => name);
  const commands = missing.map((topic) => creationCommand(topic, replicationFactor));
  return new PublishError(
    'WATCHER_KAFKA_TOPICS_MISSING',
    `Topics are missing and ${why}: ${names.join(', ')}. Create each as the log says (publisher.failing, commands), for example: ${commands[0] ?? ''}`,
    {
      context: { topics: names.join(','), commands: commands.join(' && ') },
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

/** Rights are told for the cluster or for each topic. */
function isDenied(error: unknown): boolean {
  const inner = error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors : [error];
  return inner.some(
    (each: unknown) =>
      each instanceof Error && 'type' in each && /^(TOPIC|CLUSTER)_AUTHORIZATION_FAILED$/.test(String(each.type)),
  );
}

/** What the brokers are asked for. */
export function creation(topic: PlannedTopic, replicationFactor: number | undefined): ITopicConfig {
  return {
    topic: topic.name,
    numPartitions: topic.partitions,
    replicationFactor: replicationFactor ?? DEFAULT_REPLICATION,
    configEntries: Object.entries(topic.settings).map(([name, value]) => ({ name, value })),
  };
}

/** A new topic is unknown to the brokers, and then without leaders, for a moment: waits until it has them. */
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

/**
 * The leaders of a new topic are named before they have its partitions: a request in between is refused for some of them, and
 * what others took would come again. They answer where their logs end only once they have them.
 */
async function untilWritable(admin: Admin, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await admin.fetchTopicOffsets(name);
      return;
    } catch (error) {
      // Only what a broker answered may change by waiting here; one that is gone is the caller's matter, and soon.
      const answered = toPublishError(error).code === 'WATCHER_KAFKA_NOT_ACKNOWLEDGED';
      if (!answered || attempt === SETTLE_ATTEMPTS) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, SETTLE_PAUSE_MS));
  }
}

/** By Kafka's names. */
export type FoundSettings = ReadonlyMap<string, string>;

/**
 * What the brokers say of the settings that matter here, and of those in `more`, by topic; nothing where this user may not
 * read them. The topics must exist.
 */
export async function topicSettings(
  admin: Admin,
  planned: readonly PlannedTopic[],
  more: readonly string[] = [],
): Promise<ReadonlyMap<string, FoundSettings>> {
  const resources = planned.map(({ name, settings }) => ({
    type: kafkajs.ConfigResourceTypes.TOPIC,
    name,
    configNames: [...new Set([...Object.keys(settings), MAX_MESSAGE_BYTES, ...more])],
  }));
  try {
    const answer = await admin.describeConfigs({ includeSynonyms: false, resources });
    return new Map(
      answer.resources.map(({ resourceName, configEntries }) => [
        resourceName,
        new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      ]),
    );
  } catch (error) {
    if (!isDenied(error) && !(error instanceof Error && isDenied(error.cause))) throw error;
    return new Map();
  }
}

/** Where a topic is set otherwise than planned; of what the brokers do not tell, nothing is known. */
export function differencesOf({ name, settings }: PlannedTopic, found: FoundSettings | undefined): TopicDifference[] {
  return Object.entries(settings).flatMap(([setting, planned]) => {
    const actual = found?.get(setting);
    return actual === undefined || sameValue(actual, planned) ? [] : [{ topic: name, setting, found: actual, planned }];
  });
}

/** Lists such as `compact,delete` have no order. */
function sameValue(a: string, b: string): boolean {
  const parts = (list: string): string => list.split(',').sort().join(',');
  return parts(a) === parts(b);
}
