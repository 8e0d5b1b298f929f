import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined, names, parse, pipeline, T0 } from '../../../../test/contract/room.js';
import { type GiftSpec, giftMessage } from '../../../../test/contract/wire-messages.js';
import type { PipelineCheckpoint } from './checkpoint.js';
import type { FinishedEvent } from './finished-event.js';
import { COMPLETED_MEMORY_MS, MAX_STREAKS } from './gift-fold.js';
import type { RoomPipeline } from './room-pipeline.js';

const at = (seconds: number): number => T0 + Math.round(seconds * 1000);

const send = (room: RoomPipeline, seconds: number, ...gifts: GiftSpec[]): FinishedEvent[] =>
  room.frame({ messages: gifts.map(giftMessage), receivedAt: at(seconds), now: '0' }).events;

describe("the contract's example of five Finger Hearts", () => {
  it('publishes exactly what its table says', () => {
    const room = joined();
    const streak = '11-5487-900';

    const first = send(room, 0.1, { msgId: '101', repeatCount: 1 });
    expect(first).toHaveLength(1);
    expect(parse<'gift'>(first[0]).data).toMatchObject({ count: 1, diamonds: 5, streak: { id: streak, count: 1 } });

    const second = send(room, 0.6, { msgId: '102', repeatCount: 2 });
    expect(parse<'gift'>(second[0]).data).toMatchObject({ count: 1, diamonds: 5, streak: { id: streak, count: 2 } });

    expect(room.gapOpened('disconnected', at(0.7))).toEqual([]);
    expect(send(room, 3.0, { msgId: '102', repeatCount: 2 })).toEqual([]);

    const third = send(room, 3.2, { msgId: '105', repeatCount: 5 });
    expect(names(third)).toEqual(['room.gap room.gap-3-4', 'gift 105']);
    expect(parse<'room.gap'>(third[0]).data).toEqual({
      from: '2026-01-31T12:00:00.600Z',
      to: '2026-01-31T12:00:03.000Z',
      durationMs: 2400,
      reason: 'disconnected',
      lastIdBefore: '102',
      firstIdAfter: '105',
      fromExact: true,
    });
    expect(parse<'gift'>(third[1]).data).toMatchObject({ count: 3, diamonds: 15, streak: { id: streak, count: 5 } });

    const late = send(room, 3.3, { msgId: '104', repeatCount: 4 });
    expect(parse<'gift'>(late[0]).data).toMatchObject({ count: 0, diamonds: 0, streak: { id: streak, count: 5 } });

    expect(room.timers(at(33.2), at(3))).toEqual([]);
    const over = room.timers(at(33.3), at(3));
    expect(names(over)).toEqual([`gift.completed gift.completed-${streak}`]);
    expect(parse<'gift.completed'>(over[0]).data).toMatchObject({
      user: { id: '11', uniqueId: 'user11' },
      gift: { id: '5487', name: 'Finger Heart', diamondsEach: 5 },
      count: 5,
      diamonds: 25,
      reason: 'timeout',
      streak: { id: streak, count: 5 },
    });

    const end = send(room, 40, { msgId: '106', repeatCount: 5, end: true });
    expect(names(end)).toEqual(['gift 106']);
    expect(parse<'gift'>(end[0]).data).toMatchObject({ count: 0, diamonds: 0, end: true });
  });
});

describe('gifts', () => {
  it('complete a streak once, right after its end frame', () => {
    const room = joined();
    const events = send(room, 1, { msgId: '1', repeatCount: 3 }, { msgId: '2', repeatCount: 4, end: true });
    expect(names(events)).toEqual(['gift 1', 'gift 2', 'gift.completed gift.completed-11-5487-900']);
    expect(parse<'gift.completed'>(events[2]).data).toMatchObject({ count: 4, diamonds: 20, reason: 'end' });
    expect(names(send(room, 2, { msgId: '3', repeatCount: 4, end: true }))).toEqual(['gift 3']);
    expect(names(room.ended({ endedAt: at(3), reason: 'ended' }))).toEqual(['live.ended live.ended-1']);
  });

  it('without a streak complete at once, under the id of the event when there is no group', () => {
    const room = joined();
    const single = send(room, 1, { msgId: '1', repeatCount: 1, giftType: 4, groupId: '0', diamonds: 30 });
    expect(names(single)).toEqual(['gift 1', 'gift.completed gift.completed-1']);
    expect(parse<'gift'>(single[0]).data.streak).toEqual({ id: '1', count: 1 });
    const grouped = send(room, 1, { msgId: '2', repeatCount: 1, giftType: 2, groupId: '5' });
    expect(names(grouped)).toEqual(['gift 2', 'gift.completed gift.completed-11-5487-5']);
  });

  it('wait for 30 seconds of healthy socket, not of time', () => {
    const room = joined();
    send(room, 0, { msgId: '1', repeatCount: 1 });
    expect(room.timers(at(100))).toEqual([]);
    expect(room.timers(at(100), at(80))).toEqual([]);
    expect(names(room.timers(at(110), at(80)))).toEqual(['gift.completed gift.completed-11-5487-900']);
    expect(room.timers(at(200), at(80))).toEqual([]);
  });

  it('wait for 30 seconds from the last frame of their streak, not from the first', () => {
    const room = joined();
    for (let frame = 1; frame <= 4; frame += 1) {
      send(room, 20 * frame, { msgId: String(frame), repeatCount: frame });
      expect(room.timers(at(20 * frame + 19), at(0))).toEqual([]);
    }
    const [completed] = room.timers(at(110), at(0));
    expect(completed?.recordedAt).toBe(at(110));
    expect(parse<'gift.completed'>(completed).data).toMatchObject({ count: 4, reason: 'timeout' });
  });

  it('that are open complete when the room ends', () => {
    const room = joined();
    send(room, 0, { msgId: '1', repeatCount: 7 }, { msgId: '2', repeatCount: 2, groupId: '901' });
    const events = room.ended({ endedAt: at(5), reason: 'ended' });
    expect(names(events)).toEqual([
      'gift.completed gift.completed-11-5487-900',
      'gift.completed gift.completed-11-5487-901',
      'live.ended live.ended-1',
    ]);
    expect(parse<'gift.completed'>(events[0]).data).toMatchObject({ count: 7, reason: 'roomEnded' });
  });

  it('name the guest who received them, and nobody when it was the host', () => {
    const room = joined({ streamerId: '1' });
    const events = send(
      room,
      1,
      { msgId: '1', repeatCount: 1, toUserId: '1' },
      { msgId: '2', repeatCount: 1, toUserId: '42', groupId: '2' },
    );
    expect(parse<'gift'>(events[0]).data.to).toBeUndefined();
    expect(parse<'gift'>(events[1]).data.to).toEqual({ id: '42', nickname: 'Guest' });
  });

  it('take a price that the message does not say from the streak, then from the catalogue, else say none', () => {
    const learned = new Map<string, number>();
    const prices = {
      diamondsEach: (id: string) => learned.get(id),
      learn: (id: string, n: number) => learned.set(id, n),
    };
    const room = joined({ prices });
    const unpriced = send(room, 1, { msgId: '1', repeatCount: 2, diamonds: 0 });
    expect(parse<'gift'>(unpriced[0]).data).not.toHaveProperty('diamonds');
    expect(parse<'gift'>(unpriced[0]).data.gift).not.toHaveProperty('diamondsEach');
    send(room, 2, { msgId: '2', repeatCount: 1, diamonds: 9, groupId: '2' });
    expect(learned).toEqual(new Map([['5487', 9]]));
    const priced = send(room, 3, { msgId: '3', repeatCount: 2, diamonds: 0, groupId: '3' });
    expect(parse<'gift'>(priced[0]).data).toMatchObject({ count: 2, diamonds: 18, gift: { diamondsEach: 9 } });
  });

  it('forget completed streaks after ten minutes and never hold more than their bound', () => {
    const room = joined();
    send(room, 0, { msgId: '1', repeatCount: 1, end: true });
    room.timers(T0 + COMPLETED_MEMORY_MS, T0);
    expect(room.checkpoint().streaks).toEqual([]);
    for (let i = 0; i <= MAX_STREAKS; i += 1) {
      send(room, 700, { msgId: String(1000 + i), repeatCount: 1, groupId: String(1000 + i) });
    }
    expect(room.ended({ endedAt: at(800), reason: 'ended' })).toHaveLength(MAX_STREAKS + 1);
  });
});

describe('the exact total of gifts', () => {
  interface Step {
    readonly kind: 'gift' | 'repeat' | 'restart' | 'timers';
    readonly gift: GiftSpec;
    readonly pick: number;
  }

  const prices = [1, 5, 99];
  const steps = fc.array(
    fc.record({
      kind: fc.constantFrom<Step['kind']>('gift', 'gift', 'gift', 'repeat', 'restart', 'timers'),
      pick: fc.nat(),
      gift: fc
        .record({
          user: fc.integer({ min: 11, max: 13 }),
          kindOfGift: fc.integer({ min: 0, max: 2 }),
          group: fc.integer({ min: 0, max: 4 }),
          repeatCount: fc.integer({ min: 0, max: 40 }),
          end: fc.boolean(),
        })
        .map(({ user, kindOfGift, group, repeatCount, end }): GiftSpec => ({
          msgId: '',
          userId: String(user),
          giftId: 100 + kindOfGift,
          diamonds: prices[kindOfGift] ?? 0,
          groupId: String(group),
          repeatCount,
          end,
        })),
    }),
    { maxLength: 60 },
  );

  it('is Σ max(streak.count) × diamondsEach = Σ diamonds, through repeats, reconnects and planned moves', () => {
    fc.assert(
      fc.property(steps, (history) => {
        let room = joined();
        let epoch = 3;
        let now = T0;
        const sent: GiftSpec[] = [];
        const events: FinishedEvent[] = [];
        for (const step of history) {
          now += 700;
          if (step.kind === 'restart') {
            epoch += 1;
            const checkpoint = JSON.parse(JSON.stringify(room.checkpoint({ clean: true }))) as PipelineCheckpoint;
            room = pipeline({ epoch, checkpoint });
          } else if (step.kind === 'timers') {
            // All within the ten minutes for which ids and completed streaks are remembered.
            if (now - T0 < 400_000) now += 31_000;
            events.push(...room.timers(now, T0));
          } else {
            const again = sent[step.pick % Math.max(1, sent.length)];
            const gift =
              step.kind === 'repeat' && again !== undefined
                ? again
                : { ...step.gift, msgId: String(1000 + sent.length) };
            if (gift !== again) sent.push(gift);
            events.push(...room.frame({ messages: [giftMessage(gift)], receivedAt: now, now: '0' }).events);
          }
        }
        events.push(...room.ended({ endedAt: now, reason: 'ended' }));

        const gifts = events.filter((event) => event.type === 'livetap.gift.v1').map((event) => parse<'gift'>(event));
        const highest = new Map<string, number>();
        for (const { data } of gifts) {
          const value = data.streak.count * (data.gift.diamondsEach ?? 0);
          highest.set(data.streak.id, Math.max(highest.get(data.streak.id) ?? 0, value));
        }
        const exact = [...highest.values()].reduce((sum, value) => sum + value, 0);
        expect(gifts.reduce((sum, { data }) => sum + (data.diamonds ?? 0), 0)).toBe(exact);
        expect(gifts.map((gift) => gift.id)).toEqual(sent.map((gift) => gift.msgId));

        // Once for each streak.
        const completed = events.filter((event) => event.type === 'livetap.gift.completed.v1');
        expect(completed.map((event) => event.id).sort()).toEqual(
          [...highest.keys()].map((id) => `gift.completed-${id}`).sort(),
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('a streak that goes on in the next session of its room', () => {
  it('is not counted again, nor completed again: the boundary of sessions may be noticed late', () => {
    const first = joined();
    const before = send(first, 1, { msgId: '1', repeatCount: 4 });
    first.ended({ endedAt: T0 + 2_000, reason: 'replaced' });
    const checkpoint = JSON.parse(JSON.stringify(first.checkpoint())) as PipelineCheckpoint;
    const second = pipeline({ occurrence: 2, sessionId: '7-2', sequence: first.sequence, checkpoint });
    second.started({ streamer: { id: '1' }, joinedAt: T0 + 3_000, via: 'direct' });
    const after = send(second, 4, { msgId: '2', repeatCount: 6, end: true });
    expect(after).toHaveLength(1);
    const diamonds = [...before, ...after].map((event) => parse<'gift'>(event).data.diamonds ?? 0);
    expect(diamonds).toEqual([20, 10]);
  });
});
