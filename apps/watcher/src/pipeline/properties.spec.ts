import fc from 'fast-check';
import { parseSequence } from '@livetap/contracts';
import { describe, expect, it } from 'vitest';
import { compileSchemas } from '../../../../test/contract/event-schemas.js';
import { parse, pipeline, T0 } from '../../../../test/contract/room.js';
import {
  chatMessage,
  controlMessage,
  giftMessage,
  likeMessage,
  unknownMessage,
} from '../../../../test/contract/wire-messages.js';
import type { PipelineCheckpoint } from './checkpoint.js';
import type { FinishedEvent } from './finished-event.js';
import type { RoomPipeline } from './room-pipeline.js';
import type { PipelineMessage } from './wire-message.js';

const schemas = compileSchemas();

interface Sent {
  readonly kind: 'chat' | 'gift' | 'like' | 'unknown' | 'control' | 'cut';
  readonly id: number;
  readonly value: number;
}

type Step =
  | { readonly kind: 'frame'; readonly sent: readonly Sent[] }
  | { readonly kind: 'gap' | 'healthy' | 'timers' | 'rejected' };

/** Ids from a small range, so that many messages are repeats. */
const sent: fc.Arbitrary<Sent> = fc.record({
  kind: fc.constantFrom<Sent['kind']>('chat', 'gift', 'gift', 'like', 'unknown', 'control', 'cut'),
  id: fc.integer({ min: 1, max: 60 }),
  value: fc.integer({ min: 0, max: 30 }),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('frame' as const), sent: fc.array(sent, { maxLength: 5 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom<'gap' | 'healthy' | 'timers' | 'rejected'>('gap', 'healthy', 'timers', 'rejected'),
    }),
  },
);

const history = fc.array(step, { maxLength: 40 });

function message({ kind, id, value }: Sent): PipelineMessage {
  const msgId = String(id);
  switch (kind) {
    case 'chat':
      return chatMessage(msgId, `comment ${id}`);
    case 'gift':
      return giftMessage({
        msgId,
        repeatCount: value,
        groupId: String(value % 4),
        end: value % 7 === 0,
        diamonds: value % 2,
      });
    case 'like':
      return likeMessage(msgId, value, value * 10);
    case 'unknown':
      return unknownMessage(msgId);
    case 'control':
      return controlMessage(msgId, 1 + (value % 2));
    case 'cut':
      return { ...chatMessage(msgId), payload: chatMessage(msgId).payload.subarray(0, 12) };
  }
}

const SECOND = 1000;

function apply(room: RoomPipeline, one: Step, at: number): FinishedEvent[] {
  switch (one.kind) {
    case 'frame':
      return room.frame({ messages: one.sent.map(message), receivedAt: at, now: '0' }).events;
    case 'gap':
      return room.gapOpened('disconnected', at);
    case 'healthy':
      room.gapClosed(at);
      return [];
    case 'timers':
      return room.timers(at, T0 - 60 * SECOND);
    case 'rejected':
      return room.rejectedFrame(Uint8Array.of(at % 5), at);
  }
}

/** Runs a history; before each step of `moves` another owner takes the room from a checkpoint. */
function run(steps: readonly Step[], moves: ReadonlySet<number> = new Set(), clean = true) {
  let room = pipeline();
  const rooms = [room];
  const events = room.started({ streamer: { id: '1' }, joinedAt: T0, via: 'direct' });
  steps.forEach((one, index) => {
    if (moves.has(index)) {
      const checkpoint = JSON.parse(JSON.stringify(room.checkpoint({ clean }))) as PipelineCheckpoint;
      room = pipeline({ epoch: 3 + rooms.length, checkpoint });
      rooms.push(room);
    }
    events.push(...apply(room, one, T0 + index * 8 * SECOND));
  });
  events.push(...room.ended({ endedAt: T0 + steps.length * 8 * SECOND, reason: 'ended' }));
  return { events, rooms };
}

/** All but what names the owner. */
function comparable(event: FinishedEvent): unknown {
  const { sequence: _sequence, leaseepoch: _epoch, id, ...rest } = parse(event);
  return { ...rest, id: event.type === 'livetap.room.gap.v1' ? 'gap' : id };
}

describe('whatever happens in a room', () => {
  it('numbers are contiguous over all topics', () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat({ max: 39 }), { maxLength: 4 }), (steps, moves) => {
        const next = new Map<number, number>();
        for (const event of run(steps, new Set(moves)).events) {
          const sequence = parseSequence(event.sequence ?? '');
          const expected = next.get(sequence?.epoch ?? 0) ?? 1;
          expect(sequence?.n).toBe(expected);
          next.set(sequence?.epoch ?? 0, expected + 1);
        }
      }),
    );
  });

  it('each message id makes exactly one event, and every event is valid', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const { events } = run(steps);
        const wanted = new Set(
          steps.flatMap((one) => (one.kind === 'frame' ? one.sent.map(({ id }) => String(id)) : [])),
        );
        const wire = events.filter((event) => /^\d+$/.test(event.id)).map((event) => event.id);
        expect(wire).toHaveLength(wanted.size);
        expect(new Set(wire)).toEqual(wanted);
        expect(new Set(events.map((event) => event.id)).size).toBe(events.length);
        for (const event of events) expect(schemas.errors(parse(event))).toEqual([]);
      }),
    );
  });

  it('the same input gives the same bytes', () => {
    fc.assert(
      fc.property(history, (steps) => {
        const bytes = () => run(steps).events.map((event) => event.value.toString());
        expect(bytes()).toEqual(bytes());
      }),
    );
  });

  it('a planned move changes nothing but the epoch', () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat({ max: 39 }), { minLength: 1, maxLength: 5 }), (steps, moves) => {
        const moved = run(steps, new Set(moves)).events.map(comparable);
        expect(moved).toEqual(run(steps).events.map(comparable));
      }),
    );
  });

  it('the total of likes never falls', () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat({ max: 39 }), { maxLength: 3 }), fc.boolean(), (steps, moves, clean) => {
        const likes = run(steps, new Set(moves), clean).events.filter((event) => event.type === 'livetap.like.v1');
        const totals = likes.map((event) => parse<'like'>(event).data.total);
        expect(totals).toEqual([...totals].sort((left, right) => left - right));
      }),
    );
  });

  it('intervals without a socket are each one gap, in order, and never overlap', () => {
    fc.assert(
      fc.property(history, (steps) => {
        let open = false;
        let intervals = 0;
        for (const one of steps) {
          if (one.kind === 'gap' && !open) intervals += 1;
          if (one.kind === 'gap') open = true;
          else if (one.kind !== 'timers') open = false;
        }
        const gaps = run(steps)
          .events.filter((event) => event.type === 'livetap.room.gap.v1')
          .map((event) => parse<'room.gap'>(event).data);
        expect(gaps).toHaveLength(intervals);
        gaps.forEach((gap, index) => {
          expect(gap.from <= gap.to).toBe(true);
          expect((gaps[index - 1]?.to ?? '') <= gap.from).toBe(true);
          expect(gap.durationMs).toBe(Date.parse(gap.to) - Date.parse(gap.from));
        });
      }),
    );
  });

  it('the counters add up', () => {
    fc.assert(
      fc.property(history, fc.array(fc.nat({ max: 39 }), { maxLength: 3 }), (steps, moves) => {
        const { events, rooms } = run(steps, new Set(moves));
        let published = 0;
        for (const { counters } of rooms) {
          const synthesized = Object.values(counters.synthesized).reduce((sum, n) => sum + n, 0);
          expect(counters.messages + counters.rejectedFrames + synthesized).toBe(
            counters.published + counters.deduplicated,
          );
          published += counters.published;
        }
        expect(published).toBe(events.length);
      }),
    );
  });

  it('any bytes as a payload make one event and never an error', () => {
    const method = fc.constantFrom(
      'WebcastChatMessage',
      'WebcastGiftMessage',
      'WebcastLikeMessage',
      'WebcastBarrageMessage',
      'WebcastLinkMicBattle',
      'WebcastLinkLayerMessage',
      'Nope',
    );
    fc.assert(
      fc.property(method, fc.uint8Array({ maxLength: 200 }), (name, payload) => {
        const events = pipeline().frame({
          messages: [{ method: name, msgId: '5', payload, isHistory: false }],
          receivedAt: T0,
          now: 'x',
        }).events;
        expect(events.filter((event) => event.id === '5')).toHaveLength(1);
        for (const event of events) expect(schemas.errors(parse(event))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
