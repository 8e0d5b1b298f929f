/** What a broker answered for one partition of a request. */
export interface PartitionAnswer {
  readonly topicName: string;
  readonly partition: number;
  /** 0: acknowledged. */
  readonly errorCode: number;
}

/** Names a partition of a topic in a request. */
export function partitionName(topic: string, partition: number): string {
  return `${topic} ${partition}`;
}

/** A record batch and where it goes. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  /** A whole record batch, as `BatchPacker` makes it. */
  readonly records: Buffer;
}

export const PRODUCE_API_KEY = 0;
/** Brokers have it from Kafka 2.1 on. Like 3 (https://kafka.apache.org/protocol#The_Messages_Produce), with a longer answer. */
export const PRODUCE_VERSION = 7;
const ALL_REPLICAS = -1;

/** The body of a produce request to one broker: acks=all, no transaction. `timeoutMs`: for the replicas. */
export function encodeProduceRequest(batches: readonly PartitionBatch[], timeoutMs: number): Buffer {
  const topics = new Map<string, PartitionBatch[]>();
  for (const batch of batches) {
    const known = topics.get(batch.topic);
    if (known === undefined) topics.set(batch.topic, [batch]);
    else known.push(batch);
  }
  let bytes = 2 + 2 + 4 + 4;
  for (const [topic, parts] of topics) {
    bytes += 2 + Buffer.byteLength(topic) + 4;
    for (const { records } of parts) bytes += 4 + 4 + records.length;
  }
  const request = Buffer.allocUnsafeSlow(bytes);
  let at = request.writeInt16BE(-1, 0);
  at = request.writeInt16BE(ALL_REPLICAS, at);
  at = request.writeInt32BE(timeoutMs, at);
  at = request.writeInt32BE(topics.size, at);
  for (const [topic, parts] of topics) {
    at = request.writeInt16BE(Buffer.byteLength(topic), at);
    at += request.write(topic, at);
    at = request.writeInt32BE(parts.length, at);
    for (const { partition, records } of parts) {
      at = request.writeInt32BE(partition, at);
      at = request.writeInt32BE(records.length, at);
      request.set(records, at);
      at += records.length;
    }
  }
  return request;
}

/** Offset, append time and first offset of a partition's answer: of no use here. */
const UNUSED_BYTES = 8 + 8 + 8;

/** What the broker says to each partition. @throws RangeError when the answer is cut */
export function decodeProduceResponse(response: Buffer): PartitionAnswer[] {
  const answers: PartitionAnswer[] = [];
  let at = 4;
  for (let topics = response.readInt32BE(0); topics > 0; topics -= 1) {
    const nameBytes = response.readInt16BE(at);
    const topicName = response.toString('utf8', at + 2, at + 2 + nameBytes);
    at += 2 + nameBytes;
    let partitions = response.readInt32BE(at);
    at += 4;
    for (; partitions > 0; partitions -= 1) {
      answers.push({ topicName, partition: response.readInt32BE(at), errorCode: response.readInt16BE(at + 4) });
      at += 4 + 2 + UNUSED_BYTES;
    }
  }
  return answers;
}

/**
 * The partitions of a request that were not acknowledged, by name, with the broker's error code; undefined: the broker said
 * nothing about it, which is no acknowledgement either.
 */
export function failedPartitions(
  sent: readonly Pick<PartitionBatch, 'topic' | 'partition'>[],
  answers: readonly PartitionAnswer[],
): ReadonlyMap<string, number | undefined> {
  const codes = new Map(answers.map((answer) => [partitionName(answer.topicName, answer.partition), answer.errorCode]));
  const failed = new Map<string, number | undefined>();
  for (const { topic, partition } of sent) {
    const code = codes.get(partitionName(topic, partition));
    if (code !== 0) failed.set(partitionName(topic, partition), code);
  }
  return failed;
}
