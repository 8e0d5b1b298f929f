import kafkajs, { type Admin } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { ensureTopics } from './kafka-topics.adapter.js';
import { planTopics } from './topic-plan.js';

const planned = planTopics({
  prefix: 'new',
  strategy: 'single',
  partitions: 2,
  replicationFactor: undefined,
  raw: false,
  overrides: {},
}).slice(0, 1);
const name = planned[0]?.name ?? '';
const options = { replicationFactor: undefined, acceptPartitions: false, create: true };

/** A cluster without the topic, whose leaders answer as told, question by question. */
function cluster(answers: readonly (Error | undefined)[]): { admin: Admin; asked: () => number } {
  let asked = 0;
  const admin: Partial<Admin> = {
    listTopics: () => Promise.resolve([]),
    createTopics: () => Promise.resolve(true),
    fetchTopicMetadata: (() =>
      Promise.resolve({
        topics: [
          {
            name,
            partitions: Array.from({ length: planned[0]?.partitions ?? 0 }, (_, partitionId) => ({
              partitionId,
              leader: 1,
              partitionErrorCode: 0,
            })),
          },
        ],
      })) as unknown as Admin['fetchTopicMetadata'],
    fetchTopicOffsets: () => {
      const answer = answers[asked];
      asked += 1;
      return answer === undefined ? Promise.resolve([]) : Promise.reject(answer);
    },
    describeConfigs: (() => Promise.resolve({ resources: [] })) as unknown as Admin['describeConfigs'],
  };
  return { admin: admin as Admin, asked: () => asked };
}

const notYet = new kafkajs.KafkaJSProtocolError({
  type: 'NOT_LEADER_OR_FOLLOWER',
  code: 6,
  message: 'not yet',
} as never);

describe('a topic that was just made', () => {
  it('is used once its leaders have it', async () => {
    const { admin, asked } = cluster([notYet, notYet, undefined]);
    const { facts } = await ensureTopics(admin, planned, options);
    expect(facts.get(name)?.partitions).toBe(planned[0]?.partitions);
    expect(asked()).toBe(3);
  });

  it('does not wait for leaders that are gone: whoever connects says so and tries anew', async () => {
    const gone = new kafkajs.KafkaJSConnectionError('Connection error: connect ECONNREFUSED', {
      broker: '127.0.0.1:1',
    });
    const { admin, asked } = cluster([notYet, gone]);
    await expect(ensureTopics(admin, planned, options)).rejects.toBe(gone);
    expect(asked()).toBe(2);
  });
});
