import { describe, expect, it } from 'vitest';
import {
  codecForMethod,
  codecForType,
  enumValueName,
  messageTypeNames,
  WebcastHourlyRankMessage,
  WebcastLinkMicMethod,
  WebcastRoomMessage,
  wireMethods,
} from './index.js';
import { enums } from './generated/tables.js';

const TYPES = 618;
const ENUMS = 169;
const FIELDS = 3467;

describe('the registry', () => {
  it('knows the whole schema', () => {
    expect(messageTypeNames).toHaveLength(TYPES);
    expect(Object.keys(enums)).toHaveLength(ENUMS);
    const fields = messageTypeNames.flatMap((name) => codecForType(name)?.fields ?? []);
    expect(fields).toHaveLength(FIELDS);
    for (const { kind, type } of fields) {
      if (kind === 'message') expect(codecForType(type)?.typeName).toBe(type);
      if (kind === 'enum') expect(Object.keys(enums)).toContain(type);
    }
  });

  it('gives a wire method its type; every one has the common header in field 1', () => {
    expect(wireMethods).toHaveLength(65);
    for (const method of wireMethods) {
      expect(codecForMethod(method)?.fields[0]).toMatchObject({ name: 'common', number: 1, type: 'CommonMessageData' });
    }
  });

  it('knows methods that come under two names', () => {
    expect(codecForMethod('RoomMessage')).toBe(WebcastRoomMessage);
    expect(codecForMethod('WebcastRoomMessage')).toBe(WebcastRoomMessage);
    expect(codecForMethod('LinkMicMethod')).toBe(WebcastLinkMicMethod);
    expect(codecForMethod('WebcastRoomVerifyMessage')?.typeName).toBe('RoomVerifyMessage');
    expect(codecForMethod('RoomVerifyMessage')?.typeName).toBe('RoomVerifyMessage');
    expect(codecForMethod('WebcastHourlyRankMessage')).toBe(WebcastHourlyRankMessage);
    expect(codecForMethod('WebcastHourlyRankRewardMessage')?.typeName).toBe('WebcastHourlyRankRewardMessage');
  });

  it('does not know what is not in the schema, nor the names that every object has', () => {
    for (const name of ['WebcastPictionaryStartMessage', 'User', 'constructor', '__proto__', '']) {
      expect(codecForMethod(name)).toBeUndefined();
    }
    for (const name of ['Nobody', 'constructor', '__proto__', 'toString']) expect(codecForType(name)).toBeUndefined();
  });

  it('names enum values as users see them', () => {
    expect(enumValueName('ControlAction', 3)).toBe('CONTROL_ACTION_STREAM_ENDED');
    expect(enumValueName('EnvelopeBusinessType', 19)).toBe('BusinessTypeSuperFanBox');
    expect(enumValueName('MemberMessageAction', 0)).toBe('UNKNOWN');
    expect(enumValueName('ControlAction', 99)).toBeUndefined();
    expect(enumValueName('constructor', 0)).toBeUndefined();
  });
});
