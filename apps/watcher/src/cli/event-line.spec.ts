import { describe, expect, it } from 'vitest';
import { eventLine } from './event-line.js';
import { table } from './table.js';

const event = { id: '1', source: '/tiktok/rooms/1', subject: 'some.one', time: '2026-01-31T19:50:00.250Z' };

describe('what people see of events', () => {
  it.each([
    ['chat', { user: { uniqueId: 'v' }, comment: 'hi\u001b[31m\nthere' }, 'chat  @v  hi [31m there'],
    [
      'gift',
      { user: { nickname: 'V' }, gift: { name: 'Rose' }, count: 3, diamonds: 3 },
      'gift  V  Rose ×3, 3 diamonds',
    ],
    ['gift', { user: { id: '7' }, gift: { id: '9' }, count: 1 }, 'gift  7  9 ×1'],
    ['like', { user: { uniqueId: 'v' }, count: 5, total: 90 }, 'like  @v  +5, 90 in all'],
    ['room.gap', { durationMs: 700, reason: 'stalled' }, 'room.gap  700 ms, stalled'],
    ['live.ended', { reason: 'ended' }, 'live.ended  ended'],
    ['follow', { user: { uniqueId: 'v' } }, 'follow  @v'],
  ])('%s', (name, data, line) => {
    expect(eventLine({ ...event, type: `livetap.${name}.v1`, data })).toBe(`19:50:00  @some.one  ${line}`);
  });

  it('a table is as wide as what stands in it, also where characters are', () => {
    expect(
      table(
        ['A', 'B'],
        [
          ['今日', 1],
          [undefined, '\u001b[2Jx'],
        ],
      ),
    ).toBe('A     B\n今日  1\n       [2Jx\n');
  });
});
