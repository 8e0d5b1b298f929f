import protobuf from 'protobufjs/minimal.js';
import { describe, expect, it } from 'vitest';
import type { DecodeReport } from './codec.js';
import {
  codecForType,
  CommonMessageData,
  ControlAction,
  FansClubMember,
  Image,
  messageTypeNames,
  ProtoMessageFetchResult,
  Text_TextPiece,
  User,
  User_UserAttr,
  UserModelPredictionData,
  WebcastBarrageMessage,
  WebcastControlMessage,
  WebcastGiftMessage,
  WebcastImDeleteMessage,
  WebcastLikeMessage,
  WebcastLinkMicArmies,
  WebcastPushFrame,
  WebcastRoomUserSeqMessage,
} from './index.js';
import { MAX_NESTING } from './wire-reader.js';

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED32 = 5;

/** Bytes by hand: tag, then whatever is given. */
function tag(field: number, wireType: number): number[] {
  return varint(BigInt(field * 8 + wireType));
}
function varint(value: bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}
function delimited(field: number, content: readonly number[]): number[] {
  return [...tag(field, BYTES), ...varint(BigInt(content.length)), ...content];
}
function text(field: number, value: string): number[] {
  return delimited(field, [...Buffer.from(value)]);
}
const bytes = (...parts: readonly (readonly number[])[]): Uint8Array => Uint8Array.from(parts.flat());

/** A `User` whose second field is cut short by its own length. */
const BROKEN_USER = [...tag(1, VARINT), 5, ...tag(3, BYTES), 9, 65];
const GOOD_USER = [...tag(1, VARINT), 7];

describe('a field is known by its number and wire type', () => {
  const nickname = text(3, 'ann');
  const wrong: readonly (readonly [string, readonly number[]])[] = [
    ['a varint', [...tag(3, VARINT), 0xff, 0x01]],
    ['a fixed64', [...tag(3, FIXED64), 1, 2, 3, 4, 5, 6, 7, 8]],
    ['a fixed32', [...tag(3, FIXED32), 1, 2, 3, 4]],
    ['a group', [...tag(3, START_GROUP), ...text(1, 'x'), ...tag(3, END_GROUP)]],
    ['the end of a group', tag(3, END_GROUP)],
  ];
  it.each(wrong)('skips %s where the schema has a string', (_name, other) => {
    const user = User.decode(bytes(other, GOOD_USER, nickname, other));
    expect(user.nickname).toBe('ann');
    expect(user.userId).toBe('7');
    expect(User.decode(bytes(other)).nickname).toBe('');
  });

  it('skips bytes where the schema has an integer, an enum, a bool, a double', () => {
    expect(WebcastLikeMessage.decode(bytes(text(2, 'no'), tag(2, VARINT), [9])).likeCount).toBe(9);
    expect(WebcastControlMessage.decode(bytes(text(2, 'no'))).action).toBe(0);
    expect(CommonMessageData.decode(bytes(text(6, 'no'))).isShowMsg).toBe(false);
    const entry = [...text(1, 'a'), ...tag(2, VARINT), 4];
    expect(UserModelPredictionData.decode(bytes(delimited(2, entry))).modelPredictionData).toEqual({ a: 0 });
  });

  it('skips unknown fields of every wire type, also with the highest field number', () => {
    for (const number of [77, 2047, 2 ** 29 - 1]) {
      const unknown = bytes(
        [...tag(number, VARINT), 1],
        [...tag(number, FIXED64), 1, 2, 3, 4, 5, 6, 7, 8],
        text(number, 'what'),
        [...tag(number, FIXED32), 1, 2, 3, 4],
        [...tag(number, START_GROUP), ...tag(1, START_GROUP), ...tag(1, END_GROUP), ...tag(number, END_GROUP)],
        nickname,
      );
      expect(Image.decode(unknown)).toEqual({ ...Image.decode(bytes()), mUri: '' });
      expect(User.decode(unknown).nickname).toBe('ann');
    }
  });

  it('skips groups however deep they are nested, without using the stack', () => {
    const depth = 50_000;
    const open = Array.from({ length: depth }, () => tag(50, START_GROUP)).flat();
    const close = Array.from({ length: depth }, () => tag(50, END_GROUP)).flat();
    expect(User.decode(Uint8Array.from([...open, ...close, ...nickname])).nickname).toBe('ann');
    expect(() => User.decode(Uint8Array.from(open))).toThrow(RangeError);
  });

  it('takes the last of a field that comes more than once', () => {
    expect(User.decode(bytes(text(3, 'old'), nickname)).nickname).toBe('ann');
  });
});

describe('integers', () => {
  const int64: readonly (readonly [bigint, string])[] = [
    [0n, '0'],
    [1n, '1'],
    [127n, '127'],
    [128n, '128'],
    [-1n, '-1'],
    [2n ** 28n, '268435456'],
    [2n ** 31n - 1n, '2147483647'],
    [2n ** 31n, '2147483648'],
    [-(2n ** 31n), '-2147483648'],
    [-(2n ** 31n) - 1n, '-2147483649'],
    [2n ** 32n, '4294967296'],
    [2n ** 53n - 1n, '9007199254740991'],
    [2n ** 53n, '9007199254740992'],
    [2n ** 53n + 1n, '9007199254740993'],
    [-(2n ** 53n) - 1n, '-9007199254740993'],
    [7_312_345_678_901_234_567n, '7312345678901234567'],
    [2n ** 63n - 1n, '9223372036854775807'],
    [-(2n ** 63n), '-9223372036854775808'],
  ];
  it.each(int64)('int64 %s is an exact decimal string', (value, expected) => {
    const field = [...tag(2, VARINT), ...varint(value)];
    expect(CommonMessageData.decode(bytes(field)).msgId).toBe(expected);
    expect(CommonMessageData.decode(bytes(field, text(1, 'a longer rest of the message'))).msgId).toBe(expected);
    expect(CommonMessageData.decode(CommonMessageData.encode({ msgId: expected }).finish()).msgId).toBe(expected);
  });

  it.each(['0', '2147483648', '9223372036854775808', '18446744073709551615'])('uint64 %s is exact', (value) => {
    const field = bytes(tag(11, VARINT), varint(BigInt(value)));
    expect(WebcastGiftMessage.decode(field).groupId).toBe(value);
    expect(WebcastGiftMessage.decode(WebcastGiftMessage.encode({ groupId: value }).finish()).groupId).toBe(value);
  });

  it('64-bit integers that the schema marks as counts are numbers, also above 2^31', () => {
    const like = WebcastLikeMessage.decode(bytes(tag(3, VARINT), varint(3_000_000_000n)));
    expect(like.totalLikeCount).toBe(3_000_000_000);
    expect(WebcastLikeMessage.decode(bytes(tag(3, VARINT), varint(-5n))).totalLikeCount).toBe(-5);
    expect(WebcastLikeMessage.decode(WebcastLikeMessage.encode({ totalLikeCount: 3_000_000_000 }).finish())).toEqual(
      like,
    );
  });

  it('int32 is the low half of a ten-byte varint; negative values come back', () => {
    expect(WebcastLikeMessage.decode(bytes(tag(2, VARINT), varint(-3n))).likeCount).toBe(-3);
    expect(WebcastLikeMessage.decode(bytes(tag(2, VARINT), varint(2n ** 32n + 4n))).likeCount).toBe(4);
    expect(WebcastLikeMessage.decode(WebcastLikeMessage.encode({ likeCount: -3 }).finish()).likeCount).toBe(-3);
  });

  it('a bool is true for every value but 0, also one of ten bytes', () => {
    expect(CommonMessageData.decode(bytes(tag(6, VARINT), varint(-1n))).isShowMsg).toBe(true);
    expect(CommonMessageData.decode(bytes(tag(6, VARINT), varint(2n ** 40n))).isShowMsg).toBe(true);
    expect(CommonMessageData.decode(bytes(tag(6, VARINT), [0x80, 0x00])).isShowMsg).toBe(false);
  });

  it('a varint that does not end within ten bytes makes the message unreadable', () => {
    const endless = [...tag(2, VARINT), ...Array.from({ length: 11 }, () => 0x80), 0];
    expect(() => CommonMessageData.decode(bytes(endless))).toThrow(RangeError);
    expect(() => CommonMessageData.decode(bytes(endless, text(1, 'and a longer rest')))).toThrow(RangeError);
    const int32 = [...tag(5, VARINT), ...endless.slice(1)];
    expect(() => CommonMessageData.decode(bytes(int32, text(1, 'and a longer rest')))).toThrow(RangeError);
  });

  it('unknown enum values stay numbers; known ones equal the enum', () => {
    expect(WebcastControlMessage.decode(bytes(tag(2, VARINT), [3])).action).toBe(
      ControlAction.CONTROL_ACTION_STREAM_ENDED,
    );
    expect(WebcastControlMessage.decode(bytes(tag(2, VARINT), varint(4711n))).action).toBe(4711);
    expect(WebcastControlMessage.decode(bytes(tag(2, VARINT), varint(-2n))).action).toBe(-2);
  });
});

describe('absent fields', () => {
  it.each(messageTypeNames)('%s: every field is there, at its default', (name) => {
    const codec = codecForType(name);
    const message = codec?.decode(new Uint8Array(0)) as Record<string, unknown>;
    expect(Object.keys(message)).toEqual(codec?.fields.map((field) => field.name));
    for (const field of codec?.fields ?? []) {
      const value = message[field.name];
      if (field.mapKey !== undefined) expect(value).toEqual({});
      else if (field.repeated) expect(value).toEqual([]);
      else if (field.optional || field.kind === 'message') expect(value).toBeUndefined();
      else if (field.kind === 'enum') expect(value).toBe(0);
      else if (field.type === 'string') expect(value).toBe('');
      else if (field.type === 'bool') expect(value).toBe(false);
      else if (field.type === 'bytes') expect(value).toHaveLength(0);
      else if (/64$/.test(field.type) && !field.asNumber) expect(value).toBe('0');
      else expect(value).toBe(0);
    }
  });

  it('a oneof keeps the last member only; the others are there and undefined', () => {
    const piece = Text_TextPiece.decode(bytes(delimited(21, []), delimited(22, [])));
    expect(piece.giftValue).toBeDefined();
    expect(piece.userValue).toBeUndefined();
    expect(Object.keys(piece)).toContain('userValue');
  });

  it('an optional enum tells absent from 0', () => {
    expect(WebcastBarrageMessage.decode(bytes()).showType).toBeUndefined();
    expect(WebcastBarrageMessage.decode(bytes(tag(15, VARINT), [0])).showType).toBe(0);
    expect(WebcastBarrageMessage.decode(WebcastBarrageMessage.encode({ showType: 0 }).finish()).showType).toBe(0);
  });

  it('default values are not written', () => {
    const empty = CommonMessageData.decode(new Uint8Array(0));
    expect(CommonMessageData.encode(empty).finish()).toHaveLength(0);
  });
});

describe('lists and maps', () => {
  it('repeated scalars are accepted packed, unpacked and mixed', () => {
    const unpacked = [...tag(2, VARINT), 1, ...tag(2, VARINT), 2];
    const packed = delimited(2, [3, ...varint(300n), ...varint(-1n)]);
    expect(WebcastImDeleteMessage.decode(bytes(unpacked, packed, unpacked)).deleteMsgIdsList).toEqual([
      '1',
      '2',
      '3',
      '300',
      '-1',
      '1',
      '2',
    ]);
  });

  it('repeated scalars are written packed', () => {
    const written = WebcastImDeleteMessage.encode({ deleteMsgIdsList: ['1', '300'] }).finish();
    expect([...written]).toEqual(delimited(2, [1, ...varint(300n)]));
  });

  it('a packed list that is cut short is left out and counted; the rest stays', () => {
    const report: DecodeReport = { dropped: 0 };
    const message = bytes(delimited(2, [1]), delimited(2, [2, 0x80]), [...tag(3, VARINT), 9]);
    expect(WebcastImDeleteMessage.decode(message, report)).toMatchObject({
      deleteMsgIdsList: ['1'],
      deleteUserIdsList: ['9'],
    });
    expect(report.dropped).toBe(1);
  });

  it('maps are objects with decimal keys; the last entry of a key wins', () => {
    const entry = (key: bigint, battle: bigint): number[] =>
      delimited(3, [...tag(1, VARINT), ...varint(key), ...delimited(2, [...tag(2, VARINT), ...varint(battle)])]);
    const armies = WebcastLinkMicArmies.decode(
      bytes(entry(7_312_345_678_901_234_567n, 1n), entry(-1n, 2n), entry(-1n, 3n)),
    );
    expect(Object.keys(armies.battleItems).sort()).toEqual(['-1', '7312345678901234567']);
    expect(WebcastLinkMicArmies.decode(WebcastLinkMicArmies.encode(armies).finish())).toEqual(armies);
  });

  it('an entry without key or value has the defaults', () => {
    expect(FansClubMember.decode(bytes(delimited(2, []))).preferData).toEqual({
      0: codecForType('FansClubData')?.decode(new Uint8Array(0)),
    });
    expect(User_UserAttr.decode(bytes(delimited(5, [...tag(1, VARINT), 4]))).adminPermissions).toEqual({ 4: 0 });
  });

  it('an entry whose value cannot be read is left out and counted', () => {
    const report: DecodeReport = { dropped: 0 };
    const broken = delimited(2, [...tag(1, VARINT), 1, ...delimited(2, [0x0a, 9])]);
    const good = delimited(2, [...tag(1, VARINT), 2, ...delimited(2, [])]);
    expect(Object.keys(FansClubMember.decode(bytes(broken, good), report).preferData)).toEqual(['2']);
    expect(report.dropped).toBe(1);
  });

  it('a key named __proto__ is an entry like any other', () => {
    const entry = delimited(7, [...text(1, '__proto__'), ...text(2, 'x')]);
    const { routeParams } = ProtoMessageFetchResult.decode(bytes(entry, delimited(7, text(1, 'constructor'))));
    expect(Object.getPrototypeOf(routeParams)).toBe(Object.prototype);
    expect(Object.entries(routeParams)).toEqual([
      ['__proto__', 'x'],
      ['constructor', ''],
    ]);
    expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  });
});

describe('text and bytes', () => {
  it('text is UTF-8 at every length; what is not UTF-8 becomes U+FFFD', () => {
    for (const value of ['a', 'é', '😍', 'ありがとう'.repeat(20), 'x'.repeat(5_000)]) {
      expect(User.decode(bytes(text(3, value))).nickname).toBe(value);
    }
    expect(User.decode(bytes(delimited(3, [0x61, 0xff, 0x62]))).nickname).toBe('a\ufffdb');
  });

  it('bytes are views of the input, also of an input that is itself a view', () => {
    const whole = bytes([0, 0, 0], delimited(8, [1, 2, 3]));
    const { payload } = WebcastPushFrame.decode(whole.subarray(3));
    expect([...payload]).toEqual([1, 2, 3]);
    expect(payload.buffer).toBe(whole.buffer);
    whole[5] = 9;
    expect(payload[0]).toBe(9);
  });
});

describe('what cannot be read', () => {
  it('costs a nested message itself only: it is absent and counted', () => {
    const report: DecodeReport = { dropped: 0 };
    const like = WebcastLikeMessage.decode(bytes(delimited(5, BROKEN_USER), [...tag(2, VARINT), 3]), report);
    expect(like.user).toBeUndefined();
    expect(like.likeCount).toBe(3);
    expect(report.dropped).toBe(1);
  });

  it('keeps an earlier readable value of the same field', () => {
    const like = WebcastLikeMessage.decode(bytes(delimited(5, GOOD_USER), delimited(5, BROKEN_USER)));
    expect(like.user?.userId).toBe('7');
  });

  it('leaves a repeated entry out', () => {
    const contributor = (user: readonly number[]): number[] => delimited(2, delimited(2, user));
    const message = bytes(contributor(GOOD_USER), delimited(2, [0x0a, 0x7f]), contributor(GOOD_USER));
    const report: DecodeReport = { dropped: 0 };
    expect(WebcastRoomUserSeqMessage.decode(message, report).ranksList).toHaveLength(2);
    expect(report.dropped).toBe(1);
  });

  it('costs the innermost readable length: the messages around stay', () => {
    const contributor = delimited(2, [...delimited(2, BROKEN_USER), ...tag(3, VARINT), 4]);
    const report: DecodeReport = { dropped: 0 };
    const { ranksList } = WebcastRoomUserSeqMessage.decode(bytes(contributor), report);
    expect(ranksList).toHaveLength(1);
    expect(ranksList[0]).toMatchObject({ user: undefined, rank: 4 });
    expect(report.dropped).toBe(1);
  });

  it.each([
    ['an int64', [...tag(1, VARINT), 0x80]],
    ['an int32', [...tag(23, VARINT), 0x80]],
    ['a tag', [0x80]],
    ['a value of one byte', tag(23, VARINT)],
    ['a packed list', [...tag(99, VARINT), 1, ...tag(50, BYTES)]],
  ])('is also a nested message in which %s runs into what follows; what follows is read', (_name, content) => {
    const report: DecodeReport = { dropped: 0 };
    const rest = [...tag(2, VARINT), 3, ...text(6, 'long enough to hold any varint')];
    const like = WebcastLikeMessage.decode(bytes(delimited(5, content), rest), report);
    expect(like).toMatchObject({ user: undefined, likeCount: 3, icon: 'long enough to hold any varint' });
    expect(report.dropped).toBe(1);
  });

  it('counts on top of what the report already holds', () => {
    const report: DecodeReport = { dropped: 5 };
    WebcastLikeMessage.decode(bytes(delimited(5, BROKEN_USER)), report);
    expect(report.dropped).toBe(6);
  });

  it.each([
    ['a length behind the end', [...tag(3, BYTES), 5, 65]],
    ['a length of 4 GiB', [...tag(3, BYTES), 0xff, 0xff, 0xff, 0xff, 0x0f, 65]],
    ['a tag without a value', tag(1, VARINT)],
    ['half a varint', [...tag(1, VARINT), 0x80]],
    ['half a tag', [0x80]],
    ['half a fixed64', [...tag(99, FIXED64), 1, 2]],
    ['half a fixed32', [...tag(99, FIXED32), 1]],
    ['field number 0', [0x00, 0x00]],
    ['wire type 6', [...tag(1, 6), 1]],
    ['wire type 7', [...tag(1, 7), 1]],
    ['a group that does not end', [...tag(99, START_GROUP), ...tag(1, VARINT), 1]],
  ])('throws RangeError when the outermost message has %s', (_name, content) => {
    expect(() => User.decode(bytes(content))).toThrow(RangeError);
    expect(() => User.decode(bytes(GOOD_USER, content))).toThrow(/^User: /);
    const report: DecodeReport = { dropped: 0 };
    const like = WebcastLikeMessage.decode(bytes(delimited(5, content), [...tag(2, VARINT), 3]), report);
    expect(like).toMatchObject({ user: undefined, likeCount: 3 });
    expect(report.dropped).toBe(1);
  });

  it('is a message nested deeper than the bound: it counts as dropped, the levels above are intact', () => {
    const nested = (levels: number): Uint8Array => {
      const writer = protobuf.Writer.create();
      for (let i = 0; i < levels; i++) writer.uint32((45 << 3) | BYTES).fork();
      writer.uint32((1 << 3) | VARINT).int32(7);
      for (let i = 0; i < levels; i++) writer.ldelim();
      return writer.finish();
    };
    const depthOf = (user: User): number => {
      let depth = 0;
      for (let next = user.topFans[0]; next !== undefined; next = next.topFans[0]) depth += 1;
      return depth;
    };
    const report: DecodeReport = { dropped: 0 };
    expect(depthOf(User.decode(nested(MAX_NESTING), report))).toBe(MAX_NESTING);
    expect(report.dropped).toBe(0);
    expect(depthOf(User.decode(nested(20_000), report))).toBe(MAX_NESTING);
    expect(report.dropped).toBe(1);
  });

  it('is not a message with many nested ones side by side', () => {
    const fans = Array.from({ length: MAX_NESTING * 3 }, () => delimited(45, GOOD_USER));
    expect(User.decode(bytes(...fans)).topFans).toHaveLength(MAX_NESTING * 3);
  });
});
