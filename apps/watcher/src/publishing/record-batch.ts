import { promisify } from 'node:util';
import { constants, gzip, gzipSync } from 'node:zlib';
import { eventHeaderTexts } from './cloud-events-codec.js';
import { crc32c } from './crc32c.js';
import { GzipPacker } from './gzip-packer.js';
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
/** From here on compressing takes longer (some 30 µs) than handing it to another thread. */
const MIN_THREADED_BYTES = 8 * 1_024;
const gzipInThread = promisify(gzip) as (bytes: Uint8Array, options: typeof GZIP) => Promise<Buffer>;

/** What is said of a batch's records beside themselves. */
interface BatchFacts {
  readonly count: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly numbers: BatchNumbers;
}

/** A varint of 64 bits at most. */
const MAX_VARINT_BYTES = 10;

/**
 * Makes Kafka's record batches (format 2: https://kafka.apache.org/documentation/#recordbatch) of finished events, with the
 * CloudEvents headers. One buffer is kept and used again for the records of every batch.
 */
export class RecordBatchEncoder {
  #scratch = Buffer.allocUnsafeSlow(64 * 1_024);
  readonly #packer = new GzipPacker(MIN_THREADED_BYTES);
  #at = 0;

  constructor(private readonly compression: BatchCompression) {}

  /** A whole batch for one partition, in the given order. `events` is not empty. */
  encode(events: readonly FinishedEvent[], numbers: BatchNumbers): Buffer {
    const facts = this.#write(events, numbers);
    const plain = this.#records;
    return this.#compresses(plain) ? seal(facts, this.#packed(plain), true) : seal(facts, plain, false);
  }

  /**
   * The same bytes; a large batch is compressed in one of the runtime's threads, several of them at once. `events` are read
   * before this returns.
   */
  async encodeThreaded(events: readonly FinishedEvent[], numbers: BatchNumbers): Promise<Buffer> {
    const facts = this.#write(events, numbers);
    const plain = this.#records;
    if (!this.#compresses(plain)) return seal(facts, plain, false);
    if (plain.length < MIN_THREADED_BYTES) return seal(facts, this.#packed(plain), true);
    // The kept buffer is needed for the next batch.
    return seal(facts, await gzipInThread(Buffer.from(plain), GZIP), true);
  }

  #packed(plain: Buffer): Buffer {
    return this.#packer.pack(plain) ?? gzipSync(plain, GZIP);
  }

  #compresses(plain: Buffer): boolean {
    return this.compression === 'gzip' && plain.length >= MIN_COMPRESSED_BYTES;
  }

  get #records(): Buffer {
    return this.#scratch.subarray(0, this.#at);
  }

  #write(events: readonly FinishedEvent[], numbers: BatchNumbers): BatchFacts {
    this.#at = 0;
    const firstAt = events[0]!.recordedAt;
    let lastAt = firstAt;
    for (let index = 0; index < events.length; index += 1) {
      const event = events[index]!;
      this.#record(event, index, event.recordedAt - firstAt);
      if (event.recordedAt > lastAt) lastAt = event.recordedAt;
    }
    return { count: events.length, firstAt, lastAt, numbers };
  }

  #record(event: FinishedEvent, offsetDelta: number, timestampDelta: number): void {
    const headers = eventHeaderTexts(event);
    const start = this.#at;
    // All texts are ASCII but for what some unknown message may bring: only then their bytes are counted beforehand.
    if (this.#tryRecord(event, headers, offsetDelta, timestampDelta, asciiBytes)) return;
    this.#at = start;
    this.#tryRecord(event, headers, offsetDelta, timestampDelta, utf8Bytes);
  }

  /** False when a text takes more bytes than `bytesOf` said: then what was written is to be written over. */
  #tryRecord(
    { key, value }: FinishedEvent,
    headers: readonly string[],
    offsetDelta: number,
    timestampDelta: number,
    bytesOf: (text: string) => number,
  ): boolean {
    const count = headers.length / 2;
    let body = 1 + varintBytes(timestampDelta) + varintBytes(offsetDelta) + textBytes(bytesOf(key));
    body += varintBytes(value.length) + value.length + varintBytes(count);
    for (let at = 0; at < headers.length; at += 1) body += textBytes(bytesOf(headers[at]!));
    this.#ensure(body + MAX_VARINT_BYTES);
    this.#varint(body);
    this.#scratch[this.#at++] = 0;
    this.#varint(timestampDelta);
    this.#varint(offsetDelta);
    let fits = this.#text(key, bytesOf(key));
    this.#varint(value.length);
    this.#scratch.set(value, this.#at);
    this.#at += value.length;
    this.#varint(count);
    for (let at = 0; fits && at < headers.length; at += 1) fits = this.#text(headers[at]!, bytesOf(headers[at]!));
    return fits;
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

  /** False, and nothing to be used, when the text takes more than `bytes`. */
  #text(text: string, bytes: number): boolean {
    this.#varint(bytes);
    if (bytes !== text.length) {
      this.#at += this.#scratch.write(text, this.#at);
      return true;
    }
    const scratch = this.#scratch;
    const start = this.#at;
    let seen = 0;
    for (let index = 0; index < bytes; index += 1) {
      const code = text.charCodeAt(index);
      seen |= code;
      scratch[start + index] = code;
    }
    this.#at = start + bytes;
    return seen < 0x80;
  }
}

/** A batch with its header. `records`: of all events, as they are or compressed. */
function seal({ count, firstAt, lastAt, numbers }: BatchFacts, records: Buffer, packed: boolean): Buffer {
  const batch = Buffer.allocUnsafeSlow(HEADER_BYTES + records.length);
  let at = batch.writeBigInt64BE(0n, 0);
  at = batch.writeInt32BE(batch.length - at - 4, at);
  at = batch.writeInt32BE(-1, at);
  at = batch.writeInt8(MAGIC, at);
  at += 4;
  at = batch.writeInt16BE(packed ? GZIP_ATTRIBUTE : 0, at);
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

/** Of a text that is ASCII. */
function asciiBytes(text: string): number {
  return text.length;
}

function utf8Bytes(text: string): number {
  return Buffer.byteLength(text);
}

/** A text of so many bytes with its length before it. */
function textBytes(bytes: number): number {
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

/** What a record costs beside its texts and its value: lengths, times, the names and the content type of its headers, rounded up. */
const RECORD_OVERHEAD_BYTES = 384;

/** An upper bound of the bytes that the event's record takes in a batch before compression. */
export function recordBytes(event: FinishedEvent): number {
  const { key, id, type, source, sequence, raw, value } = event;
  let characters = key.length + id.length + type.length + source.length + (sequence?.length ?? 0);
  if (raw !== undefined) for (const text of eventHeaderTexts(event)) characters += text.length;
  // Three bytes of UTF-8 at most for each UTF-16 unit.
  return RECORD_OVERHEAD_BYTES + characters * 3 + value.length;
}
