import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonBytes, Literal } from './json-bytes.js';

const json = new JsonBytes(4096);

/** What `write` writes, as text. */
function written(write: () => unknown): string {
  json.reserve(2048);
  const start = json.at;
  write();
  return json.out.toString('utf8', start, json.at);
}

function inside(bytes: Buffer): string | undefined {
  let valid = false;
  const text = written(() => {
    valid = json.text(bytes, new DataView(bytes.buffer), bytes.byteOffset, bytes.byteOffset + bytes.length);
  });
  return valid ? `"${text}"` : undefined;
}

/** Bytes over a piece of memory of which positions are counted from its beginning. */
const whole = (bytes: Uint8Array) => {
  const memory = Buffer.allocUnsafeSlow(bytes.length);
  memory.set(bytes);
  return memory;
};

describe('JSON as bytes', () => {
  it('has texts as JSON.stringify writes them', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(inside(whole(Buffer.from(text)))).toBe(JSON.stringify(Buffer.from(text).toString()));
      }),
    );
    const controls = String.fromCharCode(...Array.from({ length: 128 }, (_, code) => code));
    expect(inside(whole(Buffer.from(controls)))).toBe(JSON.stringify(controls));
  });

  it('refuses what is not UTF-8, and nothing else', () => {
    const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    const lead = fc.constantFrom(0x41, 0x80, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xed, 0xef, 0xf0, 0xf4, 0xf5, 0xff);
    fc.assert(
      fc.property(fc.array(fc.oneof(lead, fc.integer({ min: 0x78, max: 0xc8 })), { maxLength: 8 }), (codes) => {
        const bytes = whole(Uint8Array.from(codes));
        let text: string | undefined;
        try {
          text = strict.decode(bytes);
        } catch (error) {
          if (!(error instanceof TypeError)) throw error;
        }
        expect(inside(bytes)).toBe(text === undefined ? undefined : JSON.stringify(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('has numbers digit by digit', () => {
    const halves = fc.tuple(
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
    );
    fc.assert(
      fc.property(halves, ([high, low]) => {
        const bits = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
        expect(written(() => json.int64(high, low, true))).toBe(`${BigInt.asIntN(64, bits)}`);
        expect(written(() => json.int64(high, low, false))).toBe(`${bits}`);
        expect(written(() => json.int32(low))).toBe(`${low}`);
      }),
    );
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(written(() => json.whole(value))).toBe(`${value}`);
      }),
    );
    for (let power = 1; power <= Number.MAX_SAFE_INTEGER; power *= 10) {
      for (const value of [power - 1, power, -power]) expect(written(() => json.whole(value))).toBe(`${value + 0}`);
    }
    expect(written(() => json.padded(42, 12))).toBe('000000000042');
  });

  it('has times of RFC 3339', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
        expect(written(() => json.timestamp(ms))).toBe(new Date(ms).toISOString());
      }),
    );
  });

  it('has times of RFC 3339 of several days in turn', () => {
    const moments = fc.tuple(fc.integer({ min: 19_900, max: 19_903 }), fc.integer({ min: 0, max: 86_399_999 }));
    fc.assert(
      fc.property(fc.array(moments), (several) => {
        for (const [day, rest] of several) {
          const ms = day * 86_400_000 + rest;
          expect(written(() => json.timestamp(ms))).toBe(new Date(ms).toISOString());
        }
      }),
    );
  });

  it('says when it is full, and writes nothing behind its end', () => {
    const small = new JsonBytes(16);
    small.literal(new Literal('0123456789'));
    expect(small.full).toBe(false);
    small.literal(new Literal('0123456789'));
    expect(small.full).toBe(true);
    small.at = 0;
    const bytes = whole(Buffer.from('four'));
    expect(small.text(bytes, new DataView(bytes.buffer), 0, 4)).toBe(false);
    expect(small.full).toBe(true);
    small.at = 10;
    small.reserve(8);
    expect(small.at).toBe(0);
  });
});
