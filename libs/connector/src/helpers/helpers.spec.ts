import { describe, expect, it } from 'vitest';
import { WebcastGiftMessage, WebcastLikeMessage, type PartialMessage } from '../proto/index.js';
import { GiftStreaks } from './gift-streaks.js';
import { LikeTotal } from './like-total.js';

const gift = (fields: PartialMessage<WebcastGiftMessage>): WebcastGiftMessage =>
  WebcastGiftMessage.decode(
    WebcastGiftMessage.encode({
      giftId: 5655,
      groupId: '77',
      user: { userId: '1' },
      giftDetails: { id: '5655', giftType: 1, diamondCount: 5 },
      ...fields,
    }).finish(),
  );

describe('gift streaks', () => {
  it('count what each frame adds; the last frame repeats the count and adds nothing', () => {
    const streaks = new GiftStreaks();
    const deltas = [1, 3, 4].map((repeatCount) => streaks.add(gift({ repeatCount }), 0));
    deltas.push(streaks.add(gift({ repeatCount: 4, repeatEnd: 1 }), 0));
    expect(deltas.map(({ count, total, diamonds, completed }) => [count, total, diamonds, completed])).toEqual([
      [1, 1, 5, false],
      [2, 3, 10, false],
      [1, 4, 5, false],
      [0, 4, 0, true],
    ]);
    expect(deltas[0]?.streakId).toBe('1-5655-77');
  });

  it('count frames that were overtaken, repeated or come late only once', () => {
    const streaks = new GiftStreaks();
    const counts = [2, 5, 3, 5].map((repeatCount) => streaks.add(gift({ repeatCount }), 0).count);
    expect(counts).toEqual([2, 3, 0, 0]);
    expect(streaks.add(gift({ repeatCount: 5, repeatEnd: 1 }), 0).completed).toBe(true);
    expect(streaks.add(gift({ repeatCount: 5, repeatEnd: 1 }), 0)).toMatchObject({ count: 0, completed: false });
    expect(streaks.add(gift({ repeatCount: 6 }), 0)).toMatchObject({ count: 1, completed: false });
    expect(streaks.open).toBe(0);
  });

  it.each([
    ['user', { user: { userId: '2' } }],
    ['gift', { giftId: 9 }],
    ['group', { groupId: '78' }],
  ])('are apart by %s', (_name, other) => {
    const streaks = new GiftStreaks();
    streaks.add(gift({ repeatCount: 4 }), 0);
    expect(streaks.add(gift({ repeatCount: 4, ...other }), 0).count).toBe(4);
    expect(streaks.open).toBe(2);
  });

  it('are complete at once for gifts without a group and for gifts that do not come in streaks', () => {
    const streaks = new GiftStreaks();
    for (const _ of [1, 2])
      expect(streaks.add(gift({ groupId: '0', repeatCount: 2 }), 0)).toEqual({
        streakId: undefined,
        count: 2,
        diamonds: 10,
        total: 2,
        completed: true,
      });
    const single = { giftDetails: { id: '5655', giftType: 2, diamondCount: 100 }, repeatCount: 1 };
    expect(streaks.add(gift(single), 0)).toMatchObject({ count: 1, diamonds: 100, completed: true });
    expect(streaks.open).toBe(0);
  });

  it('know the price from any frame of the streak', () => {
    const streaks = new GiftStreaks();
    expect(streaks.add(gift({ repeatCount: 1, giftDetails: { id: '5655', giftType: 1 } }), 0).diamonds).toBeUndefined();
    streaks.add(gift({ repeatCount: 2 }), 0);
    expect(streaks.add(gift({ repeatCount: 4, giftDetails: { id: '5655', giftType: 1 } }), 0).diamonds).toBe(10);
  });

  it('end without a last frame after the time limit, once, and are forgotten after the memory', () => {
    const streaks = new GiftStreaks({ timeoutMs: 30, memoryMs: 100 });
    streaks.add(gift({ repeatCount: 3 }), 0);
    expect(streaks.expire(29)).toEqual([]);
    expect(streaks.expire(30)).toEqual([{ streakId: '1-5655-77', total: 3, diamonds: 15 }]);
    expect(streaks.expire(31)).toEqual([]);
    expect(streaks.add(gift({ repeatCount: 3, repeatEnd: 1 }), 50)).toMatchObject({ count: 0, completed: false });
    streaks.expire(149);
    expect(streaks.add(gift({ repeatCount: 3 }), 149).count).toBe(0);
    streaks.expire(249);
    expect(streaks.add(gift({ repeatCount: 3 }), 249).count).toBe(3);
  });

  it('have a bounded memory', () => {
    const streaks = new GiftStreaks({ maxStreaks: 10 });
    for (let user = 0; user < 1_000; user += 1)
      streaks.add(gift({ repeatCount: 1, user: { userId: String(user) } }), user);
    expect(streaks.open).toBe(10);
  });
});

describe('the like total', () => {
  it('never falls, and says what each message added', () => {
    const likes = new LikeTotal();
    expect(likes.total).toBe(0);
    const totals = [100, 115, 90, 110, 130].map((totalLikeCount) => {
      const { total, added } = likes.add(
        WebcastLikeMessage.decode(WebcastLikeMessage.encode({ totalLikeCount }).finish()),
      );
      return [total, added];
    });
    expect(totals).toEqual([
      [100, 0],
      [115, 15],
      [115, 0],
      [115, 0],
      [130, 15],
    ]);
    expect(likes.total).toBe(130);
  });
});
