import { z } from 'zod';
import { codecForMethod, codecForType } from '../wire/proto.js';
import type { MessageCodec } from '../wire/proto.js';
import type { OutMessage } from '../world/message.js';
import { factsOf } from './facts.js';

const decimal = z.string().regex(/^\d{1,19}$/, 'a decimal number of at most 19 digits');

/** A message as a test gives it: fields by name, or finished bytes. */
export const givenMessageSchema = z
  .strictObject({
    method: z.string().min(1).max(120),
    msgId: decimal.optional(),
    /** Fields of the method's type. Without `common` the header is filled in. */
    fields: z.record(z.string(), z.unknown()).optional(),
    /** Base64 of the protobuf bytes. */
    payload: z.base64().optional(),
  })
  .refine((given) => given.fields === undefined || given.payload === undefined, 'give fields or payload, not both');

export type GivenMessage = z.output<typeof givenMessageSchema>;

/** A given message that cannot be made; the text says which field. */
export class GivenMessageError extends Error {
  override readonly name = 'GivenMessageError';
}

const WHOLE = /^-?\d{1,20}$/;

const scalarOf = (type: string, value: unknown, path: string): unknown => {
  const wrong = (): GivenMessageError => new GivenMessageError(`${path} must be ${type}`);
  switch (type) {
    case 'string':
      if (typeof value !== 'string') throw wrong();
      return value;
    case 'bytes':
      if (typeof value !== 'string') throw new GivenMessageError(`${path} must be bytes in base64`);
      return Uint8Array.from(Buffer.from(value, 'base64'));
    case 'bool':
      if (typeof value !== 'boolean') throw wrong();
      return value;
    case 'int64':
    case 'uint64': {
      const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
      if (typeof text !== 'string' || !WHOLE.test(text))
        throw new GivenMessageError(`${path} must be ${type}: a decimal string or a safe integer`);
      return text;
    }
    default:
      if (typeof value !== 'number' || !Number.isFinite(value)) throw wrong();
      return value;
  }
};

/** Turns JSON into what the codec takes, and refuses names and values that the type does not have. */
const shape = (codec: MessageCodec<unknown>, given: unknown, path: string): Record<string, unknown> => {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new GivenMessageError(`${path} must be an object`);
  const fields = new Map(codec.fields.map((field) => [field.name, field]));
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const field = fields.get(name);
    const at = `${path}.${name}`;
    if (field === undefined) throw new GivenMessageError(`${at}: ${codec.typeName} has no such field`);
    const one = (item: unknown, where: string): unknown => {
      if (field.kind === 'message') {
        const inner = codecForType(field.type);
        if (inner === undefined) throw new GivenMessageError(`${where}: no codec for ${field.type}`);
        return shape(inner, item, where);
      }
      const scalar = scalarOf(field.kind === 'enum' ? 'int32' : field.type, item, where);
      return field.asNumber ? Number(scalar) : scalar;
    };
    if (field.mapKey !== undefined) {
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw new GivenMessageError(`${at} must be an object (a map)`);
      result[name] = Object.fromEntries(
        Object.entries(value as Record<string, unknown>).map(([key, item]) => [key, one(item, `${at}.${key}`)]),
      );
    } else if (field.repeated) {
      if (!Array.isArray(value)) throw new GivenMessageError(`${at} must be a list`);
      result[name] = value.map((item, index) => one(item, `${at}[${index}]`));
    } else result[name] = one(value, at);
  }
  return result;
};

/** Makes a message for a room. @throws GivenMessageError */
export const makeGiven = (
  given: GivenMessage,
  context: { roomId: string; now: number; nextId: () => string },
): OutMessage => {
  const msgId = given.msgId ?? context.nextId();
  const finish = (payload: Uint8Array): OutMessage => {
    const facts = factsOf(given.method, payload);
    return { method: given.method, msgId, payload, ...(facts === undefined ? {} : { facts }) };
  };
  if (given.payload !== undefined) return finish(Uint8Array.from(Buffer.from(given.payload, 'base64')));
  const codec = codecForMethod(given.method);
  if (codec === undefined) throw new GivenMessageError(`${given.method} has no type: give its payload in base64`);
  const body = shape(codec, given.fields ?? {}, given.method);
  const common = {
    method: given.method,
    msgId,
    roomId: context.roomId,
    createTime: String(context.now),
    ...(body['common'] as object | undefined),
  };
  return finish(codec.encode({ ...body, common }).finish());
};
