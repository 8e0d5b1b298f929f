import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { joined, names, parse, pipeline, T0 } from '../../../../test/contract/room.js';
import { chatMessage, controlMessage, giftMessage, likeMessage } from '../../../../test/contract/wire-messages.js';
import { CheckpointFold } from './checkpoint-fold.js';
import type { PipelineCheckpoint } from './checkpoint.js';
import type { FinishedEvent } from './finished-event.js';
import type { RoomPipeline } from './room-pipeline.js';
import type { PipelineMessage } from './wire-message.js';

const SECOND = 1000;

function frame(room: RoomPipeline, at: number, ...messages: readonly PipelineMessage[]): FinishedEvent[] {
  return room.frame({ messages, receivedAt: at, now: '0' }).events;
}

function stored(room: RoomPipeline): PipelineCheckpoint {
  return JSON.parse(JSON.stringify(room.checkpoint())) as PipelineCheckpoint;
}

function roll(checkpoint: PipelineCheckpoint | null, events: readonly FinishedEvent[]): PipelineCheckpoint | null {
  const fold = new CheckpointFold(checkpoint);
  for (const event of events) fold.add(event);
  return fold.result;
}

describe('a checkpoint rolled forward over the journal', () => {
  it('is the very same one when the journal holds nothing new', () => {
    const room = joined();
    const events = frame(room, T0 + SECOND, chatMessage('1'));
    const checkpoint = room.checkpoint({ clean: true });
    expect(roll(checkpoint, events)).toBe(checkpoint);
    expect(roll(null, [])).toBeNull();
  });

  it('knows a session that began and ended after it, also with no checkpoint at all', () => {
    const room = pipeline();
    const events = room.started({ streamer: { id: '1' }, startedAt: T0 - 5, joinedAt: T0, via: 'direct' });
    events.push(...frame(room, T0 + SECOND, chatMessage('1'), likeMessage('2', 3, 30)));
    expect(roll(null, events)).toMatchObject({
      roomId: '7',
      sessionId: '7',
      occurrence: 1,
      joined: true,
      startedAt: T0 - 5,
      streamerId: '1',
      lastFrameAt: T0 + SECOND,
      lastId: '2',
      likeTotal: 30,
      recentIds: ['1', '2'],
      epoch: 3,
      sequence: 3,
    });
    events.push(...frame(room, T0 + 2 * SECOND, controlMessage('3', 3)));
    events.push(...room.ended({ endedAt: T0 + 2 * SECOND, reason: 'ended' }));
    expect(roll(null, events)).toMatchObject({ joined: false, occurrence: 1, recentIds: ['1', '2', '3'] });
  });

  it('goes on in the room that took the place of the checkpoint’s, not back to one before', () => {
    const first = joined();
    const second = pipeline({ roomId: '8', sessionId: '8' });
    const before = frame(first, T0 + SECOND, chatMessage('1'));
    before.push(...first.ended({ endedAt: T0 + SECOND, reason: 'replaced' }));
    const after = second.started({ streamer: { id: '1' }, joinedAt: T0 + 2 * SECOND, via: 'direct' });
    after.push(...frame(second, T0 + 3 * SECOND, chatMessage('5')));
    expect(roll(first.checkpoint(), after)).toMatchObject({ roomId: '8', joined: true, recentIds: ['5'] });
    expect(roll(stored(second), before)).toEqual(stored(second));
  });

  it('leaves out what another owner has gone beyond', () => {
    const old = joined();
    const events = frame(old, T0 + SECOND, likeMessage('1', 1, 500));
    const successor = stored(joined({ epoch: 4 }));
    expect(roll(successor, events)).toBe(successor);
  });

  it('counts a streak on, and completes it once, after a crash before any checkpoint', () => {
    const room = joined();
    const events = frame(room, T0 + SECOND, giftMessage({ msgId: '101', repeatCount: 3 }));
    const next = pipeline({ epoch: 4, checkpoint: roll(null, [...startOf(), ...events]) });
    const more = frame(next, T0 + 2 * SECOND, giftMessage({ msgId: '102', repeatCount: 5, end: true }));
    expect(names(more)).toEqual(['gift 102', expect.stringMatching(/^gift\.completed /)]);
    expect(parse<'gift'>(more[0]).data).toMatchObject({ count: 2, diamonds: 10, streak: { count: 5 } });
    const last = pipeline({ epoch: 5, checkpoint: roll(null, [...startOf(), ...events, ...more]) });
    expect(names(frame(last, T0 + 3 * SECOND, giftMessage({ msgId: '103', repeatCount: 5, end: true })))).toEqual([
      'gift 103',
    ]);
    expect(last.timers(T0 + 90 * SECOND, T0)).toEqual([]);
  });

  it('has no gap left that was published already', () => {
    const room = joined();
    frame(room, T0 + SECOND, chatMessage('1'));
    room.gapOpened('disconnected', T0 + 2 * SECOND);
    const checkpoint = stored(room);
    expect(checkpoint.gap).toBeDefined();
    const events = frame(room, T0 + 5 * SECOND, chatMessage('2'));
    expect(names(events)).toEqual(['room.gap room.gap-3-3', 'chat 2']);
    const rolled = roll(checkpoint, events);
    expect(rolled).not.toHaveProperty('gap');
    const next = pipeline({ epoch: 4, checkpoint: rolled });
    next.gapOpened('restart', T0 + 5 * SECOND);
    const after = frame(next, T0 + 9 * SECOND, chatMessage('3'));
    expect(names(after)).toEqual(['room.gap room.gap-4-1', 'chat 3']);
    expect(parse<'room.gap'>(after[0]).data).toMatchObject({ lastIdBefore: '2', firstIdAfter: '3', fromExact: false });
  });

  it('is not clean any more when something came after a planned stop', () => {
    const old = joined();
    frame(old, T0 + SECOND, chatMessage('1'));
    const released = old.checkpoint({ clean: true });
    const next = pipeline({ epoch: 4, checkpoint: released });
    const events = frame(next, T0 + 2 * SECOND, chatMessage('2'));
    const rolled = roll(released, events);
    expect(rolled).not.toHaveProperty('clean');
    const last = pipeline({ epoch: 5, checkpoint: rolled });
    last.gapOpened('restart', T0 + 9 * SECOND);
    const [gap] = frame(last, T0 + 10 * SECOND, chatMessage('3'));
    expect(parse<'room.gap'>(gap).data).toMatchObject({ fromExact: false, lastIdBefore: '2' });
  });

  function startOf(): FinishedEvent[] {
    return pipeline().started({ streamer: { id: '1' }, joinedAt: T0, via: 'direct' });
  }
});

interface Sent {
  readonly kind: 'chat' | 'gift' | 'like';
  readonly id: number;
  readonly value: number;
}

type Step = { readonly kind: 'frame'; readonly sent: readonly Sent[] } | { readonly kind: 'gap' | 'timers' };

const sent: fc.Arbitrary<Sent> = fc.record({
  kind: fc.constantFrom<Sent['kind']>('chat', 'gift', 'gift', 'like'),
  id: fc.integer({ min: 1, max: 60 }),
  value: fc.integer({ min: 0, max: 30 }),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('frame' as const), sent: fc.array(sent, { maxLength: 5 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom<'gap' | 'timers'>('gap', 'timers') }) },
);
const history = fc.array(step, { maxLength: 30 });

function message({ kind, id, value }: Sent): PipelineMessage {
  const msgId = String(id);
  if (kind === 'chat') return chatMessage(msgId);
  if (kind === 'like') return likeMessage(msgId, value, value * 10);
  return giftMessage({
    msgId,
    repeatCount: value,
    groupId: String(value % 4),
    end: value % 7 === 0,
    diamonds: value % 2,
  });
}

function apply(room: RoomPipeline, one: Step, at: number): FinishedEvent[] {
  if (one.kind === 'frame') return frame(room, at, ...one.sent.map(message));
  return one.kind === 'gap' ? room.gapOpened('disconnected', at) : room.timers(at, T0 - 60 * SECOND);
}

describe('whenever the process is killed', () => {
  it('the rolled checkpoint is what the pipeline would have said at that moment', () => {
    fc.assert(
      fc.property(history, fc.nat({ max: 30 }), (steps, checkpointAt) => {
        const room = pipeline();
        let checkpoint: PipelineCheckpoint | null = null;
        const events = room.started({ streamer: { id: '1' }, joinedAt: T0, via: 'direct' });
        steps.forEach((one, index) => {
          if (index === checkpointAt) checkpoint = stored(room);
          events.push(...apply(room, one, T0 + index * 8 * SECOND));
        });
        // Everything is read again: what the checkpoint knows must be left out by its number.
        const rolled = roll(checkpoint, events);
        // A frame of repeats alone leaves no trace in the journal, an interval not yet published neither.
        const comparable = ({ gap: _gap, lastFrameAt: _at, streaks, ...rest }: PipelineCheckpoint) => ({
          ...rest,
          streaks: new Map(streaks.map((streak) => [streak.id, streak])),
        });
        expect(rolled).not.toBeNull();
        if (rolled !== null) expect(comparable(rolled)).toEqual(comparable(stored(room)));
      }),
    );
  });

  it('what follows counts as if nothing had happened', () => {
    fc.assert(
      fc.property(history, history, fc.nat({ max: 30 }), (before, after, checkpointAt) => {
        const room = pipeline();
        let checkpoint: PipelineCheckpoint | null = null;
        const events = room.started({ streamer: { id: '1' }, joinedAt: T0, via: 'direct' });
        before.forEach((one, index) => {
          if (index === checkpointAt) checkpoint = stored(room);
          events.push(...apply(room, one, T0 + index * 8 * SECOND));
        });
        const next = pipeline({ epoch: 4, checkpoint: roll(checkpoint, events) });
        const facts = (events: readonly FinishedEvent[]) =>
          events
            .filter(({ type }) => type !== 'livetap.room.gap.v1')
            .map((event) => ({ id: event.id, type: event.type, data: parse(event).data }));
        after.forEach((one, index) => {
          const at = T0 + (before.length + index) * 8 * SECOND;
          expect(facts(apply(next, one, at))).toEqual(facts(apply(room, one, at)));
        });
      }),
    );
  });
});
