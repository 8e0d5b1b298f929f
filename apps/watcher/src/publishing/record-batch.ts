import type { FinishedEvent } from '../pipeline/finished-event.js';
import type { PackJob, PlainBatch } from './batch-packer.port.js';
import { eventHeaderTexts } from './cloud-events-codec.js';

/** The events of one batch, in order, at least one. */
export interface BatchEvents {
  readonly events: readonly FinishedEvent[];
  /** Number of the first of them within the partition, counted by the producer. */
  readonly firstSequence: number;
}

/** A varint of 64 bits at most. */
const MAX_VARINT_BYTES = 10;
/** More than a usual request has. */
const KEPT_BYTES = 8 * 1_024 * 1_024;

/**
 * Writes the records of Kafka's record batches (format 2: https://kafka.apache.org/documentation/#recordbatch) from finished
 * events, with the CloudEvents headers. One buffer is kept and used again.
 */
export class RecordWriter {
  #scratch = Buffer.allocUnsafeSlow(64 * 1_024);
  #at = 0;

  /** The records of all batches, one batch after the other; to be used before the next call. */
  write(batches: readonly BatchEvents[]): Pick<PackJob, 'plain' | 'batches'> {
    // An unusual burst must not hold its memory for ever.
    if (this.#scratch.length > KEPT_BYTES) this.#scratch = Buffer.allocUnsafeSlow(64 * 1_024);
    this.#at = 0;
    const written = batches.map((batch) => this.#batch(batch));
    return { plain: this.#scratch.subarray(0, this.#at), batches: written };
  }

  #batch({ events, firstSequence }: BatchEvents): PlainBatch {
    const from = this.#at;
    const firstAt = events[0]!.recordedAt;
    let lastAt = firstAt;
    for (let index = 0; index < events.length; index += 1) {
      const event = events[index]!;
      this.#record(event, index, event.recordedAt - firstAt);
      if (event.recordedAt > lastAt) lastAt = event.recordedAt;
    }
    return { from, to: this.#at, count: events.length, firstAt, lastAt, firstSequence };
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
