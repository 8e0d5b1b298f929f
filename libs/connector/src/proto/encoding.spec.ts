import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, it } from 'vitest';
import type { FieldDescriptor, MessageCodec } from './codec.js';
import { codecForType, messageTypeNames } from './index.js';

/** One level of nested values reaches every reader and writer: each type is also tested as the outermost. */
const DEPTH = 1;
const RUNS_PER_TYPE = 3;

const int32 = fc.integer();
const scalars: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  int32,
  uint32: fc.nat({ max: 2 ** 32 - 1 }),
  int64: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  uint64: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  bool: fc.boolean(),
  string: fc.string({ unit: 'binary', maxLength: 40 }),
  bytes: fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
  float: fc.float({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
};

function codecOf(name: string): MessageCodec<unknown> {
  const codec = codecForType(name);
  if (codec === undefined) throw new Error(`no codec for ${name}`);
  return codec;
}

/** A value as a decoder would give it: every field present. */
function messageOf(name: string, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const codec = codecOf(name);
  const empty = codec.decode(new Uint8Array(0)) as Record<string, unknown>;
  const chosen = codec.fields.filter((field) => field.kind !== 'message' || depth > 0);
  return fc
    .record(Object.fromEntries(chosen.map((field) => [field.name, fieldOf(field, depth)])), { requiredKeys: [] })
    .map((values) => ({ ...empty, ...onlyOneOfEachOneof(name, values) }));
}

function fieldOf(field: FieldDescriptor, depth: number): fc.Arbitrary<unknown> {
  const value = valueOf(field, depth);
  if (field.mapKey !== undefined) {
    const key = (scalars[field.mapKey] ?? int32).map(String);
    return fc.dictionary(key, value, { maxKeys: 2, noNullPrototype: true });
  }
  return field.repeated ? fc.array(value, { maxLength: 3 }) : value;
}

function valueOf(field: FieldDescriptor, depth: number): fc.Arbitrary<unknown> {
  if (field.kind === 'message') return messageOf(field.type, depth - 1);
  if (field.kind === 'enum') return int32;
  if (field.asNumber) return fc.maxSafeInteger();
  const arbitrary = scalars[field.type];
  if (arbitrary === undefined) throw new Error(`no values for ${field.type}`);
  return arbitrary;
}

const ONEOFS: Readonly<Record<string, readonly string[]>> = {
  BadgeStruct: ['image', 'text', 'str', 'combine'],
  Text_TextPiece: ['userValue', 'giftValue'],
  WebcastRoomPinMessage: ['chatMessage', 'socialMessage', 'giftMessage', 'memberMessage', 'likeMessage'],
};

function onlyOneOfEachOneof(name: string, values: Record<string, unknown>): Record<string, unknown> {
  const present = (ONEOFS[name] ?? []).filter((member) => member in values);
  return Object.fromEntries(Object.entries(values).filter(([key]) => !present.slice(1).includes(key)));
}

/** The same schema read by protobufjs: an independent witness of numbers, types and packing. */
function reflection(): protobuf.Root {
  const folder = fileURLToPath(new URL('../../../../proto/webcast', import.meta.url));
  const root = new protobuf.Root();
  for (const name of readdirSync(folder)) {
    protobuf.parse(readFileSync(join(folder, name), 'utf8'), root, { keepCase: true });
  }
  return root;
}

describe('every message type', () => {
  const root = reflection();
  it.each(messageTypeNames)('%s decodes to what was encoded, by itself and by protobufjs', (name) => {
    const codec = codecOf(name);
    const type = root.lookupType(`livetap.webcast.${name}`);
    fc.assert(
      fc.property(messageOf(name, DEPTH), (message) => {
        const bytes = codec.encode(message).finish();
        expect(codec.decode(bytes)).toEqual(message);
        const theirs = type.encode(type.fromObject(message)).finish();
        expect(codec.decode(theirs)).toEqual(message);
      }),
      { numRuns: RUNS_PER_TYPE, seed: 20_240_703 },
    );
  });

  it('has the oneofs that this test knows', () => {
    const declared = root.lookup('livetap.webcast', [protobuf.Namespace])?.toJSON() as {
      nested: Record<string, { oneofs?: Record<string, { oneof: string[] }> }>;
    };
    const oneofs = Object.entries(declared.nested).flatMap(([name, { oneofs: groups }]) =>
      Object.entries(groups ?? {})
        .filter(([group]) => !group.startsWith('_'))
        .map(([, { oneof }]) => [name, oneof] as const),
    );
    expect(Object.fromEntries(oneofs)).toEqual(ONEOFS);
  });
});

describe('hostile bytes', () => {
  it('never make a decoder throw anything but RangeError', () => {
    const name = fc.constantFrom(
      'WebcastGiftMessage',
      'WebcastLinkLayerMessage',
      'User',
      'Text',
      'WebcastLinkMicBattle',
    );
    const mutation = fc.record({ at: fc.nat(), value: fc.nat({ max: 255 }) });
    fc.assert(
      fc.property(
        name.chain((chosen) => fc.tuple(fc.constant(chosen), messageOf(chosen, 2))),
        fc.array(mutation, { minLength: 1, maxLength: 8 }),
        fc.option(fc.nat()),
        ([chosen, message], mutations, cut) => {
          const codec = codecOf(chosen);
          const bytes = Buffer.from(codec.encode(message).finish());
          if (bytes.length === 0) return;
          for (const { at, value } of mutations) bytes[at % bytes.length] = value;
          onlyRangeError(() => codec.decode(cut === null ? bytes : bytes.subarray(0, cut % bytes.length)));
        },
      ),
      { numRuns: 300, seed: 7 },
    );
  });

  it('may be random: every type takes them', () => {
    fc.assert(
      fc.property(fc.constantFrom(...messageTypeNames), fc.uint8Array({ maxLength: 400 }), (name, bytes) => {
        onlyRangeError(() => codecOf(name).decode(bytes));
      }),
      { numRuns: 1_000, seed: 11 },
    );
  });
});

function onlyRangeError(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    expect((error as Error).message).toMatch(/cut short or not protobuf$/);
  }
}
