import { gunzipSync } from 'node:zlib';
import { randomBytes } from 'node:crypto';
import { sampleEvent } from '@livetap/testkit';
import fc from 'fast-check';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import decodeRecordBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder.js';
import { describe, expect, it } from 'vitest';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import type { BatchCompression } from './batch-packer.port.js';
import { BatchSealer, sealedBound } from './batch-sealer.js';
import { eventHeaders } from './cloud-events-codec.js';
import { crc32c } from './crc32c.js';
import { batchesOf } from './inline-batch-packer.js';
import { RecordDeflater } from './record-deflater.js';
import { type BatchEvents, recordBytes, RecordWriter } from './record-batch.js';

const PRODUCER = { id: 4_294_967_296_001n, epoch: 3 };
const FIRST_SEQUENCE = 2_147_483_000;
/** Where a batch holds its checksum, and where the part begins that it is of. */
const CHECKSUM_AT = 17;
const CHECKED_FROM = 21;

const events = fc.array(
  fc
    .record({
      key: fc.string({ unit: 'grapheme', maxLength: 30 }),
      id: fc.oneof(fc.stringMatching(/^[0-9]{1,19}$/), fc.string({ unit: 'grapheme', maxLength: 200 })),
      recordedAt: fc.integer({ min: 0, max: 2 ** 44 }),
      value: fc.uint8Array({ maxLength: 3_000 }).map((bytes) => Buffer.from(bytes)),
    })
    .map((changes) => sampleEvent(1, changes)),
  { minLength: 1, maxLength: 40 },
);

function encode(some: readonly FinishedEvent[], compression: BatchCompression = 'gzip'): Buffer {
  return encodeAll([{ events: some, firstSequence: FIRST_SEQUENCE }], compression)[0]!;
}

function encodeAll(
  batches: readonly BatchEvents[],
  compression: BatchCompression,
  writer = new RecordWriter(),
): readonly Buffer[] {
  const job = { ...writer.write(batches), producer: PRODUCER, compression };
  const target = Buffer.alloc(sealedBound(job));
  return batchesOf(target, new BatchSealer().sealAll(job, target));
}

describe('a record batch', () => {
  it('is read by a Kafka client as the events that went in', async () => {
    await fc.assert(
      fc.asyncProperty(events, fc.constantFrom('gzip', 'none'), async (some, compression) => {
        const batch = await decodeRecordBatch(new Decoder(encode(some, compression)));
        expect(batch).toMatchObject({
          producerId: String(PRODUCER.id),
          producerEpoch: PRODUCER.epoch,
          firstSequence: FIRST_SEQUENCE,
          lastOffsetDelta: some.length - 1,
          maxTimestamp: String(Math.max(...some.map(({ recordedAt }) => recordedAt))),
        });
        const read = batch.records.map(({ key, value, headers, timestamp, offset }) => ({
          key: String(key),
          value,
          headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)])),
          timestamp,
          offset,
        }));
        expect(read).toEqual(
          some.map((event, index) => ({
            key: event.key,
            value: event.value,
            headers: eventHeaders(event),
            timestamp: String(event.recordedAt),
            offset: String(index),
          })),
        );
      }),
    );
  });

  it('has a checksum over everything behind it', () => {
    const batch = encode([sampleEvent(1), sampleEvent(2)]);
    expect(batch.readUInt32BE(CHECKSUM_AT)).toBe(crc32c(batch.subarray(CHECKED_FROM)));
    expect(batch.readInt32BE(8)).toBe(batch.length - 12);
  });

  it('is compressed where that gains something, and only when asked for', () => {
    const many = Array.from({ length: 50 }, (_, n) => sampleEvent(n));
    const bytes = many.reduce((sum, { value }) => sum + value.length, 0);
    expect(encode(many).length).toBeLessThan(bytes / 2);
    expect(encode(many, 'none').length).toBeGreaterThan(bytes);
    expect(encode([sampleEvent(1)])).toEqual(encode([sampleEvent(1)], 'none'));
  });

  it('stands as it is where it cannot be made smaller', () => {
    const event = sampleEvent(1, { value: randomBytes(5_000) });
    expect(encode([event])).toEqual(encode([event], 'none'));
  });

  it('holds nothing of the request before it', () => {
    const writer = new RecordWriter();
    const large = sampleEvent(1, { value: Buffer.alloc(9_000_000, 1) });
    encodeAll([{ events: [large], firstSequence: 0 }], 'none', writer);
    const next = [{ events: [sampleEvent(2)], firstSequence: FIRST_SEQUENCE }];
    expect(encodeAll(next, 'none', writer)).toEqual([encode([sampleEvent(2)], 'none')]);
  });

  it('is packed by zlib without WebAssembly, and where it is larger than what is packed there', () => {
    const few = [1, 2, 3].map((n) => sampleEvent(n, { value: Buffer.alloc(1_000, `few ${n}`) }));
    const large = [sampleEvent(1, { value: Buffer.alloc(1_500_000, 'large') })];
    for (const [some, deflater] of [
      [few, null],
      [large, RecordDeflater.create()],
    ] as const) {
      const job = {
        ...new RecordWriter().write([{ events: some, firstSequence: FIRST_SEQUENCE }]),
        ...{ producer: PRODUCER, compression: 'gzip' as const },
      };
      const target = Buffer.alloc(sealedBound(job));
      const [end = 0] = new BatchSealer(deflater).sealAll(job, target);
      const records = gunzipSync(target.subarray(61, end));
      expect(end).toBeLessThan(job.plain.length / 2);
      expect(records.equals(job.plain)).toBe(true);
    }
  });

  it('is the same beside others', () => {
    const batches = [1, 5, 60, 2, 90].map((size) => Array.from({ length: size }, (_, n) => sampleEvent(n + size)));
    for (const compression of ['gzip', 'none'] as const) {
      const together = batches.map((events) => ({ events, firstSequence: FIRST_SEQUENCE }));
      expect(encodeAll(together, compression)).toEqual(batches.map((events) => encode(events, compression)));
    }
  });

  it('is never larger than the bound of its records says', () => {
    fc.assert(
      fc.property(events, (some) => {
        const bound = some.reduce((sum, event) => sum + recordBytes(event), 0);
        expect(encode(some, 'none').length).toBeLessThanOrEqual(bound + 61);
      }),
    );
  });
});

describe('crc32c', () => {
  // RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms.
  it.each([
    [Buffer.from('123456789'), 0xe3069283],
    [Buffer.alloc(32), 0x8a9136aa],
    [Buffer.alloc(32, 0xff), 0x62a8ab43],
    [Buffer.from(Array.from({ length: 32 }, (_, n) => n)), 0x46dd794e],
  ])('of %s', (bytes, checksum) => {
    expect(crc32c(bytes)).toBe(checksum);
  });
});
