import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { names } from '../../../../test/contract/room.js';
import { chatMessage, controlMessage, giftMessage } from '../../../../test/contract/wire-messages.js';
import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import { MessageShaper } from '../pipeline/message-shaper.js';
import type { RoomMessage } from './room-connector.port.js';
import { newRoomCounters } from './room-counters.js';
import type { RoomInput } from './room-input.js';
import { RoomSessions } from './room-sessions.js';
import { roomPipelines } from './session-pipeline.js';
import { SessionDriver } from './session-driver.js';

const T0 = Date.parse('2026-01-31T12:00:00.000Z');
const SECOND = 1_000;
const shaper = new MessageShaper();

/** A driver of one streamer, with the events that came of it and the inputs that it told. */
class Room {
  readonly events: FinishedEvent[] = [];
  readonly inputs: RoomInput[] = [];
  readonly driver: SessionDriver;
  readonly sessions: RoomSessions;

  constructor(checkpoint: PipelineCheckpoint | null = null) {
    this.sessions = new RoomSessions(
      {
        id: '1',
        uniqueId: 'host',
        aliases: [],
        paused: false,
        labels: [],
        priority: 50,
        state: 'unknown',
        createdAt: new Date(T0),
        updatedAt: new Date(T0),
      },
      { epoch: 3, checkpoint },
      { push: (events) => this.events.push(...events) },
      {
        counters: newRoomCounters(),
        events: { idle: () => undefined, observed: () => undefined, sessionChanged: () => undefined },
        pipelines: roomPipelines({ rawTopic: true, shaper }),
        replicaId: 'replica-1',
      },
    );
    this.driver = new SessionDriver({
      sessions: this.sessions,
      healthyAfterMs: 10 * SECOND,
      onInput: (input) => this.inputs.push(input),
    });
  }

  frame(second: number, ...messages: readonly RoomMessage[]): void {
    this.driver.frame({ messages, receivedAt: T0 + second * SECOND, now: '0' });
  }

  /** Type, id and bytes of each event, in order. */
  get bytes(): string[] {
    return this.events.map(({ topic, source, id, value }) => `${topic} ${source} ${id} ${value.toString('base64')}`);
  }
}

const live = { verdict: 'live', reason: '', title: 'A title', startedAt: T0 - 60 * SECOND } as const;

describe('time in a room', () => {
  it('passes by itself: a socket without a word is healthy at its tenth second, whenever somebody looks', () => {
    const room = new Room();
    room.driver.aim('7', live);
    room.driver.opened(T0, 'direct');
    expect(room.driver.elapse(T0 + 9_999)).toBe(false);
    expect(room.driver.elapse(T0 + 13_700)).toBe(true);
    expect(room.driver.elapse(T0 + 14_700)).toBe(false);
    expect(room.driver.healthySince).toBe(T0 + 10_000);
    expect(names(room.events)).toEqual(['live.started live.started-1']);
    expect(room.events[0]?.recordedAt).toBe(T0 + 10_000);
  });

  it('completes a streak at its thirtieth second, before what came later', () => {
    const room = new Room();
    room.driver.aim('7', live);
    room.driver.opened(T0, 'direct');
    room.frame(1, giftMessage({ msgId: '101', repeatCount: 2 }));
    room.frame(40, chatMessage('102'));
    expect(names(room.events.filter(({ topic }) => topic !== 'raw'))).toEqual([
      'live.started live.started-1',
      'gift 101',
      'gift.completed gift.completed-11-5487-900',
      'chat 102',
    ]);
    expect(room.events.find(({ id }) => id.startsWith('gift.completed'))?.recordedAt).toBe(T0 + 31_000);
  });

  it('does not count while a socket is not read', () => {
    const room = new Room();
    room.driver.aim('7', live);
    room.driver.opened(T0, 'direct');
    room.driver.reading(T0 + 20_000);
    expect(room.driver.elapse(T0 + 29_999)).toBe(false);
    expect(room.driver.elapse(T0 + 30_000)).toBe(true);
  });
});

type Step =
  | { readonly kind: 'frame' | 'rejected' | 'lost' | 'opened' | 'reading' | 'elapse' | 'end' | 'anew' | 'leave' }
  | { readonly kind: 'gift'; readonly count: number; readonly group: number; readonly end: boolean };
type Timed = { readonly step: Step; readonly pauseMs: number; readonly looks: readonly number[] };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom<'frame' | 'elapse'>('frame', 'elapse') }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('gift' as const),
      count: fc.integer({ min: 1, max: 9 }),
      group: fc.integer({ min: 1, max: 3 }),
      end: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom<'rejected' | 'lost' | 'opened' | 'reading'>('rejected', 'lost', 'opened', 'reading'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom<'end' | 'anew' | 'leave'>('end', 'anew', 'leave') }) },
);
const script = fc.array(
  fc.record({
    step,
    pauseMs: fc.oneof(fc.integer({ min: 0, max: 2_000 }), fc.integer({ min: 0, max: 60_000 })),
    looks: fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { maxLength: 4 }),
  }),
  { maxLength: 60 },
);

function play(room: Room, timeline: readonly Timed[], looking: boolean): void {
  const { driver } = room;
  let at = T0;
  let id = 100;
  let open = false;
  driver.aim('7', live);
  for (const { step: one, pauseMs, looks } of timeline) {
    // While a socket is not read nobody looks: see `reading`.
    if (looking && one.kind !== 'reading')
      for (const share of [...looks].sort()) driver.elapse(at + Math.floor(pauseMs * share));
    at += pauseMs;
    id += 1;
    if ((one.kind === 'frame' || one.kind === 'gift' || one.kind === 'rejected') && !open) {
      driver.opened(at, 'direct');
      open = true;
    }
    switch (one.kind) {
      case 'frame':
        driver.frame({ messages: [chatMessage(String(id))], receivedAt: at, now: '0' });
        break;
      case 'gift': {
        const gift = { msgId: String(id), repeatCount: one.count, groupId: String(one.group), end: one.end };
        driver.frame({ messages: [giftMessage(gift)], receivedAt: at, now: '0' });
        break;
      }
      case 'rejected':
        driver.rejected(Uint8Array.of(id & 255, 1), at);
        break;
      case 'lost':
        driver.lost('disconnected', at, { code: 1006, reason: '' });
        open = false;
        break;
      case 'opened':
        driver.opened(at, 'euler');
        open = true;
        break;
      case 'reading':
        driver.reading(at);
        break;
      case 'elapse':
        driver.elapse(at);
        break;
      case 'anew':
        driver.end('replaced', '', false, at);
        driver.aim('7', { ...live, startedAt: at });
        break;
      case 'end':
        driver.frame({ messages: [controlMessage(String(id), 3)], receivedAt: at, now: '0' });
        driver.end('ended', '', true, at);
        driver.detach();
        driver.aim('8', live);
        open = false;
        break;
      case 'leave':
        driver.leave('paused', at);
        driver.detach();
        driver.aim('7', live);
        open = false;
    }
  }
  driver.elapse(at + 100_000);
}

describe('any history', () => {
  it('gives the same events, byte for byte, however often somebody looks at the clock', () => {
    fc.assert(
      fc.property(script, (timeline) => {
        const seldom = new Room();
        const often = new Room();
        play(seldom, timeline, false);
        play(often, timeline, true);
        expect(often.bytes).toEqual(seldom.bytes);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same events again from the inputs that were told, also from a checkpoint in the middle', () => {
    fc.assert(
      fc.property(script, script, (before, after) => {
        const earlier = new Room();
        play(earlier, before, true);
        const checkpoint = earlier.sessions.checkpoint() ?? null;
        const room = new Room(checkpoint);
        if (room.driver.resume() !== undefined) room.driver.lost('restart', checkpoint?.lastFrameAt ?? 0);
        play(room, after, true);

        const again = new Room(checkpoint);
        for (const input of room.inputs) again.driver.apply(input);
        expect(again.bytes).toEqual(room.bytes);
        expect(again.inputs).toEqual(room.inputs);
      }),
      { numRuns: 200 },
    );
  });
});
