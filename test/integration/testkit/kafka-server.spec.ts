import { readTopics, startKafka, testClient } from '@livetap/testkit';
import { afterAll, describe, expect, it } from 'vitest';

const own = await startKafka({ environment: {} });

describe.skipIf('skipped' in own)('the Kafka of the testkit', () => {
  if ('skipped' in own) return;
  const server = own;
  afterAll(() => server.dispose());

  it('keeps what it acknowledged through SIGKILL and through a stop in order', async () => {
    const write = async (value: string): Promise<void> => {
      const producer = testClient(server.brokers).producer();
      await producer.connect();
      await producer.send({
        topic: 'kept',
        acks: -1,
        messages: [{ key: 'k', value, headers: { h: '1' }, timestamp: '1700000000000' }],
      });
      await producer.disconnect();
    };
    const admin = testClient(server.brokers).admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 3 }] });
    await admin.disconnect();
    await write('a');
    await server.kill();
    await server.restart();
    await write('b');
    await server.stop();
    await server.restart();
    const records = await readTopics(server.brokers, ['missing', 'kept']);
    expect(
      records.map((record) => [
        record.topic,
        record.key,
        record.value?.toString(),
        record.headers,
        record.timestamp,
        record.offset,
      ]),
    ).toEqual([
      ['kept', 'k', 'a', { h: '1' }, 1_700_000_000_000, 0],
      ['kept', 'k', 'b', { h: '1' }, 1_700_000_000_000, 1],
    ]);
  });
});
