import { z } from 'zod';
import { GAP_REASONS } from '../rooms/failure-table.js';
import type { RoomFrame, RoomMessage } from '../rooms/room-connector.port.js';
import type { RoomInput } from '../rooms/room-input.js';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import { type RecordingEntry, type RecordingStart, RECORDING_ENDS } from './recording.js';
import { RecordingError } from './recording.errors.js';

/**
 * The entries of a recording as bytes. Each has its length before it, then one byte for its kind. Numbers are LEB128,
 * texts and bytes have their length before them. `docs/recordings.md` describes the whole file.
 */
const KIND = { start: 0, frame: 1, rejected: 2, input: 3, end: 4 } as const;

const FLAG_HISTORY = 1;
/** Enough for any time in ms until the year 10889: a larger number is damage. */
const MAX_NUMBER_SHIFT = 49;

const text = z.string();
const time = z.number().int().nonnegative();
const facts = { tiktokUserId: text.optional(), nickname: text.optional(), avatarUrl: text.optional() };
const streamerSchema = z.object({ uniqueId: text, ...facts });
const liveSchema = z.object({
  ...facts,
  uniqueId: text.optional(),
  title: text.optional(),
  startedAt: z.number().optional(),
});
const checkpointSchema = z.looseObject({
  version: z.literal(1),
  roomId: text,
  sessionId: text,
  occurrence: z.number().int().positive(),
  joined: z.boolean(),
  lastFrameAt: time,
  likeTotal: z.number(),
  streaks: z.array(z.looseObject({ id: text, count: z.number(), lastAt: time, completed: z.boolean() })),
  recentIds: z.array(text),
});

const startSchema = z.object({
  at: time,
  version: text,
  commit: text,
  streamer: streamerSchema,
  epoch: z.number().int().positive(),
  checkpoint: checkpointSchema.transform((value) => value as unknown as PipelineCheckpoint).nullable(),
  prices: z.record(text, z.number()),
  healthyAfterMs: z.number().positive(),
});
const endSchema = z.object({
  at: time,
  reason: z.enum(RECORDING_ENDS),
  frames: time,
  messages: time,
  events: time,
  sha256: text,
});
const inputSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('streamer'), streamer: streamerSchema }),
  z.object({ kind: z.literal('aimed'), roomId: text, live: liveSchema }),
  z.object({ kind: z.literal('resumed') }),
  z.object({ kind: z.literal('opened'), at: time, source: text }),
  z.object({
    kind: z.literal('lost'),
    at: time,
    reason: z.enum(GAP_REASONS),
    closed: z.object({ code: z.number(), reason: text }).optional(),
  }),
  z.object({ kind: z.literal('reading'), at: time }),
  z.object({ kind: z.literal('elapsed'), at: time }),
  z.object({ kind: z.literal('ended'), at: time, reason: z.enum(['ended', 'suspended', 'offline', 'replaced']) }),
  z.object({ kind: z.literal('left'), at: time, reason: z.enum(['paused', 'removed']) }),
  z.object({ kind: z.literal('detached') }),
]);

/** The bytes of an entry, its length before it. */
export function encodeEntry(entry: RecordingEntry): Buffer {
  const writer = new Writer();
  if (entry.kind !== 'input') {
    writer.byte(KIND[entry.kind]);
    writer.raw(Buffer.from(JSON.stringify(entry.kind === 'start' ? entry.start : entry.end)));
  } else if (entry.input.kind === 'frame') {
    writer.byte(KIND.frame);
    encodeFrame(writer, entry.input.frame);
  } else if (entry.input.kind === 'rejected') {
    writer.byte(KIND.rejected);
    writer.number(entry.input.at);
    writer.raw(entry.input.bytes);
  } else {
    writer.byte(KIND.input);
    writer.raw(Buffer.from(JSON.stringify(entry.input)));
  }
  return writer.finish();
}

/**
 * The entries of a block, in order; their payloads share its memory.
 * @throws RecordingError WATCHER_RECORDING_DAMAGED
 */
export function* decodeEntries(block: Buffer): Generator<RecordingEntry> {
  const reader = new Reader(block, 0, block.length);
  while (reader.position < reader.end) {
    const length = reader.number();
    yield decodeEntry(reader.part(length));
  }
}

function decodeEntry(reader: Reader): RecordingEntry {
  const kind = reader.byte();
  switch (kind) {
    case KIND.start:
      return { kind: 'start', start: reader.json(startSchema) as RecordingStart };
    case KIND.frame:
      return { kind: 'input', input: { kind: 'frame', frame: decodeFrame(reader) } };
    case KIND.rejected:
      return { kind: 'input', input: { kind: 'rejected', at: reader.number(), bytes: reader.rest() } };
    case KIND.input:
      return { kind: 'input', input: reader.json(inputSchema) as RoomInput };
    case KIND.end:
      return { kind: 'end', end: reader.json(endSchema) };
    default:
      throw damaged(`an entry is of the unknown kind ${kind}`);
  }
}

function encodeFrame(writer: Writer, frame: RoomFrame): void {
  writer.number(frame.receivedAt);
  writer.text(frame.now);
  writer.number(frame.messages.length);
  for (const message of frame.messages) {
    writer.byte(message.isHistory ? FLAG_HISTORY : 0);
    writer.text(message.method);
    writer.text(message.msgId);
    writer.number(message.payload.length);
    writer.raw(message.payload);
  }
}

function decodeFrame(reader: Reader): RoomFrame {
  const receivedAt = reader.number();
  const now = reader.text();
  const count = reader.number();
  const messages: RoomMessage[] = [];
  for (let index = 0; index < count; index += 1) {
    const isHistory = (reader.byte() & FLAG_HISTORY) !== 0;
    const method = reader.text();
    const msgId = reader.text();
    messages.push({ method, msgId, payload: reader.bytes(reader.number()), isHistory });
  }
  return { messages, receivedAt, now };
}

function damaged(what: string, cause?: unknown): RecordingError {
  return new RecordingError('WATCHER_RECORDING_DAMAGED', `The recording is damaged: ${what}.`, { cause });
}

class Writer {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  byte(value: number): void {
    this.raw(Uint8Array.of(value));
  }

  raw(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  number(value: number): void {
    this.raw(leb128(value));
  }

  text(value: string): void {
    const bytes = Buffer.from(value);
    this.number(bytes.length);
    this.raw(bytes);
  }

  /** A copy of everything, its length before it. */
  finish(): Buffer {
    const length = leb128(this.#length);
    return Buffer.concat([length, ...this.#parts], length.length + this.#length);
  }
}

function leb128(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = Math.max(0, Math.trunc(value));
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Uint8Array.from([...bytes, rest]);
}

/** Reads within its bounds, else the recording is damaged. */
class Reader {
  constructor(
    private readonly block: Buffer,
    public position: number,
    readonly end: number,
  ) {}

  byte(): number {
    this.#need(1);
    const value = this.block.readUInt8(this.position);
    this.position += 1;
    return value;
  }

  number(): number {
    let value = 0;
    for (let shift = 0; shift <= MAX_NUMBER_SHIFT; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw damaged('a number is too long');
  }

  bytes(length: number): Buffer {
    this.#need(length);
    const start = this.position;
    this.position += length;
    return this.block.subarray(start, this.position);
  }

  rest(): Buffer {
    return this.bytes(this.end - this.position);
  }

  text(): string {
    return this.bytes(this.number()).toString('utf8');
  }

  json<T>(schema: z.ZodType<T>): T {
    try {
      return schema.parse(JSON.parse(this.rest().toString('utf8')));
    } catch (error) {
      throw damaged('an entry does not say what it must', error);
    }
  }

  /** A reader of the next bytes, which are passed by this. */
  part(length: number): Reader {
    this.#need(length);
    const start = this.position;
    this.position += length;
    return new Reader(this.block, start, this.position);
  }

  #need(length: number): void {
    if (this.position + length > this.end) throw damaged('an entry ends before its last value');
  }
}
