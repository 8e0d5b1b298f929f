import fc from 'fast-check';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { RecordDeflater } from './record-deflater.js';

const MIB = 1024 * 1024;
const ROOM = 100;

function created(): RecordDeflater {
  const there = RecordDeflater.create();
  if (there === null) throw new Error('there is no WebAssembly');
  return there;
}

/** What was packed, with nothing written before or behind it; undefined when it was left as it is. */
function packed(deflater: RecordDeflater, plain: Uint8Array): Buffer | undefined {
  const target = Buffer.alloc(ROOM + plain.length + ROOM, 0xdb);
  const end = deflater.pack(plain, target, ROOM);
  const around = Buffer.alloc(ROOM, 0xdb);
  expect(target.subarray(0, ROOM).equals(around)).toBe(true);
  expect(target.subarray(ROOM + plain.length).equals(around)).toBe(true);
  return end < 0 ? undefined : target.subarray(ROOM, end);
}

const event = (n: number): string =>
  JSON.stringify({
    specversion: '1.0',
    id: String(7_310_000_000_000_000_000n + BigInt(n) * 7_919n),
    type: 'livetap.chat.v1',
    source: `/tiktok/rooms/7${n % 7}`,
    data: { comment: `comment ${n} 你好 ${'ha'.repeat(n % 40)}`, user: { id: String(n * 104_729) } },
  });

/** Events, noise, runs, and repeats from near and far. */
const contents = fc
  .array(
    fc.oneof(
      fc.nat(100_000).map((n) => Buffer.from(event(n))),
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 1_200 })).map(([byte, count]) => Buffer.alloc(count, byte)),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 80 }))
        .map(([bytes, times]) => Buffer.concat(Array<Uint8Array>(times).fill(bytes))),
      fc
        .integer({ min: 30_000, max: 36_000 })
        .map((count) => Buffer.from(Array.from({ length: count }, (_, i) => (i * i) >> 3))),
    ),
    { maxLength: 12 },
  )
  .chain((pieces) =>
    fc
      .array(fc.nat(Math.max(0, pieces.length - 1)), { maxLength: 12 })
      .map((order) => Buffer.concat([...pieces, ...order.map((at) => pieces[at] ?? Buffer.alloc(0))])),
  );

describe('records packed with one code', () => {
  it('are what gunzip gives back, batch after batch, or are left as they are', () => {
    const deflater = created();
    fc.assert(
      fc.property(fc.array(contents, { minLength: 1, maxLength: 4 }), (batches) => {
        for (const plain of batches) {
          const result = packed(deflater, plain);
          if (result === undefined) continue;
          expect(result.length).toBeLessThanOrEqual(plain.length);
          expect(gunzipSync(result).equals(plain)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are smaller for every batch of events, by half for four of them', () => {
    const deflater = created();
    for (let count = 2; count <= 40; count += 1) {
      const plain = Buffer.from(Array.from({ length: count }, (_, n) => event(n + count * 1_000)).join('\n'));
      const result = packed(deflater, plain);
      expect(gunzipSync(result ?? Buffer.alloc(0)).equals(plain)).toBe(true);
      expect(result?.length).toBeLessThan(plain.length * (count < 4 ? 0.8 : 0.5));
    }
  });

  it('find nothing in the batches before, which gunzip does not have', () => {
    const deflater = created();
    const plain = Buffer.from(Array.from({ length: 5 }, (_, n) => event(n)).join(''));
    const once = packed(deflater, plain);
    for (let times = 0; times < 5; times += 1) expect(packed(deflater, plain)).toEqual(once);
  });

  it('go on after the places have been counted to their end', () => {
    const deflater = created();
    const plain = Buffer.from(Array.from({ length: 5 }, (_, n) => event(n)).join(''));
    const once = packed(deflater, plain);
    const zeros = Buffer.alloc(MIB);
    const target = Buffer.alloc(MIB);
    for (let bytes = 0; bytes < 2 ** 31 + 64 * MIB; bytes += MIB)
      expect(deflater.pack(zeros, target, 0)).toBeGreaterThan(0);
    expect(gunzipSync(target.subarray(0, deflater.pack(zeros, target, 0))).equals(zeros)).toBe(true);
    expect(packed(deflater, plain)).toEqual(once);
  });

  it('may be a mebibyte, and nothing that is larger', () => {
    const deflater = created();
    const most = Buffer.from(
      Array.from({ length: 3_000 }, (_, n) => event(n))
        .join('')
        .padEnd(MIB, 'x')
        .slice(0, MIB),
      'latin1',
    );
    expect(gunzipSync(packed(deflater, most) ?? Buffer.alloc(0)).equals(most)).toBe(true);
    expect(packed(deflater, Buffer.alloc(MIB + 1))).toBeUndefined();
  });

  it('are left to zlib without WebAssembly', () => {
    expect(RecordDeflater.create(null)).toBeNull();
  });
});
