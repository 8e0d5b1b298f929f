import { type PartialMessage, Text } from '@livetap/connector';
import { describe, expect, it } from 'vitest';
import { count, enumName, imageUrl, localizedText, nonZeroEnum, price, timestamp, wireTimeMs } from './values.js';

const wire = (message: PartialMessage<Text>) => Text.decode(Text.encode(message).finish());

describe('texts', () => {
  it('are key, pattern and the pattern filled in', () => {
    const text = wire({
      displayType: 'pm_gift',
      defaultPattern: '{0:user} sent {1:gift} {2:string} {3:pattern} {9:string}',
      piecesList: [
        { userValue: { user: { nickname: 'A $& B', userId: '1' } } },
        { giftValue: { nameRef: { defaultPattern: 'Rose' } } },
        { stringValue: 'x 3' },
        { patternRefValue: { defaultPattern: 'twice' } },
      ],
    });
    expect(localizedText(text)).toEqual({
      key: 'pm_gift',
      pattern: '{0:user} sent {1:gift} {2:string} {3:pattern} {9:string}',
      text: 'A $& B sent Rose x 3 twice {9:string}',
    });
  });

  it('are absent when there is nothing in them', () => {
    expect(localizedText(undefined)).toBeUndefined();
    expect(localizedText(wire({ piecesList: [{ stringValue: 'x' }] }))).toBeUndefined();
  });
});

describe('images', () => {
  it('are their first https address, whatever the wire calls the list', () => {
    expect(imageUrl({ url: ['', 'http://a', 'https://b', 'https://c'] })).toBe('https://b');
    expect(imageUrl({ mUrls: ['https://b'] })).toBe('https://b');
    expect(imageUrl({ imageUrl: ['https://b'] })).toBe('https://b');
    expect(imageUrl({ url: ['sslocal://x'] })).toBeUndefined();
    expect(imageUrl(undefined)).toBeUndefined();
  });
});

describe('enums', () => {
  it('are their names, and UNKNOWN_<n> beyond them', () => {
    expect(enumName('ControlAction', 3)).toBe('CONTROL_ACTION_STREAM_ENDED');
    expect(enumName('ControlAction', 77)).toBe('UNKNOWN_77');
    expect(enumName('ControlAction', -1)).toBe('UNKNOWN_-1');
    expect(nonZeroEnum('ControlAction', 0)).toBeUndefined();
  });
});

describe('times and counts', () => {
  it('refuse what no calendar has', () => {
    expect(wireTimeMs('0')).toBeUndefined();
    expect(wireTimeMs('-5')).toBeUndefined();
    expect(wireTimeMs('x')).toBeUndefined();
    expect(wireTimeMs('253402300799999')).toBe(253_402_300_799_999);
    expect(wireTimeMs('253402300800000')).toBeUndefined();
    expect(timestamp(253_402_300_799_999)).toBe('9999-12-31T23:59:59.999Z');
    expect(() => timestamp(Number.NaN)).toThrow(RangeError);
  });

  it('stay exact numbers', () => {
    expect(count('9007199254740993')).toBe(Number.MAX_SAFE_INTEGER);
    expect(count('-3')).toBe(-3);
    expect(count('x')).toBe(0);
    expect(price(-3)).toBeUndefined();
    expect(price(0)).toBeUndefined();
    expect(price(7)).toBe(7);
  });
});
