import { describe, expect, it } from 'vitest';
import { readRateLimit } from './rate-limit.js';

const DATE = 'Wed, 25 Nov 2026 10:00:00 GMT';
const AT = Date.parse(DATE) / 1000;
const read = (headers: Record<string, unknown>, status = 200) =>
  readRateLimit({ status, headers, body: Buffer.alloc(0) }, AT * 1000 + 400);

describe('the quota in an answer of the sign server', () => {
  it.each([
    ['nothing said', {}, {}],
    [
      'a point in time, held against the server’s own clock',
      { 'x-ratelimit-limit': '60', 'x-ratelimit-remaining': 12, 'x-ratelimit-reset': String(AT + 30), date: DATE },
      { limit: 60, remaining: 12, resetMark: AT + 30, resetInMs: 30_000 },
    ],
    [
      'a duration',
      { 'ratelimit-limit': '10', 'ratelimit-remaining': '0', 'ratelimit-reset': '7', date: DATE },
      { limit: 10, remaining: 0, resetMark: AT + 7, resetInMs: 7_000 },
    ],
    ['no date: our clock', { 'x-ratelimit-reset': String(AT + 3) }, { resetMark: AT + 3, resetInMs: 3_000 }],
    ['a reset that is past', { 'x-ratelimit-reset': String(AT - 9), date: DATE }, { resetMark: AT - 9, resetInMs: 0 }],
    ['nonsense', { 'x-ratelimit-limit': 'many', 'x-ratelimit-remaining': '-1', 'retry-after': '' }, {}],
    ['a pause', { 'retry-after': '17' }, { retryAfterMs: 17_000 }],
  ])('%s', (_name, headers, expected) => {
    expect(read(headers)).toEqual({ status: 200, ...expected });
  });

  it('keeps status and label', () => {
    expect(readRateLimit({ status: 429, headers: {}, body: Buffer.alloc(0) }, 0, 'hour')).toEqual({
      status: 429,
      label: 'hour',
    });
  });
});
