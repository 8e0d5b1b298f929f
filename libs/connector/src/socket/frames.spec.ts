import { describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { generateUniqId } from '../common/random.js';
import { ackFrame, enterRoomFrame, heartbeatFrame } from './frames.js';
import { unpackPayload } from './unpack.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const ROOM = '7312345678901234567';

describe('frames of the client, byte for byte', () => {
  it('enter room', () => {
    expect(hex(enterRoomFrame(ROOM, '9223372036854775807'))).toBe(
      '320270623a0d696d5f656e7465725f726f6f6d422308879795cef0f4aabd65200c2a0861756469656e636540ffffffffffffffff7f4a0130',
    );
  });

  it('heartbeat', () => {
    expect(hex(heartbeatFrame(ROOM, 300))).toBe('320270623a026862420d08879795cef0f4aabd6510ac02');
  });

  it('ack, also of log ids beyond 2^63', () => {
    const golden =
      '10d6ffffffffffffffff01320270623a0361636b4224696e7465726e616c5f7372633a64696d7c7773735f707573685f726f6f6d5f69643ac3a9';
    expect(hex(ackFrame('-42', 'internal_src:dim|wss_push_room_id:é'))).toBe(golden);
    expect(hex(ackFrame('18446744073709551574', 'internal_src:dim|wss_push_room_id:é'))).toBe(golden);
  });

  it('ack of a frame without log id carries none', () => {
    expect(hex(ackFrame('0', 'x'))).toBe('320270623a0361636b420178');
  });

  it('makes positive 63-bit ids', () => {
    for (let n = 0; n < 200; n += 1) {
      const id = BigInt(generateUniqId());
      expect(id >= 1n && id < 2n ** 63n).toBe(true);
    }
  });
});

describe('unpacking', () => {
  it.each([0, 1, 100, 16_384, 16_385, 3_000_000])('gives back %i bytes', (size) => {
    const bytes = Buffer.alloc(size, 'webcast');
    expect(Buffer.compare(unpackPayload(gzipSync(bytes), 4_000_000), bytes)).toBe(0);
  });

  it('leaves other bytes alone', () => {
    const bytes = Buffer.from([0x1f, 0x8b, 0x09, ...Buffer.alloc(30)]);
    expect(unpackPayload(bytes, 10)).toBe(bytes);
    expect(unpackPayload(Buffer.alloc(0), 10)).toHaveLength(0);
  });

  it('refuses bombs, whether their trailer is honest or lies, and broken data', () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    expect(() => unpackPayload(bomb, 1_000_000)).toThrow(
      expect.objectContaining({ code: 'CONNECTOR_SOCKET_FRAME' }) as Error,
    );
    const lying = Buffer.from(bomb);
    lying.writeUInt32LE(100, lying.length - 4);
    expect(() => unpackPayload(lying, 1_000_000)).toThrow(
      expect.objectContaining({ code: 'CONNECTOR_SOCKET_FRAME' }) as Error,
    );
    const boasting = gzipSync(Buffer.from('small'));
    boasting.writeUInt32LE(0xffff_ffff, boasting.length - 4);
    expect(() => unpackPayload(boasting, 1_000_000)).toThrow(/more than/);
    expect(() => unpackPayload(gzipSync(Buffer.from('cut')).subarray(0, -9), 1_000_000)).toThrow(
      expect.objectContaining({ code: 'CONNECTOR_SOCKET_FRAME' }) as Error,
    );
  });
});
