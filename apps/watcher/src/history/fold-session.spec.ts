import { describe, expect, it } from 'vitest';
import { hashKey, readFacts, type EventFacts } from './event-facts.js';
import { foldEvents } from './fold-session.js';
import { DID } from './fold-viewers.js';
import type { FoldInput } from './history.port.js';
import { mergeStreaks } from './merge-streaks.js';

const T0 = Date.parse('2026-11-22T12:00:00.000Z');
const iso = (offsetMs: number): string => new Date(T0 + offsetMs).toISOString();

function input(name: string, id: string, offsetMs: number, data: object = {}, extra: object = {}): FoldInput {
  const event = {
    specversion: '1.0',
    id,
    source: '/tiktok/rooms/900',
    type: `livetap.${name}.v1`,
    subject: 'anna',
    sessionid: '900',
    recordedtime: iso(offsetMs),
    sequence: `00000001-${String(offsetMs).padStart(12, '0')}`,
    data,
    ...extra,
  };
  return { type: event.type, source: event.source, id, value: Buffer.from(JSON.stringify(event)) };
}

function facts(...inputs: readonly FoldInput[]): EventFacts[] {
  return inputs.map((one) => {
    const outcome = readFacts(one);
    if (!('facts' in outcome)) throw new Error(`skipped: ${outcome.skipped}`);
    return outcome.facts;
  });
}

describe('readFacts', () => {
  it('takes the envelope and tells wire events from our own', () => {
    const [chat] = facts(input('chat', '7', 5, { comment: 'hi' }, { streamerid: '55' }));
    expect(chat).toMatchObject({
      key: hashKey('/tiktok/rooms/900', '7'),
      name: 'chat',
      wire: true,
      roomId: '900',
      sessionId: '900',
      uniqueId: 'anna',
      tiktokUserId: '55',
      recordedAt: T0 + 5,
    });
    for (const own of ['live.started', 'live.ended', 'live.left', 'room.gap', 'gift.completed']) {
      expect(facts(input(own, '1', 0))[0]?.wire).toBe(false);
    }
    expect(facts(input('eventOfTomorrow', '1', 0))[0]?.wire).toBe(true);
    expect(facts(input('unknown', '1', 0))[0]?.wire).toBe(true);
  });

  it('passes over what is not a room’s, and says when something is no event at all', () => {
    const base = input('chat', '7', 5);
    const outcome = (change: Partial<FoldInput>) => readFacts({ ...base, ...change });
    expect(outcome({ source: '/tiktok/rooms/900/raw' })).toEqual({ skipped: 'notHistory' });
    expect(outcome({ source: '/tiktok/viewers/5', type: 'livetap.viewer.erased.v1' })).toEqual({
      skipped: 'notHistory',
    });
    expect(outcome({ type: 'livetap.canary.v1' })).toEqual({ skipped: 'notHistory' });
    expect(outcome({ type: 'com.example.other' })).toEqual({ skipped: 'notHistory' });
    for (const text of [
      '',
      '{',
      'null',
      '[]',
      '{"subject":"a"}',
      '{"subject":"a","recordedtime":"0001-01-01T00:00:00Z"}',
    ]) {
      expect(outcome({ value: Buffer.from(text) })).toEqual({ skipped: 'malformed' });
    }
  });

  it('gives repeats the same key and different events different ones', () => {
    expect(hashKey('a', 'b')).toBe(hashKey('a', 'b'));
    expect(new Set([hashKey('a', 'bc'), hashKey('ab', 'c'), hashKey('abc'), hashKey('a', 'b', 'c')]).size).toBe(4);
  });
});

describe('foldEvents', () => {
  it('adds up a session and its intervals', () => {
    const batch = foldEvents(
      facts(
        input('live.started', 'live.started-1', 1_000, { joinedAt: iso(900), startedAt: iso(-60_000), title: 'Hello' }),
        input('chat', '1', 1_100),
        input('member', '2', 1_200),
        input('follow', '3', 1_300, { followCount: 1_001 }),
        input('share', '4', 1_400),
        input('like', '5', 1_500, { count: 3, total: 30 }),
        input('like', '6', 1_600, { count: 3, total: 20 }),
        input('roomUser', '7', 1_700, { viewers: 50, totalViewers: 300 }),
        input('roomUser', '8', 1_800, { viewers: 40, totalViewers: 290 }),
        input('room.gap', 'room.gap-1-1', 12_000, {
          from: iso(9_400),
          to: iso(11_900),
          durationMs: 2_500,
          reason: 'stalled',
        }),
        input('chat', '9', 12_100),
        input('live.ended', 'live.ended-1', 21_000, { endedAt: iso(20_900), reason: 'ended' }),
      ),
      10_000,
    );
    expect(batch.sessions).toEqual([
      {
        id: '900',
        roomId: '900',
        uniqueId: 'anna',
        title: 'Hello',
        startedAt: T0 - 60_000,
        joinedAt: T0 + 900,
        lastEventAt: T0 + 21_000,
        endedAt: T0 + 20_900,
        endReason: 'ended',
        peakViewers: 50,
        likes: 30,
        chats: 2,
        joins: 1,
        follows: 1,
        shares: 1,
        gaps: 1,
        gapMs: 2_500,
        events: 9,
        viewersSum: 90,
        viewersStated: 2,
        totalViewers: 300,
        followersFirst: { value: 1_001, order: `${iso(1_300)} 00000001-000000001300` },
        followersLast: { value: 1_001, order: `${iso(1_300)} 00000001-000000001300` },
      },
    ]);
    expect(batch.gaps).toEqual([
      { sessionId: '900', id: 'room.gap-1-1', from: T0 + 9_400, to: T0 + 11_900, reason: 'stalled' },
    ]);
    expect(
      batch.snapshots.map(({ at, viewers, likes, chats, events, final }) => [
        at - T0,
        viewers,
        likes,
        chats,
        events,
        final,
      ]),
    ).toEqual([
      [0, 40, 30, 1, 8, false],
      [10_000, undefined, 0, 1, 1, false],
      [20_000, undefined, 0, 0, 0, true],
    ]);
  });

  it('counts the gifts of the contract’s table as 5 × 5 diamonds', () => {
    const gift = (id: string, offset: number, repeatCount: number, count: number, highest: number) =>
      input('gift', id, offset, {
        gift: { id: '5655', name: 'Heart', diamondsEach: 5 },
        repeatCount,
        count,
        diamonds: count * 5,
        streak: { id: '1-5655-9', count: highest },
      });
    const table = facts(
      gift('101', 100, 1, 1, 1),
      gift('102', 600, 2, 1, 2),
      gift('105', 3_200, 5, 3, 5),
      gift('104', 3_300, 4, 0, 5),
      input('gift.completed', 'gift.completed-1-5655-9', 33_300, { count: 5, diamonds: 25 }),
      gift('106', 40_000, 5, 0, 5),
    );
    const batch = foldEvents(table, 10_000);
    expect(mergeStreaks([], batch.streaks).sessions.get('900')).toEqual({ sessionId: '900', gifts: 5, diamonds: 25 });
    expect(batch.snapshots.reduce((sum, one) => sum + one.diamonds, 0)).toBe(25);
    expect(batch.gifts).toEqual([{ id: '5655', name: 'Heart', diamondsEach: 5, seenAt: T0 + 40_000 }]);

    // In two batches, the later one first: the same worth.
    const late = foldEvents(table.slice(2), 10_000);
    const early = foldEvents(table.slice(0, 2), 10_000);
    const first = mergeStreaks([], late.streaks).sessions.get('900');
    const second = mergeStreaks(late.streaks, early.streaks).sessions.get('900');
    expect((first?.diamonds ?? 0) + (second?.diamonds ?? 0)).toBe(25);
  });

  it('takes two owners’ overlapping counts of one streak once', () => {
    const gift = (id: string, count: number, highest: number) =>
      input('gift', id, 0, {
        gift: { id: '1', diamondsEach: 10 },
        count,
        diamonds: count * 10,
        streak: { id: 's', count: highest },
      });
    const batch = foldEvents(facts(gift('1', 3, 3), gift('2', 4, 4)), 10_000);
    expect(mergeStreaks([], batch.streaks).sessions.get('900')).toMatchObject({ gifts: 4, diamonds: 40 });
  });

  it('says who did what once for each person, and names those who gave', () => {
    const user = (id: string, more: object = {}) => ({ user: { id, uniqueId: `u${id}`, ...more } });
    const gift = { gift: { id: '1', diamondsEach: 10 }, count: 1, streak: { id: 's', count: 1 } };
    const batch = foldEvents(
      facts(
        input('member', '1', 1, user('7')),
        input('chat', '2', 2, user('7')),
        input('chat', '3', 3, user('7')),
        input('like', '4', 4, user('8')),
        input('gift', '5', 5, { ...gift, ...user('8', { nickname: 'New' }) }),
        input('gift', '6', 4, { ...gift, ...user('8', { nickname: 'Old' }) }),
        input('follow', '7', 6, user('9')),
        input('share', '8', 7, user('0')),
        input('chat', '9', 8, user('9223372036854775808')),
        input('roomUser', '10', 9, user('10')),
        // A frame that counts nothing makes nobody a gifter.
        input('gift', '11', 10, { gift: { id: '1' }, count: 0, streak: { id: 't', count: 0 }, ...user('11') }),
      ),
      10_000,
    );
    expect(batch.viewers).toEqual([
      { sessionId: '900', viewerId: '7', did: DID.joined | DID.wrote },
      { sessionId: '900', viewerId: '8', did: DID.liked | DID.gave },
      { sessionId: '900', viewerId: '9', did: DID.followed },
    ]);
    expect(batch.names).toEqual([
      { id: '8', uniqueId: { name: 'u8', seenAt: T0 + 5 }, nickname: { name: 'New', seenAt: T0 + 5 } },
    ]);
  });

  it('takes the viewers of the last event by receipt, in whatever order events come and whoever received them', () => {
    const viewers = (at: number, count: number) => input('roomUser', String(at), at, { viewers: count });
    const events = facts(viewers(1, 10), viewers(3, 30), viewers(2, 20));
    expect(foldEvents(events, 10_000)).toMatchObject({
      sessions: [{ peakViewers: 30 }],
      snapshots: [{ viewers: 30, viewersOrder: `${iso(3)} 00000001-000000000003` }],
    });
    // While a streamer has two owners: the older epoch goes on.
    const follow = (at: number, epoch: number, followCount: number) =>
      input('follow', String(at), at, { followCount }, { sequence: `0000000${epoch}-000000000001` });
    const { sessions } = foldEvents(facts(follow(1, 1, 10), follow(2, 2, 11), follow(3, 1, 12)), 10_000);
    expect([sessions[0]?.followersFirst?.value, sessions[0]?.followersLast?.value]).toEqual([10, 12]);
  });

  it('counts a streak’s worth once its price becomes known', () => {
    const stored = [{ sessionId: '900', streak: 's', count: 3 }];
    const priced = { sessionId: '900', streak: 's', count: 4, diamondsEach: 5, firstAt: T0, lastAt: T0 + 1 };
    const gains = mergeStreaks(stored, [{ ...priced, viewerId: '7', giftId: '5655' }]);
    expect(gains.gifters).toEqual([
      { sessionId: '900', viewerId: '7', gifts: 1, diamonds: 20, firstAt: T0, lastAt: T0 + 1 },
    ]);
    expect(gains.gifts).toEqual([{ sessionId: '900', giftId: '5655', gifts: 1, diamonds: 20 }]);
    expect(gains.sessions.get('900')).toEqual({ sessionId: '900', gifts: 1, diamonds: 20 });
  });

  it('holds nonsense within what the database can add up, so that one damaged message never stops all history', () => {
    const worst = 2 ** 31 - 1;
    const gift = (id: string) =>
      input('gift', id, 0, {
        gift: { id: '1', diamondsEach: worst },
        count: worst,
        diamonds: worst * worst,
        streak: { id, count: worst },
      });
    const batch = foldEvents(facts(...Array.from({ length: 1_000 }, (_, n) => gift(String(n)))), 10_000);
    const limit = Number.MAX_SAFE_INTEGER;
    expect(mergeStreaks([], batch.streaks).sessions.get('900')?.diamonds).toBeLessThan(1_000 * limit);
    expect(batch.snapshots[0]?.diamonds).toBeLessThan(1_000 * limit);
    expect(1_000 * limit).toBeLessThan(2 ** 63);
  });

  it('is not upset by data of another shape', () => {
    const odd = {
      total: 'x',
      viewers: -1,
      durationMs: 1.5,
      gift: 7,
      streak: null,
      joinedAt: 'soon',
      endedAt: 5,
      reason: 9,
    };
    const names = ['like', 'roomUser', 'room.gap', 'gift', 'live.started', 'live.ended'];
    const batch = foldEvents(facts(...names.map((name, n) => input(name, `${n}`, n, odd))), 10_000);
    expect(batch.sessions[0]).toMatchObject({
      likes: 0,
      peakViewers: 0,
      gaps: 1,
      gapMs: 0,
      endReason: 'ended',
      endedAt: T0 + 5,
    });
    expect(batch.gaps).toEqual([{ sessionId: '900', id: '2', from: T0 + 2, to: T0 + 2, reason: 'unknown' }]);
  });

  it('counts a gap that does not say when it was by its receipt and its length, within what can be', () => {
    const told = { from: iso(1_000), to: iso(3_000), reason: 'quota' };
    const odd = [
      { ...told, to: iso(0) },
      { ...told, from: '+275760-09-13T00:00:00.000Z', durationMs: 500 },
      { ...told, from: '0001-01-01T00:00:00Z', durationMs: Number.MAX_SAFE_INTEGER },
      { reason: 'r'.repeat(1_000), durationMs: '7' },
    ];
    const { gaps, sessions } = foldEvents(
      facts(...[told, ...odd].map((data, n) => input('room.gap', `${n}`, 10_000, data))),
      10_000,
    );
    const earliest = Date.UTC(2016, 0, 1) - T0;
    expect(gaps.map(({ from, to, reason }) => [from - T0, to - T0, reason])).toEqual([
      [1_000, 3_000, 'quota'],
      [10_000, 10_000, 'quota'],
      [9_500, 10_000, 'quota'],
      [earliest, 10_000, 'quota'],
      [9_993, 10_000, 'r'.repeat(60)],
    ]);
    expect(sessions).toMatchObject([{ gaps: 5, gapMs: gaps.reduce((sum, { from, to }) => sum + to - from, 0) }]);
  });
});
