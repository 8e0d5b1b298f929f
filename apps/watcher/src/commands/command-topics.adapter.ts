import type { KafkaConfig } from '../config/watcher-config.js';
import { createKafka, toPublishError } from '../publishing/kafka-client.adapter.js';
import { ensureTopics } from '../publishing/kafka-topics.adapter.js';
import type { PlannedTopic } from '../publishing/topic-plan.js';
import type { CommandTopics } from './command-transport.js';

export interface CommandTopicOptions {
  readonly kafka: KafkaConfig;
  readonly clientId: string;
  readonly topics: CommandTopics;
  /** Partitions of the reply topic: each instance of a Nest client reads one of its own. */
  readonly replyPartitions: number;
  /** undefined: the default of the brokers. */
  readonly replicationFactor: number | undefined;
  /** Creates topics that are missing; else they are verified only. */
  readonly create: boolean;
}

const DAY_MS = 86_400_000;
/** As long as replies are remembered: a command that is repeated later would be run again. */
const COMMAND_RETENTION_MS = 7 * DAY_MS;
const REPLY_RETENTION_MS = DAY_MS;

/**
 * Creates the topics of commands and replies when they are missing and it may. Commands have one partition, so that they are carried
 * out in the order in which they were sent, whatever their keys; existing topics are taken as they are.
 * @throws PublishError (retryable)
 */
export async function ensureCommandTopics(options: CommandTopicOptions): Promise<void> {
  const { kafka, clientId, topics, replyPartitions, replicationFactor, create } = options;
  const planned = planCommandTopics(topics, replyPartitions);
  const admin = createKafka(kafka, clientId).admin();
  try {
    await admin.connect();
    await ensureTopics(admin, planned, { replicationFactor, acceptPartitions: true, create });
  } catch (error) {
    throw toPublishError(error);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

export function planCommandTopics(topics: CommandTopics, replyPartitions: number): readonly PlannedTopic[] {
  return [
    { name: topics.commands, partitions: 1, settings: settingsOf(COMMAND_RETENTION_MS) },
    { name: topics.replies, partitions: replyPartitions, settings: settingsOf(REPLY_RETENTION_MS) },
  ];
}

function settingsOf(retentionMs: number): Readonly<Record<string, string>> {
  return { 'cleanup.policy': 'delete', 'retention.ms': String(retentionMs) };
}
