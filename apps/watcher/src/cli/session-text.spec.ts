import { describe, expect, it } from 'vitest';
import { sessionText, type ShownSession } from './session-text.js';

const SESSION = {
  ...{ id: '7228996979260232668', uniqueId: 'some.streamer', roomId: '7228996979260232668' },
  ...{ joinedAt: '2026-11-26T10:00:00.000Z', endedAt: '2026-11-26T11:00:00.000Z', endReason: 'ended' },
  ...{ title: 'two\u001b[2J lines\nof it', peakViewers: 120, averageViewers: 80.6 },
  ...{ uniqueViewers: 9, uniqueChatters: 4, uniqueGifters: 2, newFollowers: 1 },
  ...{ chats: 5, likes: 6, joins: 7, follows: 1, shares: 0, gifts: 3, diamonds: 30 },
  ...{ gaps: 2, gapMs: 64_400, events: 25 },
} as unknown as ShownSession['session'];
const GAPS = [
  { id: 'a', from: '2026-11-26T10:10:00.000Z', to: '2026-11-26T10:11:00.000Z', durationMs: 60_000, reason: 'stalled' },
  { id: 'b', from: '2026-11-26T10:20:00.000Z', to: '2026-11-26T10:20:04.400Z', durationMs: 4_400, reason: 'restart' },
];

describe('a session for people', () => {
  it('says its totals and, one by one, what was not seen', () => {
    const text = sessionText({ session: SESSION, gifters: [], gaps: GAPS, moreGaps: false });
    expect(text.split('\n')).toEqual([
      'session   7228996979260232668',
      'streamer  @some.streamer',
      'title     two [2J lines of it',
      'from      2026-11-26 10:00:00Z',
      'to        2026-11-26 11:00:00Z (ended)',
      'viewers   120 at most, 81 on average',
      'people    9 seen, 4 wrote, 2 gave, 1 followed',
      'counts    5 chats, 6 likes, 7 joins, 1 follows, 0 shares',
      'gifts     3 worth 30 diamonds',
      'gaps      2, 64 seconds in all',
      'events    25',
      '',
      'NOT SEEN FROM         TO                    FOR         REASON',
      '2026-11-26 10:10:00Z  2026-11-26 10:11:00Z  60 seconds  stalled',
      '2026-11-26 10:20:00Z  2026-11-26 10:20:04Z  4 seconds   restart',
      '',
    ]);
  });

  it('has no empty tables, and says when there are more gaps', () => {
    const none = sessionText({ session: SESSION, gifters: [], gaps: [], moreGaps: false });
    expect(none).not.toContain('NOT SEEN');
    expect(none).not.toContain('GAVE MOST');
    const viewer = { id: '1', nickname: 'Somebody' };
    const more = sessionText({
      ...{ session: SESSION, gaps: GAPS, moreGaps: true },
      gifters: [{ viewer, gifts: 3, diamonds: 30 }] as unknown as ShownSession['gifters'],
    });
    expect(more).toContain('Somebody   3      30');
    expect(more).toMatch(/There are more of them\.\n$/);
  });
});
