import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { FrameDecodeError } from '../errors/connection-errors.js';
import { GzipUnpacker } from './gzip-unpacker.js';
import { unpackPayload } from './unpack.js';

/** Letters that repeat only now and then. */
const bytes = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * i * 31 + (i >> 5)) & 0xff));

describe('unpacking with one inflater', () => {
  const unpacker = new GzipUnpacker();
  const whole = () => gzipSync(bytes(3_000));

  it('gives what gunzipSync gives, payload after payload', () => {
    const results = [0, 1, 100, 5_000, 20_000, 300_000, 16_000, 16_000, 16_000, 16_000, 16_000].map((length) => ({
      given: bytes(length),
      unpacked: unpacker.unpack(gzipSync(bytes(length)), length),
    }));
    // Looked at in the end: a later payload must not write over an earlier one.
    for (const { given, unpacked } of results) expect(Buffer.compare(unpacked ?? Buffer.from('none'), given)).toBe(0);
  });

  it('leaves payloads of several members and longer headers to gunzipSync', () => {
    const several = Buffer.concat([gzipSync('one'), gzipSync(' two')]);
    const packed = gzipSync('named');
    const named = Buffer.concat([packed.subarray(0, 10), Buffer.from('name\0'), packed.subarray(10)]);
    named[3] = 8;
    for (const [payload, size] of [
      [several, 7],
      [named, 5],
    ] as const)
      expect(unpacker.unpack(payload, size)).toBeUndefined();
    expect(Buffer.from(unpackPayload(several, 100)).toString()).toBe('one two');
    expect(Buffer.from(unpackPayload(named, 100)).toString()).toBe('named');
  });

  it('leaves what is broken to gunzipSync, and goes on after it', () => {
    const broken = whole();
    // The lengths of the codes.
    broken[12] = (broken[12] ?? 0) ^ 0xff;
    const longer = Buffer.concat([whole(), Buffer.from('garbage')]);
    for (const payload of [broken, whole().subarray(0, 500), whole().subarray(0, -9), longer]) {
      expect(unpacker.unpack(payload, 3_000)).toBeUndefined();
      expect(unpacker.unpack(whole(), 3_000)).toEqual(bytes(3_000));
    }
    expect(unpacker.unpack(whole(), 2_999)).toBeUndefined();
    expect(unpacker.unpack(whole(), 3_001)).toBeUndefined();
    expect(unpacker.unpack(whole(), 3_000)).toEqual(bytes(3_000));
  });

  it('lends one payload at a time, and unpacks nothing over it', () => {
    const [first, second] = [bytes(3_000), bytes(500)];
    const lent = unpacker.lend(gzipSync(first), 3_000);
    expect(lent).toEqual(first);
    expect(unpacker.lend(gzipSync(second), 500)).toBeUndefined();
    expect(unpacker.unpack(gzipSync(second), 500)).toBeUndefined();
    unpacker.giveBack(bytes(3_000));
    expect(unpacker.unpack(gzipSync(second), 500)).toBeUndefined();
    expect(lent).toEqual(first);
    unpacker.giveBack(lent ?? first);
    expect(unpacker.lend(whole(), 3_001)).toBeUndefined();
    const next = unpacker.lend(gzipSync(second), 500);
    expect(next).toEqual(second);
    unpacker.giveBack(next ?? second);
    expect(unpacker.unpack(whole(), 3_000)).toEqual(first);
  });

  it('does nothing without an inflater', () => {
    expect(new GzipUnpacker(null).unpack(gzipSync('x'), 1)).toBeUndefined();
  });
});

describe('unpacking a payload', () => {
  const payload = gzipSync(bytes(700));
  const outcome = (unpack: (payload: Uint8Array) => Uint8Array, input: Uint8Array) => {
    try {
      return Buffer.from(unpack(input)).toString('hex');
    } catch (error) {
      return error instanceof FrameDecodeError || unpack === gunzipSync ? 'refused' : String(error);
    }
  };
  const ours = (input: Uint8Array) => outcome((given) => unpackPayload(given, 1_000_000), input);

  it('agrees with gunzipSync on every cut', () => {
    for (let length = 18; length < payload.length; length += 1)
      expect(ours(payload.subarray(0, length))).toBe(outcome(gunzipSync, payload.subarray(0, length)));
    expect(ours(payload)).toBe(bytes(700).toString('hex'));
  });

  it('refuses damage, or gives as many bytes as were promised: the checksum is not looked at', () => {
    let refused = 0;
    for (let at = 3; at < payload.length - 4; at += 1) {
      const damaged = Buffer.from(payload);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      const result = ours(damaged);
      if (result === 'refused') refused += 1;
      else expect(result).toHaveLength(2 * 700);
    }
    expect(refused).toBeGreaterThan(0);
    expect(ours(payload)).toBe(bytes(700).toString('hex'));
  });
});
