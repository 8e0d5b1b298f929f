import fc from 'fast-check';
import { createGzip, type Gzip, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { GzipPacker } from './gzip-packer.js';

const LARGEST = 8_192;
const whole = (bytes: Uint8Array): Buffer => gzipSync(bytes, { level: 1 });

describe('a packer of small pieces', () => {
  it('gives the bytes of gzipSync for any pieces one after the other', () => {
    const packer = new GzipPacker(LARGEST);
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: LARGEST }),
      fc.string({ maxLength: 2_000 }).map((text) => Buffer.from(text.repeat(3)).subarray(0, LARGEST)),
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 5 }), (pieces) => {
        for (const bytes of pieces) expect(packer.pack(bytes)?.equals(whole(bytes))).toBe(true);
      }),
    );
  });

  it('takes the largest piece that cannot be made smaller, and nothing larger', () => {
    const packer = new GzipPacker(LARGEST);
    const noise = Buffer.from(
      Array.from({ length: LARGEST }, (_, n) => (Math.imul(n + 1, 2_654_435_761) >>> 13) & 0xff),
    );
    expect(packer.pack(noise)?.equals(whole(noise))).toBe(true);
    expect(packer.pack(Buffer.alloc(LARGEST + 1))).toBeUndefined();
    expect(packer.pack(Buffer.from('after'))?.equals(whole(Buffer.from('after')))).toBe(true);
  });

  it('leaves it to gzipSync where zlib is not made as it is known', () => {
    for (const strange of [
      {},
      { _handle: null },
      { _handle: { writeSync: () => undefined } },
      { _writeState: new Uint32Array(2) },
    ])
      expect(new GzipPacker(LARGEST, strange as unknown as Gzip).pack(Buffer.from('piece'))).toBeUndefined();
    const failing = createGzip() as unknown as {
      _handle: { writeSync: unknown; onerror: (m: string, n: number, c: string) => void };
    };
    const { _handle: handle } = failing;
    handle.writeSync = () => handle.onerror('broken', -2, 'Z_STREAM_ERROR');
    expect(new GzipPacker(LARGEST, failing as unknown as Gzip).pack(Buffer.from('piece'))).toBeUndefined();
  });
});
