import { describe, expect, it } from 'vitest';
import {
  decodeProduceResponse,
  encodeProduceRequest,
  failedPartitions,
  type PartitionAnswer,
} from './produce-request.js';

const sent = [
  { topic: 'tiktok.live.chat', partition: 0 },
  { topic: 'tiktok.live.chat', partition: 1 },
  { topic: 'a', partition: 0 },
];
const answer = (topicName: string, partition: number, errorCode = 0): PartitionAnswer => ({
  topicName,
  partition,
  errorCode,
});

describe('the answer to a request', () => {
  const whole = [answer('a', 0), answer('tiktok.live.chat', 1), answer('tiktok.live.chat', 0)];

  it('acknowledges every partition that it names, in whatever order', () => {
    expect(failedPartitions(sent, whole)).toEqual(new Map());
  });

  it('is no acknowledgement of a partition that it does not name', () => {
    expect(failedPartitions(sent, whole.slice(0, 2))).toEqual(new Map([['tiktok.live.chat 0', undefined]]));
    expect(failedPartitions(sent, []).size).toBe(3);
  });

  it('is no acknowledgement of a partition with an error', () => {
    // 6: the broker is not the leader of this partition any more.
    expect(failedPartitions(sent, [answer('a', 0, 6), ...whole.slice(1)])).toEqual(new Map([['a 0', 6]]));
  });

  it('is read from bytes, and refused when it is cut', () => {
    const parts = [
      Buffer.from('00000001', 'hex'),
      Buffer.from('0001', 'hex'),
      Buffer.from('a'),
      Buffer.from('00000002', 'hex'),
      Buffer.from(`00000000${'0000'}${'00'.repeat(24)}`, 'hex'),
      Buffer.from(`00000007${'0006'}${'ff'.repeat(24)}`, 'hex'),
      Buffer.from('00000000', 'hex'),
    ];
    const bytes = Buffer.concat(parts);
    expect(decodeProduceResponse(bytes)).toEqual([answer('a', 0), answer('a', 7, 6)]);
    expect(() => decodeProduceResponse(bytes.subarray(0, 20))).toThrow(RangeError);
  });
});

describe('a request', () => {
  it('asks for all replicas, and holds each topic once with its partitions', () => {
    const batch = (topic: string, partition: number, text: string) => ({
      topic,
      partition,
      records: Buffer.from(text),
    });
    const request = encodeProduceRequest([batch('a', 1, 'x'), batch('b', 0, 'yy'), batch('a', 2, 'zzz')], 8_000);
    expect(request.toString('hex')).toBe(
      [
        ...['ffff', 'ffff', '00001f40', '00000002'],
        ...['0001', '61', '00000002', '00000001', '00000001', '78', '00000002', '00000003', '7a7a7a'],
        ...['0001', '62', '00000001', '00000000', '00000002', '7979'],
      ].join(''),
    );
  });
});
