import { describe, expect, it } from 'vitest';
import { parseJsonLossless } from './json.js';

describe('parseJsonLossless', () => {
  it.each([
    ['{"id":7312345678901234567}', { id: '7312345678901234567' }],
    ['{"id":-7312345678901234567}', { id: '-7312345678901234567' }],
    [
      '[9007199254740991,9007199254740992,9007199254740993]',
      [9007199254740991, '9007199254740992', '9007199254740993'],
    ],
    ['7312345678901234567', '7312345678901234567'],
    [
      '{"a":1234567890123456789.5,"b":1.2345678901234567,"c":12345678901234567e3}',
      {
        a: 1234567890123456789.5, // eslint-disable-line no-loss-of-precision -- that a fraction stays a number is the point
        b: 1.2345678901234567,
        c: 12345678901234567e3,
      },
    ],
    [
      '{"text":"id 7312345678901234567, \\"7312345678901234567\\" \\\\","n":7312345678901234567}',
      { text: 'id 7312345678901234567, "7312345678901234567" \\', n: '7312345678901234567' },
    ],
    ['{"7312345678901234567":[1,7312345678901234567 , 2]}', { '7312345678901234567': [1, '7312345678901234567', 2] }],
    ['{"small":12,"none":null,"yes":true}', { small: 12, none: null, yes: true }],
  ])('keeps every digit: %s', (text, expected) => {
    expect(parseJsonLossless(text)).toEqual(expected);
  });

  it('agrees with JSON.parse where no long integer is', () => {
    const text = JSON.stringify({ a: [1, 2.5, -3e-7, 'x"y\\'], b: { c: '1234567890123456' } });
    expect(parseJsonLossless(text)).toEqual(JSON.parse(text));
  });

  it.each(['', '{', '{"a":7312345678901234567', '"unterminated 7312345678901234567', '<html>7312345678901234567'])(
    'rejects what is not JSON: %s',
    (text) => {
      expect(() => parseJsonLossless(text)).toThrow(SyntaxError);
    },
  );

  it('handles a very long string without recursion', () => {
    const text = JSON.stringify({ s: 'x\\"'.repeat(500_000), id: 1 }).replace(/1}$/, '7312345678901234567}');
    expect((parseJsonLossless(text) as { id: string }).id).toBe('7312345678901234567');
  });
});
