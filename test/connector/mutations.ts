import { gzipSync } from 'node:zlib';
import {
  codecForMethod,
  codecForType,
  ProtoMessageFetchResult,
  WebcastPushFrame,
  wireMethods,
  type FieldDescriptor,
} from '@livetap/connector';

/** Uniform in [0, 1), the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export interface Seed {
  readonly method: string;
  readonly payload: Uint8Array;
}

/** A message of every method that has a type, with every field set, nested ones down to `depth`. */
export function seedsOfEveryMethod(depth = 2): Seed[] {
  return [...wireMethods].flatMap((method) => {
    const codec = codecForMethod(method);
    return codec ? [{ method, payload: codec.encode(filled(codec.fields, depth)).finish() }] : [];
  });
}

function filled(fields: readonly FieldDescriptor[], depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const field of fields) {
    const value = valueOf(field, depth);
    if (value === undefined) continue;
    result[field.name] = field.mapKey === undefined ? (field.repeated ? [value] : value) : { 1: value };
  }
  return result;
}

function valueOf({ kind, type, asNumber }: FieldDescriptor, depth: number): unknown {
  if (kind === 'message') {
    const codec = codecForType(type);
    return codec && depth > 0 ? filled(codec.fields, depth - 1) : undefined;
  }
  if (kind === 'enum') return 1;
  if (type === 'string') return 'günaydın 😍';
  if (type === 'bytes') return Uint8Array.of(1, 2, 3);
  if (type === 'bool') return true;
  return /64/.test(type) && !asNumber ? '7312345678901234567' : 17;
}

const TRICKY = [0x00, 0x01, 0x0a, 0x12, 0x7f, 0x80, 0xfe, 0xff, 0x1f, 0x8b, 0x08, 0x78];

/** Makes damaged copies of bytes: one to four changes of the kinds that damage on the wire and malice make. */
export class Mutator {
  constructor(private readonly random: () => number) {}

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  }

  mutate(input: Uint8Array, other: Uint8Array): Buffer {
    let bytes: Buffer = Buffer.from(input);
    for (let left = 1 + this.below(4); left > 0; left -= 1) bytes = this.change(bytes, other);
    return bytes;
  }

  private change(bytes: Buffer, other: Uint8Array): Buffer {
    const at = this.below(bytes.length + 1);
    const span = this.below(Math.min(64, bytes.length - at) + 1);
    switch (this.below(9)) {
      case 0:
        if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ (1 << this.below(8));
        return bytes;
      case 1:
        if (at < bytes.length) bytes[at] = this.pick(TRICKY);
        return bytes;
      case 2:
        return bytes.subarray(0, at);
      case 3:
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + span)]);
      case 4:
        return Buffer.concat([bytes.subarray(0, at + span), bytes.subarray(at)]);
      case 5:
        return Buffer.concat([bytes.subarray(0, at), Buffer.alloc(1 + this.below(12), 0xff), bytes.subarray(at)]);
      case 6: {
        const from = this.below(other.length + 1);
        return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + span), bytes.subarray(at + span)]);
      }
      case 7:
        // A length or number of ten bytes, of the kind that overflows.
        bytes.fill(0xff, at, Math.min(bytes.length, at + 9));
        return bytes;
      default:
        // Something that claims to be large: a field of wire type 2 with a length of many mebibytes.
        return Buffer.concat([
          bytes.subarray(0, at),
          Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f]),
          bytes.subarray(at + span),
        ]);
    }
  }
}

/** Damaged frames made of sound messages: the damage is in a message, in the batch, in the packed payload, or in the frame. */
export class FrameFuzzer {
  private readonly mutator: Mutator;
  private count = 0;

  constructor(
    private readonly seeds: readonly Seed[],
    random: () => number,
  ) {
    this.mutator = new Mutator(random);
  }

  next(): Buffer {
    const { mutator } = this;
    this.count += 1;
    // Most of them in what is read deepest: what is broken further out is refused as a whole.
    const layer = mutator.pick([0, 0, 0, 1, 1, 2, 3]);
    const other = mutator.pick(this.seeds).payload;
    const messages = Array.from({ length: 1 + mutator.below(3) }, (_, index) => {
      const { method, payload } = mutator.pick(this.seeds);
      return {
        method,
        msgId: String(this.count * 4 + index),
        payload: layer === 0 && index === 0 ? mutator.mutate(payload, other) : payload,
      };
    });
    let batch: Uint8Array = ProtoMessageFetchResult.encode({
      messages,
      cursor: 'cursor',
      internalExt: 'ext',
      now: '1720000000000',
      needAck: true,
    }).finish();
    if (layer === 1) batch = mutator.mutate(batch, other);
    let payload: Uint8Array = mutator.below(2) === 0 ? gzipSync(batch, { level: 1 }) : batch;
    if (layer === 2) payload = mutator.mutate(payload, other);
    return this.frame(payload, layer === 3 ? other : undefined);
  }

  private frame(payload: Uint8Array, damage: Uint8Array | undefined): Buffer {
    const frame = WebcastPushFrame.encode({
      seqId: String(this.count),
      logId: '7312345678901234568',
      service: '9000',
      method: '8',
      payloadEncoding: 'pb',
      payloadType: 'msg',
      payload,
    }).finish();
    return damage ? this.mutator.mutate(frame, damage) : Buffer.from(frame);
  }
}
