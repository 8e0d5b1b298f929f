import { crc32 } from 'node:zlib';
import type { FinishedEvent, RawFacts, RawPlace } from '../pipeline/finished-event.js';
import type { StoredEvent } from './journal.port.js';

/**
 * The bytes of a segment file. All numbers are big-endian.
 *
 * Segment header (27 bytes): magic `LTJS`, version u8, first offset u48, created at f64 (ms since the epoch),
 * CRC-32 of the journal id, CRC-32 of the 23 bytes before.
 *
 * Record header (27 bytes): magic `LTJR`, CRC-32 of everything after this field, body length u32, file position where
 * the commit group of this record begins u32, offset of its first event u48, version u8, number of events u32.
 * Body: the events one after the other. Strings and values have their length before them (LEB128).
 *
 * The position of the commit group tells a torn tail from corruption: a group is written only after everything before
 * it was flushed, so damage before the group of a later good record was durable once.
 */
export const SEGMENT_HEADER_BYTES = 27;
export const RECORD_HEADER_BYTES = 27;

const VERSION = 1;
const SEGMENT_MAGIC = 0x4c544a53;
const RECORD_MAGIC = 0x4c544a52;
/** A record above this cannot be one: one tick holds a few MiB at the very most. */
const MAX_BODY_BYTES = 1024 * 1024 * 1024;

const FLAG_SEQUENCE = 1;
const FLAG_RAW = 2;
const FLAG_HISTORY = 4;
const FLAG_RAW_PLACE = 8;

export interface SegmentHeader {
  readonly firstOffset: number;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

export function encodeSegmentHeader(header: SegmentHeader, journalId: string): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  bytes.writeUInt32BE(SEGMENT_MAGIC, 0);
  bytes.writeUInt8(VERSION, 4);
  bytes.writeUIntBE(header.firstOffset, 5, 6);
  bytes.writeDoubleBE(header.createdAt, 11);
  bytes.writeUInt32BE(crc32(journalId), 19);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 23)), 23);
  return bytes;
}

/** undefined when the bytes are not a whole, undamaged header of this journal. */
export function decodeSegmentHeader(bytes: Buffer, journalId: string): SegmentHeader | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES) return undefined;
  if (bytes.readUInt32BE(0) !== SEGMENT_MAGIC || bytes.readUInt8(4) !== VERSION) return undefined;
  if (bytes.readUInt32BE(23) !== crc32(bytes.subarray(0, 23))) return undefined;
  if (bytes.readUInt32BE(19) !== crc32(journalId)) return undefined;
  return { firstOffset: bytes.readUIntBE(5, 6), createdAt: bytes.readDoubleBE(11) };
}

/** An upper bound of the bytes that one event takes in a record. */
export function eventSizeBound(event: FinishedEvent): number {
  const characters =
    event.topic.length +
    event.key.length +
    event.id.length +
    event.type.length +
    event.source.length +
    event.subject.length +
    (event.sequence?.length ?? 0) +
    (event.raw === undefined ? 0 : rawTexts(event.raw).reduce((sum, { length }) => sum + length, 0));
  // 3 bytes of UTF-8 at most for each UTF-16 unit; 64 for the flags, the time and fourteen lengths.
  return characters * 3 + event.value.length + 64;
}

/** An upper bound of the bytes of a record with these events. */
export function recordSizeBound(events: readonly FinishedEvent[]): number {
  return events.reduce((sum, event) => sum + eventSizeBound(event), RECORD_HEADER_BYTES);
}

/** Writes one record at `position` of `target` (large enough by `recordSizeBound`) and returns the position after it. */
export function encodeRecord(
  target: Buffer,
  position: number,
  events: readonly FinishedEvent[],
  place: { readonly firstOffset: number; readonly groupStart: number },
): number {
  let end = position + RECORD_HEADER_BYTES;
  for (const event of events) end = encodeEvent(target, end, event);
  target.writeUInt32BE(RECORD_MAGIC, position);
  target.writeUInt32BE(end - position - RECORD_HEADER_BYTES, position + 8);
  target.writeUInt32BE(place.groupStart, position + 12);
  target.writeUIntBE(place.firstOffset, position + 16, 6);
  target.writeUInt8(VERSION, position + 22);
  target.writeUInt32BE(events.length, position + 23);
  target.writeUInt32BE(crc32(target.subarray(position + 8, end)), position + 4);
  return end;
}

export type RecordReading =
  | {
      readonly kind: 'record';
      readonly end: number;
      readonly firstOffset: number;
      readonly count: number;
      readonly groupStart: number;
    }
  /** The bytes end inside the record; `needed` from its start on (at least). */
  | { readonly kind: 'short'; readonly needed: number }
  | { readonly kind: 'damaged' };

/** Checks the record that starts at `position` without decoding its events. */
export function readRecord(bytes: Buffer, position: number): RecordReading {
  const held = bytes.length - position;
  if (held < RECORD_HEADER_BYTES) {
    const plausible = held < 4 || bytes.readUInt32BE(position) === RECORD_MAGIC;
    return plausible ? { kind: 'short', needed: RECORD_HEADER_BYTES } : { kind: 'damaged' };
  }
  if (bytes.readUInt32BE(position) !== RECORD_MAGIC) return { kind: 'damaged' };
  const bodyLength = bytes.readUInt32BE(position + 8);
  if (bodyLength > MAX_BODY_BYTES) return { kind: 'damaged' };
  const end = position + RECORD_HEADER_BYTES + bodyLength;
  if (end > bytes.length) return { kind: 'short', needed: end - position };
  if (bytes.readUInt32BE(position + 4) !== crc32(bytes.subarray(position + 8, end))) return { kind: 'damaged' };
  if (bytes.readUInt8(position + 22) !== VERSION) return { kind: 'damaged' };
  return {
    kind: 'record',
    end,
    groupStart: bytes.readUInt32BE(position + 12),
    firstOffset: bytes.readUIntBE(position + 16, 6),
    count: bytes.readUInt32BE(position + 23),
  };
}

/** The events of a record that `readRecord` found good. Their values share the memory of `bytes`. */
export function decodeRecord(bytes: Buffer, position: number): StoredEvent[] {
  const firstOffset = bytes.readUIntBE(position + 16, 6);
  const count = bytes.readUInt32BE(position + 23);
  const cursor = { bytes, position: position + RECORD_HEADER_BYTES };
  const events: StoredEvent[] = [];
  for (let index = 0; index < count; index += 1) events.push(decodeEvent(cursor, firstOffset + index));
  return events;
}

/** First position after `from` where a good record starts, -1 when there is none. */
export function findRecord(bytes: Buffer, from: number): number {
  const magic = Buffer.alloc(4);
  magic.writeUInt32BE(RECORD_MAGIC, 0);
  for (let at = bytes.indexOf(magic, from); at !== -1; at = bytes.indexOf(magic, at + 1)) {
    if (readRecord(bytes, at).kind === 'record') return at;
  }
  return -1;
}

function encodeEvent(target: Buffer, start: number, event: FinishedEvent): number {
  const flags =
    (event.sequence === undefined ? 0 : FLAG_SEQUENCE) |
    (event.raw === undefined ? 0 : FLAG_RAW) |
    (event.raw?.history === true ? FLAG_HISTORY : 0) |
    (event.raw?.place === undefined ? 0 : FLAG_RAW_PLACE);
  let position = target.writeUInt8(flags, start);
  position = target.writeDoubleBE(event.recordedAt, position);
  position = writeText(target, position, event.topic);
  position = writeText(target, position, event.key);
  position = writeText(target, position, event.id);
  position = writeText(target, position, event.type);
  position = writeText(target, position, event.source);
  position = writeText(target, position, event.subject);
  if (event.sequence !== undefined) position = writeText(target, position, event.sequence);
  if (event.raw !== undefined) for (const text of rawTexts(event.raw)) position = writeText(target, position, text);
  position = writeLength(target, position, event.value.length);
  target.set(event.value, position);
  return position + event.value.length;
}

/** Up to here the length of an ASCII text takes one byte. */
const SHORT_TEXT = 127;

function writeText(target: Buffer, position: number, text: string): number {
  const { length } = text;
  if (length <= SHORT_TEXT) {
    // Nearly every text is a few dozen ASCII characters: calling the runtime for each costs more than writing them.
    let seen = 0;
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      seen |= code;
      target[position + 1 + index] = code;
    }
    if (seen < 0x80) {
      target[position] = length;
      return position + 1 + length;
    }
  }
  const start = writeLength(target, position, Buffer.byteLength(text));
  return start + target.write(text, start, 'utf8');
}

function writeLength(target: Buffer, position: number, length: number): number {
  let rest = length;
  let at = position;
  while (rest >= 0x80) {
    target[at] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
    at += 1;
  }
  target[at] = rest;
  return at + 1;
}

interface Cursor {
  readonly bytes: Buffer;
  position: number;
}

function decodeEvent(cursor: Cursor, offset: number): StoredEvent {
  const flags = cursor.bytes.readUInt8(cursor.position);
  const recordedAt = cursor.bytes.readDoubleBE(cursor.position + 1);
  cursor.position += 9;
  // The journal returns what it was given: the topic was a known one when it was written.
  const topic = readText(cursor) as StoredEvent['topic'];
  const key = readText(cursor);
  const id = readText(cursor);
  const type = readText(cursor);
  const source = readText(cursor);
  const subject = readText(cursor);
  const sequence = (flags & FLAG_SEQUENCE) === 0 ? {} : { sequence: readText(cursor) };
  const raw = (flags & FLAG_RAW) === 0 ? {} : { raw: readRaw(cursor, flags) };
  const length = readLength(cursor);
  const value = cursor.bytes.subarray(cursor.position, cursor.position + length);
  cursor.position += length;
  return { offset, topic, key, id, type, source, subject, ...sequence, recordedAt, value, ...raw };
}

/** The texts of a raw copy in their order; of what is absent within its place an empty one. */
function rawTexts({ method, time, place }: RawFacts): readonly string[] {
  if (place === undefined) return [method, time];
  return [method, time, place.sessionId, place.sequence, place.streamerId ?? '', place.timeSource ?? ''];
}

function readRaw(cursor: Cursor, flags: number): RawFacts {
  const raw = { method: readText(cursor), time: readText(cursor), history: (flags & FLAG_HISTORY) !== 0 };
  if ((flags & FLAG_RAW_PLACE) === 0) return raw;
  const sessionId = readText(cursor);
  const sequence = readText(cursor);
  const streamerId = readText(cursor);
  const timeSource = readText(cursor) as NonNullable<RawPlace['timeSource']> | '';
  return {
    ...raw,
    place: {
      sessionId,
      sequence,
      ...(streamerId === '' ? {} : { streamerId }),
      ...(timeSource === '' ? {} : { timeSource }),
    },
  };
}

function readText(cursor: Cursor): string {
  const length = readLength(cursor);
  const start = cursor.position;
  cursor.position += length;
  return cursor.bytes.toString('utf8', start, cursor.position);
}

function readLength(cursor: Cursor): number {
  let length = 0;
  let shift = 0;
  for (;;) {
    const byte = cursor.bytes.readUInt8(cursor.position);
    cursor.position += 1;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) return length;
    shift += 7;
  }
}
