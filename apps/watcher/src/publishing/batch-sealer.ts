import { constants, gzipSync } from 'node:zlib';
import type { BatchCompression, PackJob, PlainBatch, ProducerNumbers } from './batch-packer.port.js';
import { crc32c } from './crc32c.js';
import { RecordDeflater } from './record-deflater.js';

/** First offset, length, leader epoch, magic, checksum: what stands before the part that the checksum is of. */
const CHECKED_FROM = 8 + 4 + 4 + 1 + 4;
/** Attributes, last offset, two times, producer, its epoch, first sequence, number of records. */
const BATCH_HEADER_BYTES = CHECKED_FROM + 2 + 4 + 8 + 8 + 8 + 2 + 4 + 4;
const MAGIC = 2;
const GZIP_ATTRIBUTE = 1;
/** Below this there is little to gain: what begins a packed batch takes 125 bytes. */
const MIN_COMPRESSED_BYTES = 512;
const GZIP = { level: constants.Z_BEST_SPEED };
const TWO_32 = 0x1_0000_0000;

/** Compresses records and puts the header of Kafka's record batches (format 2) before them. */
export class BatchSealer {
  readonly #deflater: RecordDeflater | null;

  constructor(deflater: RecordDeflater | null = RecordDeflater.create()) {
    this.#deflater = deflater;
  }

  /** Writes the batches of a job into `target`, one after the other, and returns where each ends; see `sealedBound`. */
  sealAll({ plain, batches, producer, compression }: PackJob, target: Buffer): number[] {
    let at = 0;
    return batches.map((batch) => {
      at = this.#seal(plain.subarray(batch.from, batch.to), batch, producer, compression, target, at);
      return at;
    });
  }

  #seal(
    plain: Uint8Array,
    { count, firstAt, lastAt, firstSequence }: PlainBatch,
    producer: ProducerNumbers,
    compression: BatchCompression,
    batch: Buffer,
    start: number,
  ): number {
    const recordsAt = start + BATCH_HEADER_BYTES;
    const wanted = compression === 'gzip' && plain.length >= MIN_COMPRESSED_BYTES;
    const packedEnd = wanted ? this.#pack(plain, batch, recordsAt) : -1;
    if (packedEnd < 0) batch.set(plain, recordsAt);
    const end = packedEnd < 0 ? recordsAt + plain.length : packedEnd;
    let at = writeInt64(batch, 0, start);
    at = batch.writeInt32BE(end - at - 4, at);
    at = batch.writeInt32BE(-1, at);
    at = batch.writeInt8(MAGIC, at);
    const checksumAt = at;
    at += 4;
    at = batch.writeInt16BE(packedEnd < 0 ? 0 : GZIP_ATTRIBUTE, at);
    at = batch.writeInt32BE(count - 1, at);
    at = writeInt64(batch, firstAt, at);
    at = writeInt64(batch, lastAt, at);
    at = batch.writeBigInt64BE(producer.id, at);
    at = batch.writeInt16BE(producer.epoch, at);
    at = batch.writeInt32BE(firstSequence, at);
    batch.writeInt32BE(count, at);
    batch.writeUInt32BE(crc32c(batch, start + CHECKED_FROM, end), checksumAt);
    return end;
  }

  /** Where the packed records end; -1 when they are to stay as they are. */
  #pack(plain: Uint8Array, batch: Buffer, at: number): number {
    const deflater = this.#deflater;
    // Nearly all batches: topics take 1 MiB by default.
    if (deflater !== null && plain.length <= deflater.largest) return deflater.pack(plain, batch, at);
    const packed = gzipSync(plain, GZIP);
    if (packed.length >= plain.length) return -1;
    batch.set(packed, at);
    return at + packed.length;
  }
}

/** Bytes that the sealed batches of a job take at most. */
export function sealedBound({ plain, batches }: PackJob): number {
  return plain.length + batches.length * BATCH_HEADER_BYTES;
}

/** A whole number from 0 to 2^53−1. */
function writeInt64(target: Buffer, value: number, at: number): number {
  const upper = Math.floor(value / TWO_32);
  return target.writeUInt32BE(value - upper * TWO_32, target.writeUInt32BE(upper, at));
}
