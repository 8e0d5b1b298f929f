import { randomUUID } from 'node:crypto';
import { EVENT_CATALOGUE } from '@livetap/contracts';
import { readTopics, sampleEvent, startKafka, TcpProxy, testClient, type TopicRecord } from '@livetap/testkit';
import { afterAll, afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import type { StoredEvent } from '../../../apps/watcher/src/journal/journal.port.js';
import type { FinishedEvent } from '../../../apps/watcher/src/pipeline/finished-event.js';
import { KafkaEventPublisher } from '../../../apps/watcher/src/publishing/kafka-event-publisher.adapter.js';
import { partitionOf } from '../../../apps/watcher/src/publishing/murmur2.js';
import { planTopics, type TopicSettings } from '../../../apps/watcher/src/publishing/topic-plan.js';

const brokers = inject('kafkaBrokers');

function settings(changes: Partial<TopicSettings> = {}): TopicSettings {
  return {
    prefix: `test.${randomUUID()}`,
    strategy: 'subject',
    partitions: 3,
    replicationFactor: undefined,
    raw: true,
    ...changes,
  };
}

function publisher(
  topics: TopicSettings,
  more: { brokers?: readonly string[]; onOversize?: (event: FinishedEvent) => void; acceptPartitions?: boolean } = {},
): KafkaEventPublisher {
  const { brokers: own, ...rest } = more;
  return new KafkaEventPublisher({
    kafka: { brokers: own ?? brokers, tls: false, sasl: undefined },
    clientId: 'test',
    topics,
    ...rest,
  });
}

const stored = (events: readonly FinishedEvent[]): StoredEvent[] =>
  events.map((event, index) => ({ ...event, offset: index + 1 }));

const recordsOf = (topics: TopicSettings): Promise<TopicRecord[]> =>
  readTopics(
    brokers,
    planTopics(topics).map((topic) => topic.name),
  );

describe.skipIf(brokers.length === 0)('KafkaEventPublisher', () => {
  let open: KafkaEventPublisher[] = [];
  const use = (made: KafkaEventPublisher): KafkaEventPublisher => {
    open.push(made);
    return made;
  };
  beforeEach(() => {
    open = [];
  });
  afterEach(() => Promise.all(open.map((made) => made.stop())));

  it('makes the topics of the catalogue and writes records as the contract says', async () => {
    const topics = settings();
    const events = [
      sampleEvent(1),
      sampleEvent(2, { topic: 'gift', type: 'livetap.gift.v1' }),
      sampleEvent(3, {
        topic: 'raw',
        value: Buffer.from([8, 1]),
        source: '/tiktok/rooms/7300000000000000001/raw',
        raw: { method: 'WebcastChatMessage', history: false, time: '2026-01-01T00:00:00.003Z' },
      }),
    ];
    await use(publisher(topics)).publish(stored(events));
    const records = await recordsOf(topics);
    const partition = partitionOf('7300000000000000001', 3);
    expect(
      records.map(({ topic, partition: where, key, timestamp, value }) => ({ topic, where, key, timestamp, value })),
    ).toEqual([
      {
        topic: `${topics.prefix}.chat`,
        where: partition,
        key: '7300000000000000001',
        timestamp: events[0]?.recordedAt,
        value: events[0]?.value,
      },
      {
        topic: `${topics.prefix}.gift`,
        where: partition,
        key: '7300000000000000001',
        timestamp: events[1]?.recordedAt,
        value: events[1]?.value,
      },
      {
        topic: `${topics.prefix}.raw`,
        where: partition,
        key: '7300000000000000001',
        timestamp: events[2]?.recordedAt,
        value: events[2]?.value,
      },
    ]);
    expect(records[0]?.headers).toEqual({
      'content-type': 'application/cloudevents+json; charset=UTF-8',
      ce_id: '1',
      ce_type: 'livetap.chat.v1',
      ce_source: '/tiktok/rooms/7300000000000000001',
      ce_sequence: '00000001-000000000001',
    });
    expect(records[2]?.headers).toMatchObject({
      'content-type': 'application/protobuf',
      ce_specversion: '1.0',
      ce_method: 'WebcastChatMessage',
      ce_history: 'false',
      ce_time: '2026-01-01T00:00:00.003Z',
    });
    const admin = testClient(brokers).admin();
    await admin.connect();
    const made = (await admin.listTopics()).filter((name) => name.startsWith(topics.prefix));
    await admin.disconnect();
    expect(made.sort()).toEqual(
      planTopics(topics)
        .map((topic) => topic.name)
        .sort(),
    );
  });

  it('keeps the order of each key over batches, topics in one with the single strategy', async () => {
    const topics = settings({ strategy: 'single', partitions: 4 });
    const target = use(publisher(topics));
    const keys = Array.from({ length: 7 }, (_, n) => `73000000000000000${n}`);
    const events = Array.from({ length: 2_000 }, (_, n) =>
      sampleEvent(n, { key: keys[n % 7] ?? '', topic: n % 3 === 0 ? 'gift' : 'chat' }),
    );
    for (let at = 0; at < events.length; at += 300) await target.publish(stored(events.slice(at, at + 300)));
    const records = await recordsOf(topics);
    expect(records).toHaveLength(2_000);
    for (const key of keys) {
      const ids = records.filter((record) => record.key === key).map((record) => record.headers['ce_id']);
      expect(ids).toEqual(events.filter((event) => event.key === key).map((event) => event.id));
    }
    expect(new Set(records.map((record) => record.topic))).toEqual(new Set([`${topics.prefix}.events`]));
  });

  it('cuts what goes to one partition so that each batch fits the limit of the brokers', async () => {
    const topics = settings({ partitions: 1 });
    // Random letters do not shrink below the limit.
    const value = (): Buffer =>
      Buffer.from(Array.from({ length: 7 }, () => randomUUID().repeat(500)).join('') + randomUUID());
    const events = Array.from({ length: 20 }, (_, n) => sampleEvent(n, { value: value() }));
    await use(publisher(topics)).publish(stored(events));
    expect((await recordsOf(topics)).map((record) => record.headers['ce_id'])).toEqual(events.map((event) => event.id));
  });

  it('publishes the beginning of an event above the limit as unknown, and goes on', async () => {
    const topics = settings({ partitions: 1 });
    const reported: string[] = [];
    const huge = sampleEvent(2, {
      value: Buffer.from(
        JSON.stringify({
          specversion: '1.0',
          id: '2',
          time: '2026-01-01T00:00:00.000Z',
          sessionid: 's',
          leaseepoch: '1',
          data: 'x'.repeat(2_000_000),
        }),
      ),
    });
    await use(publisher(topics, { onOversize: (event) => reported.push(event.id) })).publish(
      stored([sampleEvent(1), huge, sampleEvent(3)]),
    );
    const records = await recordsOf(topics);
    expect(
      records.map((record) => [
        record.topic.slice(topics.prefix.length + 1),
        record.headers['ce_id'],
        record.headers['ce_type'],
      ]),
    ).toEqual([
      ['chat', '1', 'livetap.chat.v1'],
      ['chat', '3', 'livetap.chat.v1'],
      ['unknown', '2', EVENT_CATALOGUE.unknown.type],
    ]);
    const event = JSON.parse(records[2]?.value?.toString() ?? '') as Record<string, unknown> & {
      data: Record<string, unknown>;
    };
    expect(event).toMatchObject({
      id: '2',
      source: huge.source,
      sequence: huge.sequence,
      sessionid: 's',
      leaseepoch: '1',
      time: '2026-01-01T00:00:00.000Z',
    });
    expect(event.data).toMatchObject({ reason: 'oversize', bytes: huge.value.length, truncated: true });
    expect(Buffer.from(String(event.data['payload']), 'base64')).toEqual(huge.value.subarray(0, 256 * 1024));
    expect(reported).toEqual(['2']);
  });

  it('is not held up by raw copies that were left when the raw topic was switched off', async () => {
    const topics = settings({ raw: false });
    const copy = sampleEvent(1, {
      topic: 'raw',
      raw: { method: 'WebcastChatMessage', history: false, time: '2026-01-01T00:00:00.000Z' },
    });
    await use(publisher(topics)).publish(stored([sampleEvent(1), copy, sampleEvent(2)]));
    expect((await recordsOf(topics)).map((record) => record.headers['ce_id'])).toEqual(['1', '2']);
    await use(publisher(topics)).publish(stored([copy]));
    expect(await recordsOf(topics)).toHaveLength(2);
  });

  it('refuses a topic whose number of partitions changed, unless told to take it', async () => {
    const topics = settings({ partitions: 2 });
    await use(publisher(topics)).start();
    const changed = { ...topics, partitions: 5 };
    await expect(use(publisher(changed)).start()).rejects.toMatchObject({
      code: 'WATCHER_KAFKA_PARTITIONS_CHANGED',
      retryable: false,
    });
    const taken = use(publisher(changed, { acceptPartitions: true }));
    await taken.publish(stored([sampleEvent(1)]));
    expect((await recordsOf(topics)).map((record) => record.partition)).toEqual([
      partitionOf('7300000000000000001', 2),
    ]);
  });

  it('says that nobody answers, in words without the client’s own', async () => {
    await expect(use(publisher(settings(), { brokers: ['127.0.0.1:1'] })).start()).rejects.toMatchObject({
      code: 'WATCHER_KAFKA_UNREACHABLE',
      retryable: true,
    });
  });
});

describe('KafkaEventPublisher behind a bad line', async () => {
  const proxy = await TcpProxy.start({ host: '127.0.0.1', port: 1 });
  const own = await startKafka({ environment: {}, proxyPort: proxy.port });
  if ('skipped' in own || own.proxyTarget === undefined) {
    await proxy.close();
    it.skip('needs a Kafka of its own');
    return;
  }
  proxy.target = own.proxyTarget;
  afterAll(async () => {
    await proxy.close();
    await own.dispose();
  });

  it('asks for the acknowledgement of all replicas in every request', async () => {
    const acks: number[] = [];
    const held = new Map<number, Buffer>();
    proxy.onSent = (connection, bytes) => {
      const { requests, rest } = cutRequests(Buffer.concat([held.get(connection) ?? Buffer.alloc(0), bytes]));
      held.set(connection, rest);
      for (const request of requests) if (request.readInt16BE(0) === PRODUCE) acks.push(acksOf(request));
    };
    const target = publisher(settings(), { brokers: [`127.0.0.1:${proxy.port}`] });
    for (let batch = 0; batch < 3; batch += 1) await target.publish(stored([sampleEvent(batch)]));
    await target.stop();
    proxy.onSent = undefined;
    // The client asks again while the leaders of new topics are not known everywhere.
    expect(acks.length).toBeGreaterThanOrEqual(3);
    expect([...new Set(acks)]).toEqual([-1]);
  });

  it('counts on for the brokers, and anew after a failure: what never arrived leaves no hole', async () => {
    const topics = settings({ partitions: 1 });
    const target = publisher(topics, { brokers: [`127.0.0.1:${proxy.port}`] });
    const batch = (from: number): StoredEvent[] => stored([sampleEvent(from), sampleEvent(from + 1)]);
    await expect(target.publish(batch(0))).resolves.toBeUndefined();
    await expect(target.publish(batch(2))).resolves.toBeUndefined();
    proxy.fault = { kind: 'refuse' };
    proxy.cut();
    await expect(target.publish(batch(4))).rejects.toMatchObject({ name: 'PublishError', retryable: true });
    proxy.fault = { kind: 'none' };
    await expect(target.publish(batch(4))).resolves.toBeUndefined();
    await target.stop();
    const ids = (await readTopics(own.brokers, [`${topics.prefix}.chat`])).map((record) => record.headers['ce_id']);
    expect(ids).toEqual(['0', '1', '2', '3', '4', '5']);
  });

  it('cuts batches anew after a failure, also when the broker had taken the last one and its answer was lost', async () => {
    const topics = settings({ partitions: 1 });
    const target = publisher(topics, { brokers: [`127.0.0.1:${proxy.port}`] });
    const events = (from: number, to: number): StoredEvent[] =>
      stored(Array.from({ length: to - from }, (_, n) => sampleEvent(from + n)));
    const ids = async (): Promise<unknown[]> =>
      (await readTopics(own.brokers, [`${topics.prefix}.chat`])).map((record) => record.headers['ce_id']);
    await target.publish(events(0, 1));
    proxy.onSent = (_connection, bytes) => {
      const { requests } = cutRequests(bytes);
      if (requests.some((request) => request.readInt16BE(0) === PRODUCE)) proxy.fault = { kind: 'blackHole' };
    };
    const failed = expect(target.publish(events(1, 3))).rejects.toMatchObject({
      name: 'PublishError',
      retryable: true,
    });
    await expect.poll(ids, { timeout: 60_000, interval: 500 }).toEqual(['0', '1', '2']);
    proxy.onSent = undefined;
    proxy.cut();
    proxy.fault = { kind: 'refuse' };
    await failed;
    proxy.fault = { kind: 'none' };
    // More had come meanwhile.
    await expect(target.publish(events(1, 5))).resolves.toBeUndefined();
    await target.stop();
    expect(await ids()).toEqual(['0', '1', '2', '1', '2', '3', '4']);
  });

  it('goes on with the same batch after cuts and a restart of the broker; nothing is missing, first records are in order', async () => {
    const topics = settings();
    const target = publisher(topics, { brokers: [`127.0.0.1:${proxy.port}`] });
    const batches = Array.from({ length: 30 }, (_, batch) =>
      stored(Array.from({ length: 100 }, (_, n) => sampleEvent(batch * 100 + n))),
    );
    let failures = 0;
    for (const [index, batch] of batches.entries()) {
      if (index === 10 || index === 20) setImmediate(() => proxy.cut());
      if (index === 15) await own.kill();
      for (;;) {
        try {
          await target.publish(batch);
          break;
        } catch (error) {
          failures += 1;
          expect(error).toMatchObject({ name: 'PublishError', retryable: true });
          if (index === 15 && failures > 0) await own.restart().catch(() => undefined);
        }
      }
    }
    await target.stop();
    expect(failures).toBeGreaterThan(0);
    const records = await readTopics(own.brokers, [`${topics.prefix}.chat`]);
    const firsts = [...new Set(records.map((record) => record.headers['ce_id']))];
    expect(firsts).toEqual(Array.from({ length: 3_000 }, (_, n) => String(n)));
  });
});

/** Key of the Produce request. */
const PRODUCE = 0;

/** Whole requests of Kafka's protocol at the beginning of what a connection sent, without their lengths. */
function cutRequests(bytes: Buffer): { readonly requests: readonly Buffer[]; readonly rest: Buffer } {
  const requests: Buffer[] = [];
  let rest = bytes;
  while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
    const end = 4 + rest.readInt32BE(0);
    requests.push(rest.subarray(4, end));
    rest = rest.subarray(end);
  }
  return { requests, rest };
}

/** Produce, version 3 to 8: key, version, correlation id, client id, transactional id, then the acknowledgements asked for. */
function acksOf(request: Buffer): number {
  const version = request.readInt16BE(2);
  if (version < 3 || version > 8) throw new Error(`The form of Produce ${version} is not known to this test.`);
  const clientId = request.readInt16BE(8);
  const transactionalId = 10 + Math.max(0, clientId);
  return request.readInt16BE(transactionalId + 2 + Math.max(0, request.readInt16BE(transactionalId)));
}
