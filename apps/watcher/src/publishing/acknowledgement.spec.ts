import { describe, expect, it } from 'vitest';
import { type PartitionAnswer, partitionName, refuseForgotten } from './acknowledgement.js';

const sent = [partitionName('tiktok.live.chat', 0), partitionName('tiktok.live.chat', 1), partitionName('a', 0)];
const answer = (topicName: string, partition: number, errorCode = 0): PartitionAnswer => ({
  topicName,
  partition,
  errorCode,
});
/** What it throws, undefined when it takes the answers. */
function refusal(answers: readonly PartitionAnswer[]): unknown {
  try {
    refuseForgotten(sent, answers);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe('the acknowledgement of a request', () => {
  const whole = [answer('a', 0), answer('tiktok.live.chat', 1), answer('tiktok.live.chat', 0)];

  it('is taken when every partition is named, in whatever order', () => {
    expect(refusal(whole)).toBeUndefined();
  });

  it('refuses a partition that no answer names, and may be tried again', () => {
    expect(refusal(whole.slice(0, 2))).toMatchObject({
      code: 'WATCHER_KAFKA_NOT_ACKNOWLEDGED',
      retryable: true,
      context: { batch: 'tiktok.live.chat 0' },
    });
    expect(refusal([])).toMatchObject({ code: 'WATCHER_KAFKA_NOT_ACKNOWLEDGED' });
  });

  it('refuses a partition whose answer is an error', () => {
    // 6: the broker is not the leader of this partition any more.
    const answers = [answer('a', 0, 6), ...whole.slice(1)];
    expect(refusal(answers)).toMatchObject({ code: 'WATCHER_KAFKA_NOT_ACKNOWLEDGED', context: { batch: 'a 0' } });
  });
});
