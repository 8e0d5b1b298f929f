import { EVENT_CATALOGUE, WIRE_EVENT_NAMES } from '@livetap/contracts';
import { codecForMethod, codecForType, type FieldDescriptor, WebcastEventMap } from '@livetap/connector';
import { describe, expect, it } from 'vitest';
import { compileSchemas } from '../../../../test/contract/event-schemas.js';
import { parse, pipeline, T0 } from '../../../../test/contract/room.js';
import { planMessage } from './normalize/generic-rule.js';

const schemas = compileSchemas();
const DEPTH = 4;

/**
 * A message with every field filled: texts say where they stand (`«Type.field»`), so that a leak can be named. A `oneof`
 * keeps the last of its members, as on the wire.
 */
function filled(typeName: string, depth: number, fill = filledValue): Record<string, unknown> {
  const message: Record<string, unknown> = {};
  for (const field of codecForType(typeName)?.fields ?? []) {
    if (depth === 0 && field.kind === 'message') continue;
    const value = fill(typeName, field, depth);
    message[field.name] = field.mapKey !== undefined ? { 5: value } : field.repeated ? [value] : value;
  }
  if (typeName === 'CommonMessageData') Object.assign(message, { msgId: '0', createTime: '1700000000123' });
  if (['Image', 'ImageModel', 'EmoteImage', 'Background'].includes(typeName)) {
    for (const name of ['url', 'mUrls', 'imageUrl'])
      if (name in message) message[name] = ['http://a', 'https://a/b.png'];
  }
  return message;
}

function filledValue(typeName: string, field: FieldDescriptor, depth: number): unknown {
  if (field.kind === 'message') return filled(field.type, depth - 1);
  if (field.kind === 'enum') return 1;
  switch (field.type) {
    case 'string':
      return /Id(Str)?$/.test(field.name) ? '4711' : `«${typeName}.${field.name}»`;
    case 'bool':
      return true;
    case 'bytes':
      return Uint8Array.of(1, 2, 3);
    case 'int64':
    case 'uint64':
      return field.asNumber ? 12_345 : '1234567890123';
    default:
      return 3;
  }
}

/** Numbers as large, or as negative, as the wire can write them. */
function extreme(sign: 1 | -1) {
  const value = (typeName: string, field: FieldDescriptor, depth: number): unknown => {
    if (field.kind === 'message') return filled(field.type, depth - 1, value);
    if (field.kind === 'enum') return sign * 0x7fff_ffff;
    if (field.type === 'int32') return sign * 0x7fff_ffff;
    if (field.type === 'uint32') return 0xffff_ffff;
    if (field.type === 'float' || field.type === 'double') return sign * 1e30;
    if (field.type === 'int64' && field.asNumber) return sign * 2 ** 60;
    if (field.type === 'int64') return sign < 0 ? '-9223372036854775808' : '9223372036854775807';
    if (field.type === 'uint64') return '18446744073709551615';
    return filledValue(typeName, field, depth);
  };
  return value;
}

/** What may be said of a person. */
const SHOWN_OF_USER = ['User.uniqueId', 'User.nickname'];
/** Never shown, wherever they stand. */
const SECRET =
  /«[^»]*\.(sec[A-Z]\w*|\w*[tT]oken|accessKey|\w*[aA]ppSign|logId|signature\w*|\w*LynxExtra|bioDescription|constellation)»/;

const methods = [...Object.keys(WebcastEventMap), 'WebcastGiftMessage'];

describe('every wire event', () => {
  it('comes of at least one method', () => {
    const reached = new Set(methods.flatMap((method) => eventsOf(method).map((event) => event.type)));
    const derived = ['follow', 'share', 'streamEnd', 'superFan', 'superFanJoin', 'superFanBox', 'unknown'];
    const expected = WIRE_EVENT_NAMES.filter((name) => !derived.includes(name)).map(
      (name) => EVENT_CATALOGUE[name].type,
    );
    expect(expected.filter((type) => !reached.has(type))).toEqual([]);
  });

  it.each(methods)('of %s is valid and says nothing about a person but what the contract allows', (method) => {
    for (const event of eventsOf(method)) {
      const parsed = parse(event);
      expect(schemas.errors(parsed)).toEqual([]);
      const text = event.value.toString();
      const ofUsers = [...text.matchAll(/«(User(?:_\w+)?\.\w+)»/g)].map((match) => match[1] ?? '');
      expect(ofUsers.filter((field) => !SHOWN_OF_USER.includes(field))).toEqual([]);
      expect(SECRET.exec(text)?.[0]).toBeUndefined();
      expect(text).not.toContain('http://');
    }
  });

  it.each(methods)('of %s is valid with the largest and the smallest numbers of the wire', (method) => {
    for (const sign of [1, -1] as const) {
      for (const event of eventsOf(method, extreme(sign))) expect(schemas.errors(parse(event))).toEqual([]);
    }
  });

  it.each(methods)('of an empty %s is valid', (method) => {
    const events = pipeline().frame({
      messages: [{ method, msgId: '9', payload: new Uint8Array(0), isHistory: false }],
      receivedAt: T0,
      now: '0',
    });
    const wire = events.events.filter((event) => event.id === '9');
    expect(wire).toHaveLength(1);
    for (const event of events.events) {
      const parsed = parse(event);
      expect(schemas.errors(parsed)).toEqual([]);
      expect(parsed.type).not.toBe('livetap.unknown.v1');
      expect(event.value.toString()).not.toMatch(/"id":"0"[^}]*"nickname"/);
    }
  });
});

describe('the generic rule', () => {
  it('has a plan for every message type, without two fields of one name', () => {
    for (const method of methods) {
      const seen = new Set<string>();
      const queue = [codecForMethod(method)?.typeName ?? ''];
      for (let type = queue.pop(); type !== undefined; type = queue.pop()) {
        if (seen.has(type)) continue;
        seen.add(type);
        const plan = planMessage(type);
        const names = (plan?.fields ?? []).map((field) => field.out);
        if (plan?.person !== undefined) names.push('user');
        expect(new Set(names).size, type).toBe(names.length);
        for (const field of plan?.fields ?? []) if (field.kind === 'message') queue.push(field.type);
      }
    }
  });
});

function eventsOf(method: string, fill = filledValue) {
  const codec = codecForMethod(method);
  if (codec === undefined) return [];
  const payload = codec.encode(filled(codec.typeName, DEPTH, fill)).finish();
  return pipeline().frame({ messages: [{ method, msgId: '9', payload, isHistory: false }], receivedAt: T0, now: '0' })
    .events;
}
