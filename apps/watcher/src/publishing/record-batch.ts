import { constants, gzipSync } from 'node:zlib';
import { eventHeaders } from './cloud-events-codec.js';
import { crc32c } from './crc32c.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';

export type BatchCompression = 'gzip' | 'none';

/** What makes a batch the same one when it is sent again. */
export interface BatchNumbers {
  /** Given by the brokers, one for each producer. */
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Number of the first record within the partition, counted by the producer. */
  readonly firstSequence: number;
}

/** First offset, length, leader epoch, magic, checksum: what stands before the part that the checksum is of. */
const CHECKED_FROM = 8 + 4 + 4 + 1 + 4;
/** Attributes, last offset, two times, producer, its epoch, first sequence, number of records. */
const HEADER_BYTES = CHECKED_FROM + 2 + 4 + 8 + 8 + 8 + 2 + 4 + 4;
const MAGIC = 2;
const GZIP_ATTRIBUTE = 1;
/** Below this, one event or two, the gain is less than what setting up a compressor costs. */
const MIN_COMPRESSED_BYTES = 1_024;
const GZIP = { level: constants.Z_BEST_SPEED };

/** A varint of 64 bits at most. */
const MAX_VARINT_BYTES = 10;

/**
 * Makes Kafka's record batches (format 2: https://kafka.apache.org/documentation/#recordbatch) of finished events, with the
 * CloudEvents headers. One buffer is kept and used again for the records of every batch.
 */
export class RecordBatchEncoder {
  #scratch = Buffer.allocUnsafeSlow(64 * 1_024);
  #at = 0;

  constructor(private readonly compression: BatchCompression) {}

  /** A whole batch for one partition, in the given order. `events` is not empty. */
  encode(events: readonly FinishedEvent[], numbers: BatchNumbers): Buffer {
    this.#at = HEADER_BYTES;
    const firstAt = events[0]!.recordedAt;
    let lastAt = firstAt;
    for (let index = 0; index < events.length; index += 1) {
      const event = events[index]!;
      this.#record(event, index, event.recordedAt - firstAt);
      if (event.recordedAt > lastAt) lastAt = event.recordedAt;
    }
    return this.#seal(events.length, firstAt, lastAt, numbers);
  }

  #seal(count: number, firstAt: number, lastAt: number, numbers: BatchNumbers): Buffer {
    const plain = this.#scratch.subarray(HEADER_BYTES, this.#at);
    const packed =
      this.compression === 'gzip' && plain.length >= MIN_COMPRESSED_BYTES ? gzipSync(plain, GZIP) : undefined;
    const records = packed ?? plain;
    const batch = Buffer.allocUnsafeSlow(HEADER_BYTES + records.length);
    let at = batch.writeBigInt64BE(0n, 0);
    at = batch.writeInt32BE(batch.length - at - 4, at);
    at = batch.writeInt32BE(-1, at);
    at = batch.writeInt8(MAGIC, at);
    at += 4;
    at = batch.writeInt16BE(packed === undefined ? 0 : GZIP_ATTRIBUTE, at);
    at = batch.writeInt32BE(count - 1, at);
    at = batch.writeBigInt64BE(BigInt(firstAt), at);
    at = batch.writeBigInt64BE(BigInt(lastAt), at);
    at = batch.writeBigInt64BE(numbers.producerId, at);
    at = batch.writeInt16BE(numbers.producerEpoch, at);
    at = batch.writeInt32BE(numbers.firstSequence, at);
    batch.writeInt32BE(count, at);
    records.copy(batch, HEADER_BYTES);
    batch.writeUInt32BE(crc32c(batch, CHECKED_FROM), CHECKED_FROM - 4);
    return batch;
  }

  #record(event: FinishedEvent, offsetDelta: number, timestampDelta: number): void {
    const headers = eventHeaders(event);
    let body = 1 + varintBytes(timestampDelta) + varintBytes(offsetDelta) + textBytes(event.key);
    body += varintBytes(event.value.length) + event.value.length;
    let count = 0;
    for (const name in headers) {
      body += textBytes(name) + textBytes(headers[name]!);
      count += 1;
    }
    body += varintBytes(count);
    this.#ensure(body + MAX_VARINT_BYTES);
    this.#varint(body);
    this.#scratch[this.#at++] = 0;
    this.#varint(timestampDelta);
    this.#varint(offsetDelta);
    this.#text(event.key);
    this.#varint(event.value.length);
    this.#at += event.value.copy(this.#scratch, this.#at);
    this.#varint(count);
    for (const name in headers) {
      this.#text(name);
      this.#text(headers[name]!);
    }
  }

  #ensure(bytes: number): void {
    if (this.#at + bytes <= this.#scratch.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#at + bytes, this.#scratch.length * 2));
    this.#scratch.copy(larger, 0, 0, this.#at);
    this.#scratch = larger;
  }

  /** Zigzag, seven bits a byte. Exact for all safe integers above -2^52. */
  #varint(value: number): void {
    let rest = value < 0 ? -2 * value - 1 : 2 * value;
    while (rest >= 0x80) {
      this.#scratch[this.#at++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#scratch[this.#at++] = rest;
  }

  #text(text: string): void {
    const bytes = Buffer.byteLength(text);
    this.#varint(bytes);
    if (bytes === text.length) {
      const scratch = this.#scratch;
      for (let index = 0; index < bytes; index += 1) scratch[this.#at + index] = text.charCodeAt(index);
    } else {
      this.#scratch.write(text, this.#at);
    }
    this.#at += bytes;
  }
}

function textBytes(text: string): number {
  const bytes = Buffer.byteLength(text);
  return varintBytes(bytes) + bytes;
}

function varintBytes(value: number): number {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let bytes = 1;
  while (rest >= 0x80) {
    rest = Math.floor(rest / 0x80);
    bytes += 1;
  }
  return bytes;
}

/** What a record costs beside its texts and its value: lengths, times and the like, rounded up. */
const RECORD_OVERHEAD_BYTES = 128;

/** An upper bound of the bytes that the event's record takes in a batch before compression. */
export function recordBytes(event: FinishedEvent): number {
  let bytes = RECORD_OVERHEAD_BYTES + event.key.length * 3 + event.value.length;
  const headers = eventHeaders(event);
  for (const name in headers) bytes += name.length + headers[name]!.length * 3 + 8;
  return bytes;
}
