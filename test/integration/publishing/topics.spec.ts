import { randomUUID } from 'node:crypto';
import { sampleEvent, testClient } from '@livetap/testkit';
import kafkajs from 'kafkajs';
import { describe, expect, inject, it } from 'vitest';
import { KafkaEventPublisher } from '../../../apps/watcher/src/publishing/kafka-event-publisher.adapter.js';
import type { TopicDifference } from '../../../apps/watcher/src/publishing/kafka-topics.adapter.js';
import { planTopics, type TopicSettings } from '../../../apps/watcher/src/publishing/topic-plan.js';

const brokers = inject('kafkaBrokers');

function topics(changes: Partial<TopicSettings> = {}): TopicSettings {
  return {
    prefix: `topics.${randomUUID()}`,
    strategy: 'subject',
    partitions: 2,
    replicationFactor: 1,
    raw: false,
    ...changes,
  };
}

function publisher(
  settings: TopicSettings,
  more: { createTopics?: boolean; compression?: 'gzip' | 'none'; differences?: TopicDifference[] } = {},
): KafkaEventPublisher {
  return new KafkaEventPublisher({
    kafka: { brokers, tls: false, sasl: undefined, compression: more.compression ?? 'gzip' },
    clientId: 'test',
    topics: settings,
    createTopics: more.createTopics ?? true,
    onTopicDifferences: (found) => more.differences?.push(...found),
  });
}

async function settingsOf(topic: string): Promise<Readonly<Record<string, string>>> {
  const admin = testClient(brokers).admin();
  await admin.connect();
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
  });
  await admin.disconnect();
  return Object.fromEntries((resources[0]?.configEntries ?? []).map((entry) => [entry.configName, entry.configValue]));
}

describe.skipIf(brokers.length === 0)('topics on the real broker', () => {
  it('are made as the catalogue says, with what the settings say otherwise', async () => {
    const settings = topics({
      overrides: {
        retentionMs: new Map([
          ['*', 86_400_000],
          ['gift', -1],
        ]),
        cleanupPolicy: new Map([['lifecycle', 'compact,delete']]),
        compression: 'lz4',
        minInsyncReplicas: 1,
        maxMessageBytes: 2_000_000,
      },
    });
    const made = publisher(settings);
    await made.start();
    await made.stop();
    expect(await settingsOf(`${settings.prefix}.chat`)).toMatchObject({
      'retention.ms': '86400000',
      'cleanup.policy': 'delete',
      'compression.type': 'lz4',
      'min.insync.replicas': '1',
      'max.message.bytes': '2000000',
    });
    expect(await settingsOf(`${settings.prefix}.gift`)).toMatchObject({ 'retention.ms': '-1' });
    expect((await settingsOf(`${settings.prefix}.lifecycle`))['cleanup.policy']).toMatch(
      /compact,delete|delete,compact/,
    );
  });

  it('that differ are reported once and left as they are', async () => {
    const settings = topics();
    const first = publisher(settings);
    await first.start();
    await first.stop();
    const differences: TopicDifference[] = [];
    const changed = {
      ...settings,
      overrides: { retentionMs: new Map([['chat', 3_600_000]]), minInsyncReplicas: 2 },
    };
    const second = publisher(changed, { differences });
    await second.start();
    await second.stop();
    await second.start();
    await second.stop();
    const of = (setting: string): TopicDifference[] => differences.filter((each) => each.setting === setting);
    expect(of('retention.ms')).toEqual([
      { topic: `${settings.prefix}.chat`, setting: 'retention.ms', found: '604800000', planned: '3600000' },
    ]);
    expect(of('min.insync.replicas')).toHaveLength(planTopics(settings).length);
    expect(differences).toHaveLength(planTopics(settings).length + 1);
    expect(await settingsOf(`${settings.prefix}.chat`)).toMatchObject({ 'retention.ms': '604800000' });
  });

  it('that are missing and may not be made are all named, with what to run, until they are there', async () => {
    const settings = topics();
    const verifying = publisher(settings, { createTopics: false });
    const error: unknown = await verifying.start().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'WATCHER_KAFKA_TOPICS_MISSING', retryable: true });
    for (const { name } of planTopics(settings)) {
      expect((error as Error).message).toContain(name);
      expect(String((error as { context: { commands: string } }).context.commands)).toContain(
        `--create --topic ${name} --partitions 2 --replication-factor 1 --config cleanup.policy=delete`,
      );
    }
    const administrator = publisher(settings);
    await administrator.start();
    await administrator.stop();
    await verifying.publish([{ ...sampleEvent(1), offset: 1 }]);
    await verifying.stop();
  });

  it('take batches without compression as well', async () => {
    const settings = topics();
    const plain = publisher(settings, { compression: 'none' });
    await plain.publish([{ ...sampleEvent(1), offset: 1 }]);
    await plain.stop();
    const admin = testClient(brokers).admin();
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(`${settings.prefix}.chat`);
    await admin.disconnect();
    expect(offsets.reduce((sum, { high }) => sum + Number(high), 0)).toBe(1);
  });
});
