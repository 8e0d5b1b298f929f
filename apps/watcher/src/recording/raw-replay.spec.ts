import { describe, expect, it } from 'vitest';
import { names } from '../../../../test/contract/room.js';
import { chatMessage, controlMessage, giftMessage } from '../../../../test/contract/wire-messages.js';
import { MessageShaper } from '../pipeline/message-shaper.js';
import type { PipelineMessage } from '../pipeline/wire-message.js';
import { RawReplay, type RawRecord } from './raw-replay.js';

const T0 = Date.parse('2026-01-31T12:00:00.000Z');
const shaper = new MessageShaper();

function record(n: number, at: number, message: PipelineMessage, changes: Partial<RawRecord> = {}): RawRecord {
  return {
    roomId: '7',
    id: message.msgId,
    subject: 'host',
    method: message.method,
    isHistory: false,
    payload: Buffer.from(message.payload),
    recordedAt: T0 + at,
    time: T0 + at,
    timeSource: undefined,
    sessionId: '7',
    sequence: `00000003-${String(n).padStart(12, '0')}`,
    streamerId: '1',
    ...changes,
  };
}

describe('raw records', () => {
  it('of one moment are one frame again: the end of the stream comes after the rest of it', () => {
    const replay = new RawReplay(shaper);
    const events = [
      ...replay.add(record(5, 0, giftMessage({ msgId: '1', repeatCount: 2 }))),
      ...replay.add(record(6, 100, controlMessage('2', 3))),
      ...replay.add(record(7, 100, chatMessage('3'))),
      ...[...replay.finish(T0 + 1_000)].flat(),
    ];
    expect(names(events)).toEqual([
      'gift 1',
      'streamEnd 2',
      'chat 3',
      'gift.completed gift.completed-11-5487-900',
      'live.ended live.ended-1',
    ]);
    expect(events[0]?.sequence).toBe('00000003-000000000005');
    expect(replay.summary).toEqual({ rooms: 1, messages: 3, events: 5 });
  });

  it('of a later session or epoch begin with a state of their own', () => {
    const replay = new RawReplay(shaper);
    const events = [
      ...replay.add(record(5, 0, giftMessage({ msgId: '1', repeatCount: 4 }))),
      ...replay.add(record(9, 10, giftMessage({ msgId: '2', repeatCount: 4 }), { sessionId: '7-2' })),
      ...replay.add(
        record(0, 20, chatMessage('3'), { sessionId: '7-2', sequence: '00000004-000000000001', timeSource: 'frame' }),
      ),
      ...[...replay.finish(T0 + 60_000)].flat(),
    ];
    const parsed = events.map(({ value }) => JSON.parse(value.toString()) as Record<string, unknown>);
    expect(parsed.map(({ sessionid, leaseepoch, sequence }) => [sessionid, leaseepoch, sequence])).toEqual([
      ['7', '3', '00000003-000000000005'],
      ['7-2', '3', '00000003-000000000009'],
      ['7-2', '4', '00000004-000000000001'],
    ]);
    expect(parsed.map(({ data }) => (data as { count?: number }).count)).toEqual([4, 4, undefined]);
  });

  it('without session or number are refused by name, as are more rooms than fit', () => {
    const incomplete = record(1, 0, chatMessage('1'), { sequence: undefined });
    const replay = new RawReplay(shaper);
    replay.add(incomplete);
    expect(() => [...replay.finish(T0)]).toThrow(expect.objectContaining({ code: 'WATCHER_RAW_RECORD_INCOMPLETE' }));
    const foreign = new RawReplay(shaper);
    foreign.add(record(1, 0, chatMessage('1'), { sessionId: '8' }));
    expect(() => [...foreign.finish(T0)]).toThrow(expect.objectContaining({ code: 'WATCHER_RAW_RECORD_INCOMPLETE' }));

    const many = new RawReplay(shaper);
    for (let room = 1; room <= 10_000; room += 1) many.add(record(1, 0, chatMessage('1'), { roomId: String(room) }));
    expect(() => many.add(record(1, 0, chatMessage('1'), { roomId: '10001' }))).toThrow(
      expect.objectContaining({ code: 'WATCHER_RAW_TOO_MANY_ROOMS', retryable: false }),
    );
  });
});
