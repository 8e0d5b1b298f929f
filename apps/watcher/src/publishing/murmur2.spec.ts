import { describe, expect, it } from 'vitest';
import { murmur2, partitionOf } from './murmur2.js';

/** Text, `Utils.murmur2` of its UTF-8 bytes, partition of 12 and of 7: computed with the Java client 4.1.1. */
const VECTORS: readonly (readonly [string, number, number, number])[] = [
  ['', 275646681, 9, 2],
  ['1', -1993445489, 3, 2],
  ['21', -973932308, 0, 3],
  ['abc', 479470107, 3, 4],
  ['foobar', -790332482, 6, 0],
  ['7300000000000000001', 1003228327, 7, 3],
  ['7412345678901234567', -1818535113, 11, 6],
  ['a-little-bit-long-string', -985981536, 8, 1],
  ['a-little-bit-longer-string', -1486304829, 11, 0],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971, 5, 3],
  ['ünïcödé', 201421315, 7, 4],
  ['日本', -700811021, 3, 1],
];

describe('murmur2', () => {
  it.each(VECTORS)('hashes %j as the Java client does', (text, hash, of12, of7) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
    expect(partitionOf(text, 12)).toBe(of12);
    expect(partitionOf(text, 7)).toBe(of7);
  });
});
