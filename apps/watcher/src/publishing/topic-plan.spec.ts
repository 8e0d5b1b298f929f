import { TOPIC_CATALOGUE } from '@livetap/contracts';
import { describe, expect, it } from 'vitest';
import { creationCommand, historyTopics, planTopics, type TopicSettings } from './topic-plan.js';

const SETTINGS: TopicSettings = {
  prefix: 'p',
  strategy: 'subject',
  partitions: 12,
  replicationFactor: undefined,
  raw: true,
};
const DAY_MS = 86_400_000;
const plan = (changes: Partial<TopicSettings> = {}): Record<string, Readonly<Record<string, string>>> =>
  Object.fromEntries(planTopics({ ...SETTINGS, ...changes }).map(({ name, settings }) => [name, settings]));

describe('planTopics', () => {
  it('is the catalogue, when nothing else is asked for', () => {
    expect(planTopics(SETTINGS)).toEqual(
      TOPIC_CATALOGUE.map(({ subject, retentionMs, cleanupPolicy }) => ({
        name: `p.${subject}`,
        partitions: 12,
        settings: { 'cleanup.policy': cleanupPolicy, 'retention.ms': String(retentionMs) },
      })),
    );
    expect(Object.keys(plan({ raw: false }))).not.toContain('p.raw');
  });

  it('takes a figure by name before the figure for all, and names what the brokers would decide else', () => {
    const topics = plan({
      overrides: {
        retentionMs: new Map([
          ['*', DAY_MS],
          ['gift', -1],
        ]),
        cleanupPolicy: new Map([['lifecycle', 'compact,delete']]),
        compression: 'zstd',
        minInsyncReplicas: 2,
        maxMessageBytes: 2_000_000,
      },
    });
    expect(topics['p.chat']).toEqual({
      'cleanup.policy': 'delete',
      'retention.ms': String(DAY_MS),
      'compression.type': 'zstd',
      'min.insync.replicas': '2',
      'max.message.bytes': '2000000',
    });
    expect(topics['p.gift']).toMatchObject({ 'retention.ms': '-1' });
    expect(topics['p.lifecycle']).toMatchObject({ 'cleanup.policy': 'compact,delete' });
  });

  it('keeps a shared topic as long as the most patient of its subjects, unless it is named itself', () => {
    const single = (retentionMs: Map<string, number>): string | undefined =>
      plan({ strategy: 'single', overrides: { retentionMs } })['p.events']?.['retention.ms'];
    expect(single(new Map([['chat', DAY_MS]]))).toBe(String(7 * DAY_MS));
    expect(single(new Map([['chat', 30 * DAY_MS]]))).toBe(String(30 * DAY_MS));
    expect(single(new Map([['chat', -1]]))).toBe('-1');
    expect(single(new Map([['events', DAY_MS]]))).toBe(String(DAY_MS));
    expect(Object.keys(plan({ strategy: 'single' }))).toEqual(['p.events', 'p.canary', 'p.raw']);
  });

  it('says how an administrator makes a topic', () => {
    const [chat] = planTopics(SETTINGS);
    expect(chat && creationCommand(chat, 3)).toBe(
      `kafka-topics.sh --bootstrap-server BROKER --create --topic p.chat --partitions 12 --replication-factor 3 --config cleanup.policy=delete --config retention.ms=${7 * DAY_MS}`,
    );
  });
});

it('history is folded from the topics of rooms', () => {
  expect(historyTopics({ prefix: 'p', strategy: 'single' })).toEqual(['p.events']);
  expect(historyTopics({ prefix: 'p', strategy: 'subject' })).toHaveLength(TOPIC_CATALOGUE.length - 2);
});
