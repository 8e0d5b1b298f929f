import { createGunzip, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FrameDecodeError } from '../errors/connection-errors.js';
import { GzipUnpacker } from './gzip-unpacker.js';
import { unpackPayload } from './unpack.js';

/** Letters that repeat only now and then. */
const bytes = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * i * 31 + (i >> 5)) & 0xff));

describe('unpacking with one handle', () => {
  const unpacker = new GzipUnpacker();

  it('gives what gunzipSync gives, payload after payload', () => {
    const results = [0, 1, 100, 5_000, 20_000, 300_000, 16_000, 16_000, 16_000, 16_000, 16_000].map((length) => ({
      given: bytes(length),
      unpacked: unpacker.unpack(gzipSync(bytes(length)), length),
    }));
    // Looked at in the end: a later payload must not write over an earlier one.
    for (const { given, unpacked } of results) expect(Buffer.compare(unpacked ?? Buffer.from('none'), given)).toBe(0);
  });

  it('takes payloads of several members', () => {
    const payload = Buffer.concat([gzipSync('one'), gzipSync(' two')]);
    expect(Buffer.from(unpacker.unpack(payload, 7) ?? []).toString()).toBe('one two');
  });

  it('leaves what is broken to gunzipSync, and goes on after it', () => {
    const whole = gzipSync(bytes(3_000));
    const broken = Buffer.from(whole);
    broken[200] = (broken[200] ?? 0) ^ 0xff;
    const longer = Buffer.concat([whole, Buffer.from('garbage')]);
    for (const payload of [broken, whole.subarray(0, 500), whole.subarray(0, -9), longer]) {
      expect(unpacker.unpack(payload, 3_000)).toBeUndefined();
      expect(unpacker.unpack(whole, 3_000)).toEqual(bytes(3_000));
    }
    expect(unpacker.unpack(whole, 2_999)).toBeUndefined();
    expect(unpacker.unpack(whole, 3_001)).toBeUndefined();
    expect(unpacker.unpack(whole, 3_000)).toEqual(bytes(3_000));
  });

  it('does nothing where zlib offers no such handle', () => {
    const gunzip = createGunzip();
    Object.defineProperty(gunzip, '_handle', { value: { reset: () => undefined } });
    expect(new GzipUnpacker(gunzip).unpack(gzipSync('x'), 1)).toBeUndefined();
  });
});

describe('unpacking a payload', () => {
  it('agrees with gunzipSync on every cut and on damage', () => {
    const payload = gzipSync(bytes(700));
    const outcome = (unpack: (payload: Uint8Array) => Uint8Array, input: Uint8Array) => {
      try {
        return Buffer.from(unpack(input)).toString('hex');
      } catch {
        return 'refused';
      }
    };
    for (let length = 18; length <= payload.length; length += 1) {
      const cut = payload.subarray(0, length);
      const damaged = Buffer.from(payload);
      damaged[length - 1] = (damaged[length - 1] ?? 0) ^ 0x55;
      for (const input of [cut, damaged]) {
        const ours = outcome((given) => unpackPayload(given, 1_000_000), input);
        // A trailer that promises more than allowed is refused before it is unpacked.
        if (ours !== 'refused') expect(ours).toBe(outcome(gunzipSync, input));
        else expect(() => unpackPayload(input, 1_000_000)).toThrow(FrameDecodeError);
      }
    }
    expect(Buffer.compare(unpackPayload(payload, 1_000_000), bytes(700))).toBe(0);
  });
});
