import { PublishError } from './publish.errors.js';

/** What a broker answered for one partition of a request. */
export interface PartitionAnswer {
  readonly topicName: string;
  readonly partition: number;
  readonly errorCode: number;
}

/** Names a partition of a topic in a request. */
export function partitionName(topic: string, partition: number): string {
  return `${topic} ${partition}`;
}

/**
 * Sees that every partition of a request was acknowledged: when a partition changes its leader during a retry, the client
 * can resolve without having sent its part.
 * @param sent the partitions of the request, named by `partitionName`
 * @throws PublishError WATCHER_KAFKA_NOT_ACKNOWLEDGED (retryable)
 */
export function refuseForgotten(sent: Iterable<string>, answers: readonly PartitionAnswer[]): void {
  const acknowledged = new Set(
    answers
      .filter((answer) => answer.errorCode === 0)
      .map(({ topicName, partition }) => partitionName(topicName, partition)),
  );
  const forgotten = [...sent].find((partition) => !acknowledged.has(partition));
  if (forgotten !== undefined) {
    throw new PublishError(
      'WATCHER_KAFKA_NOT_ACKNOWLEDGED',
      `Kafka did not acknowledge all partitions (${forgotten}).`,
      { context: { batch: forgotten } },
    );
  }
}
