import { TOPIC_CATALOGUE, topicName, type TopicStrategy } from '@livetap/contracts';

export interface TopicSettings {
  readonly prefix: string;
  readonly strategy: TopicStrategy;
  /** Partitions of each topic. */
  readonly partitions: number;
  /** undefined: the default of the brokers. */
  readonly replicationFactor: number | undefined;
  /** Whether the raw topic is filled. */
  readonly raw: boolean;
}

export interface PlannedTopic {
  readonly name: string;
  readonly partitions: number;
  readonly retentionMs: number;
  readonly cleanupPolicy: 'delete' | 'compact';
}

/** The topics that a configuration needs, each once. Where subjects share a topic, the longest retention counts. */
export function planTopics(settings: TopicSettings): readonly PlannedTopic[] {
  const planned = new Map<string, PlannedTopic>();
  for (const { subject, retentionMs, cleanupPolicy } of TOPIC_CATALOGUE) {
    if (subject === 'raw' && !settings.raw) continue;
    const name = topicName(settings.prefix, subject, settings.strategy);
    const longest = Math.max(retentionMs, planned.get(name)?.retentionMs ?? 0);
    planned.set(name, { name, partitions: settings.partitions, retentionMs: longest, cleanupPolicy });
  }
  return [...planned.values()];
}

/** Topics from which history is folded: all of rooms' events, without canaries and raw bytes. */
export function historyTopics(settings: Pick<TopicSettings, 'prefix' | 'strategy'>): readonly string[] {
  const names = TOPIC_CATALOGUE.filter(({ subject }) => subject !== 'raw' && subject !== 'canary').map(({ subject }) =>
    topicName(settings.prefix, subject, settings.strategy),
  );
  return [...new Set(names)];
}
