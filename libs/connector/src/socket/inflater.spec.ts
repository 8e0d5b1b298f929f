import fc from 'fast-check';
import { constants, deflateRawSync, inflateRawSync, type ZlibOptions } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Inflater } from './inflater.js';

const inflater = created();

function created(): Inflater {
  const there = Inflater.create();
  if (there === null) throw new Error('there is no WebAssembly');
  return there;
}

/** What it makes of packed bytes that should give `size`; undefined when it refuses them. */
function inflated(packed: Uint8Array, size: number): Buffer | undefined {
  if (!inflater.inflate(packed, 0, packed.length, size)) return undefined;
  const bytes = Buffer.alloc(size);
  inflater.copyTo(bytes, 0, size);
  return bytes;
}

/** What zlib makes of them when they are whole and nothing is behind them. */
function zlibInflated(packed: Uint8Array): Buffer | undefined {
  try {
    const { buffer, engine } = inflateRawSync(packed, { info: true, maxOutputLength: 2_000_000 }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    return engine.bytesWritten === packed.length ? buffer : undefined;
  } catch {
    return undefined;
  }
}

/** Texts, noise, runs and repeats from near and far: what makes literals, matches of all lengths and distances. */
const contents = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.string({ maxLength: 80 }).map((text) => Buffer.from(text)),
      fc.tuple(fc.nat(255), fc.integer({ min: 1, max: 1_200 })).map(([byte, count]) => Buffer.alloc(count, byte)),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 60 }))
        .map(([bytes, times]) => Buffer.concat(Array<Uint8Array>(times).fill(bytes))),
    ),
    { maxLength: 30 },
  )
  .chain((pieces) =>
    fc
      .array(fc.nat(Math.max(0, pieces.length - 1)), { maxLength: 60 })
      .map((order) => Buffer.concat([...pieces, ...order.map((at) => pieces[at] ?? Buffer.alloc(0))])),
  );

const ways = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  memLevel: fc.integer({ min: 1, max: 9 }),
  windowBits: fc.integer({ min: 9, max: 15 }),
  strategy: fc.constantFrom(
    constants.Z_DEFAULT_STRATEGY,
    constants.Z_FILTERED,
    constants.Z_HUFFMAN_ONLY,
    constants.Z_RLE,
    constants.Z_FIXED,
  ),
});

describe('inflate in WebAssembly', () => {
  it('gives back what zlib packed, in each of its ways', () => {
    fc.assert(
      fc.property(contents, ways, (bytes, way: ZlibOptions) => {
        const packed = deflateRawSync(bytes, way);
        expect(inflated(packed, bytes.length)?.equals(bytes)).toBe(true);
        expect(inflated(packed, bytes.length + 1)).toBeUndefined();
        if (bytes.length > 0) expect(inflated(packed, bytes.length - 1)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes blocks of all kinds one after the other', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(contents, ways), { minLength: 2, maxLength: 5 }), (parts) => {
        // Each part but the last ends with an empty stored block instead of the mark of the last block.
        const packed = parts.map(([bytes, way], at) =>
          deflateRawSync(bytes, { ...way, ...(at < parts.length - 1 ? { finishFlush: constants.Z_SYNC_FLUSH } : {}) }),
        );
        const bytes = Buffer.concat(parts.map(([part]) => part));
        expect(inflated(Buffer.concat(packed), bytes.length)?.equals(bytes)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('takes codes of 15 bits', () => {
    // Each byte as often as the two before together: the rarest gets the longest code.
    const often = [1, 1];
    while (often.length < 20) often.push((often.at(-1) ?? 0) + (often.at(-2) ?? 0));
    const bytes = Buffer.concat(often.map((count, byte) => Buffer.alloc(count, byte * 7)));
    const mixed = Buffer.from(bytes.map((_, at) => bytes[(at * 7_919) % bytes.length] ?? 0));
    const packed = deflateRawSync(mixed, { strategy: constants.Z_HUFFMAN_ONLY, memLevel: 9 });
    expect(inflated(packed, mixed.length)?.equals(mixed)).toBe(true);
  });

  it('takes what is cut, damaged or followed by more only as zlib takes it', () => {
    fc.assert(
      fc.property(contents, ways, fc.infiniteStream(fc.nat()), (bytes, way: ZlibOptions, numbers) => {
        const packed = deflateRawSync(bytes, way);
        const number = () => numbers.next().value as number;
        const damaged = Buffer.from(packed);
        for (let i = 0; i < 3; i += 1) {
          const at = number() % damaged.length;
          damaged[at] = (damaged[at] ?? 0) ^ (1 << (number() & 7));
        }
        const cut = packed.subarray(0, number() % packed.length);
        const longer = Buffer.concat([packed, Buffer.from([number() & 255])]);
        for (const input of [damaged, cut, longer]) {
          const wanted = zlibInflated(input);
          for (const size of new Set([bytes.length, wanted?.length ?? 0])) {
            const result = inflated(input, size);
            // A stricter answer is no fault: zlib is asked again for what is refused.
            if (result !== undefined) expect(wanted?.equals(result)).toBe(true);
          }
          if (wanted !== undefined) expect(inflated(input, wanted.length)?.equals(wanted)).toBe(true);
        }
        expect(inflated(packed, bytes.length)?.equals(bytes)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it('takes noise only as zlib takes it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(2_000), (input, size) => {
        const result = inflated(input, size);
        if (result !== undefined) expect(zlibInflated(input)?.equals(result)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it('refuses distances before the beginning', () => {
    // A block of the fixed code: the literal "a", then a match of 3 bytes from 2 bytes before.
    const bits = ['1', '10', '10010001', '0000001', '00001', '0000000'].join('');
    const packed = Buffer.alloc(Math.ceil(bits.length / 8));
    [...bits].forEach((bit, at) => (packed[at >> 3] = (packed[at >> 3] ?? 0) | (Number(bit) << (at & 7))));
    expect(zlibInflated(packed)).toBeUndefined();
    for (const size of [1, 3, 4]) expect(inflated(packed, size)).toBeUndefined();
  });

  it('takes a mebibyte, and nothing that is larger, packed or unpacked', () => {
    const most = Buffer.alloc(1024 * 1024, 'most of it');
    expect(inflated(deflateRawSync(most), most.length)?.equals(most)).toBe(true);
    const stored = Buffer.alloc(262_000, 'stored');
    expect(inflated(deflateRawSync(stored, { level: 0 }), stored.length)?.equals(stored)).toBe(true);
    expect(inflated(deflateRawSync(Buffer.alloc(most.length + 1)), most.length + 1)).toBeUndefined();
    expect(inflated(deflateRawSync(Buffer.alloc(270_000), { level: 0 }), 270_000)).toBeUndefined();
    expect(inflater.inflate(Buffer.alloc(4), 10, 4, 0)).toBe(false);
  });

  it('is not there without WebAssembly, or with less than it needs', () => {
    expect(Inflater.create(null)).toBeNull();
    const failing = {
      Module: class {
        constructor() {
          throw new Error('no SIMD');
        }
      },
    };
    expect(Inflater.create(failing)).toBeNull();
  });
});
