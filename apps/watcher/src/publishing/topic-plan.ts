import { TOPIC_CATALOGUE, topicName, type TopicStrategy } from '@livetap/contracts';
import type { CleanupPolicy, PerTopic, TopicOverrides } from '../config/watcher-config.js';

export interface TopicSettings {
  readonly prefix: string;
  readonly strategy: TopicStrategy;
  /** Partitions of each topic. */
  readonly partitions: number;
  /** undefined: the default of the brokers. */
  readonly replicationFactor: number | undefined;
  /** Whether the raw topic is filled. */
  readonly raw: boolean;
  /** What differs from the catalogue. */
  readonly overrides?: TopicOverrides;
}

export interface PlannedTopic {
  readonly name: string;
  readonly partitions: number;
  /** Kafka's names for the settings of a topic and their values; what is not named is the brokers' business. */
  readonly settings: Readonly<Record<string, string>>;
}

/** -1 for ever is the longest. */
const FOREVER = -1;

/**
 * The topics that a configuration needs, each once. Where subjects share a topic, the longest retention counts, unless the
 * topic itself is named.
 */
export function planTopics(settings: TopicSettings): readonly PlannedTopic[] {
  const { overrides = {}, prefix, strategy, partitions } = settings;
  const planned = new Map<string, { retentionMs: number; cleanupPolicy: CleanupPolicy }>();
  for (const { subject, ...figures } of TOPIC_CATALOGUE) {
    if (subject === 'raw' && !settings.raw) continue;
    const name = topicName(prefix, subject, strategy);
    const own = name.slice(prefix.length + 1);
    const retentionMs = overriden(overrides.retentionMs, own, subject) ?? figures.retentionMs;
    const cleanupPolicy = overriden(overrides.cleanupPolicy, own, subject) ?? figures.cleanupPolicy;
    const before = planned.get(name)?.retentionMs ?? retentionMs;
    planned.set(name, { retentionMs: longer(before, retentionMs), cleanupPolicy });
  }
  const common = commonSettings(overrides);
  return [...planned].map(([name, { retentionMs, cleanupPolicy }]) => ({
    name,
    partitions,
    settings: { 'cleanup.policy': cleanupPolicy, 'retention.ms': String(retentionMs), ...common },
  }));
}

function overriden<T>(given: PerTopic<T> | undefined, topic: string, subject: string): T | undefined {
  return given?.get(topic) ?? given?.get(subject) ?? given?.get('*');
}

function longer(a: number, b: number): number {
  return a === FOREVER || b === FOREVER ? FOREVER : Math.max(a, b);
}

function commonSettings(overrides: TopicOverrides): Record<string, string> {
  const { compression, minInsyncReplicas, maxMessageBytes } = overrides;
  return {
    ...(compression === undefined ? {} : { 'compression.type': compression }),
    ...(minInsyncReplicas === undefined ? {} : { 'min.insync.replicas': String(minInsyncReplicas) }),
    ...(maxMessageBytes === undefined ? {} : { 'max.message.bytes': String(maxMessageBytes) }),
  };
}

/** The command that makes a topic as planned, for administrators of clusters where this service may not. */
export function creationCommand(topic: PlannedTopic, replicationFactor: number | undefined): string {
  const configs = Object.entries(topic.settings).map(([name, value]) => ` --config ${name}=${value}`);
  const replication = replicationFactor === undefined ? '' : ` --replication-factor ${replicationFactor}`;
  return `kafka-topics.sh --bootstrap-server BROKER --create --topic ${topic.name} --partitions ${topic.partitions}${replication}${configs.join('')}`;
}

/** Topics from which history is folded: all of rooms' events, without canaries and raw bytes. */
export function historyTopics(settings: Pick<TopicSettings, 'prefix' | 'strategy'>): readonly string[] {
  const names = TOPIC_CATALOGUE.filter(({ subject }) => subject !== 'raw' && subject !== 'canary').map(({ subject }) =>
    topicName(settings.prefix, subject, settings.strategy),
  );
  return [...new Set(names)];
}

/** Topics that the live tail of a fleet follows: all of rooms' events and the canary, without raw bytes. */
export function tailTopics(settings: Pick<TopicSettings, 'prefix' | 'strategy'>): readonly string[] {
  return [...historyTopics(settings), topicName(settings.prefix, 'canary', settings.strategy)];
}
