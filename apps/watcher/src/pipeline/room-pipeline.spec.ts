import { createHash } from 'node:crypto';
import { WebcastInRoomBannerMessage, WebcastRoomUserSeqMessage, WebcastImDeleteMessage } from '@livetap/connector';
import { describe, expect, it } from 'vitest';
import { joined, names, parse, pipeline, T0 } from '../../../../test/contract/room.js';
import { compileSchemas } from '../../../../test/contract/event-schemas.js';
import {
  chatMessage,
  commonHeader,
  controlMessage,
  giftMessage,
  likeMessage,
  unknownMessage,
  wireMessage,
} from '../../../../test/contract/wire-messages.js';
import { MessageShaper } from './message-shaper.js';
import type { PipelineCheckpoint } from './checkpoint.js';
import type { FinishedEvent } from './finished-event.js';
import { WINDOW_MS } from './recent-ids.js';
import type { RoomPipeline } from './room-pipeline.js';
import { MAX_UNKNOWN_BYTES, type PipelineMessage } from './wire-message.js';

const schemas = compileSchemas();

const frame = (room: RoomPipeline, receivedAt: number, ...messages: PipelineMessage[]): FinishedEvent[] =>
  room.frame({ messages, receivedAt, now: '0' }).events;

describe('the envelope', () => {
  it('stands in one fixed order and says where, when and which', () => {
    const room = joined({ streamerId: '1' });
    const [event] = frame(room, T0 + 5, chatMessage('42', 'hi "there"'));
    expect(event?.value.toString()).toBe(
      '{"specversion":"1.0","id":"42","source":"/tiktok/rooms/7","type":"livetap.chat.v1","subject":"host",' +
        '"datacontenttype":"application/json","dataschema":"urn:livetap:schema:chat:1.0","streamerid":"1","sessionid":"7",' +
        '"leaseepoch":"3","time":"2023-11-14T22:13:20.000Z","recordedtime":"2026-01-31T12:00:00.005Z",' +
        '"sequence":"00000003-000000000002","data":{"user":{"id":"11","uniqueId":"user11","nickname":"User 11"},' +
        '"comment":"hi \\"there\\""}}',
    );
    expect(event).toMatchObject({
      topic: 'chat',
      key: '7',
      id: '42',
      type: 'livetap.chat.v1',
      source: '/tiktok/rooms/7',
      subject: 'host',
      sequence: '00000003-000000000002',
      recordedAt: T0 + 5,
    });
  });

  it('leaves the user id of the streamer out until it is known', () => {
    const room = pipeline();
    expect(parse(frame(room, T0, chatMessage('1'))[0])).not.toHaveProperty('streamerid');
    room.streamerId = '99';
    expect(parse(frame(room, T0, chatMessage('2'))[0]).streamerid).toBe('99');
  });
});

describe('time', () => {
  const timed = (createTime: string, now: string) => {
    const message = wireMessage('WebcastRoomUserSeqMessage', WebcastRoomUserSeqMessage, '1', {
      common: commonHeader('1', createTime),
    });
    const { events } = pipeline().frame({ messages: [message], receivedAt: T0, now });
    const { time, timesource, recordedtime } = parse(events[0]);
    return { time, timesource, recordedtime };
  };
  const recordedtime = '2026-01-31T12:00:00.000Z';

  it("is the message's own, in seconds or milliseconds", () => {
    expect(timed('1700000000123', '5')).toEqual({
      time: '2023-11-14T22:13:20.123Z',
      timesource: undefined,
      recordedtime,
    });
    expect(timed('1700000000', '5')).toEqual({ time: '2023-11-14T22:13:20.000Z', timesource: undefined, recordedtime });
    expect(timed('99999999999', '5').time).toBe('5138-11-16T09:46:39.000Z');
    expect(timed('100000000000', '5').time).toBe('1973-03-03T09:46:40.000Z');
  });

  it("else the frame's, else that of receipt", () => {
    expect(timed('0', '1700000000456')).toEqual({
      time: '2023-11-14T22:13:20.456Z',
      timesource: 'frame',
      recordedtime,
    });
    expect(timed('0', '0')).toEqual({ time: recordedtime, timesource: 'received', recordedtime });
    // A time that no calendar of RFC 3339 has.
    expect(timed('9223372036854775807', '0').timesource).toBe('received');
  });

  it('is read from the header of a method without a type, too', () => {
    const banner = wireMessage('WebcastFutureMessage', WebcastInRoomBannerMessage, '0', {
      common: commonHeader('77', '1700000000123'),
    });
    const event = parse(frame(pipeline(), T0, banner)[0]);
    expect(event).toMatchObject({ id: '77', type: 'livetap.unknown.v1', time: '2023-11-14T22:13:20.123Z' });
  });
});

describe('ids', () => {
  it('are that of the entry, else of the header, else a hash of method and bytes', () => {
    const room = pipeline();
    const withBoth = { ...chatMessage('5'), msgId: '6' };
    const headerOnly = { ...chatMessage('5'), msgId: '0' };
    const neither = unknownMessage('0', Uint8Array.of(0xff, 1, 2));
    const hash = createHash('sha256')
      .update('WebcastFutureMessage')
      .update(Uint8Array.of(0))
      .update(neither.payload)
      .digest('hex');
    expect(names(frame(room, T0, withBoth, headerOnly, neither))).toEqual([
      'chat 6',
      'chat 5',
      `unknown h-${hash.slice(0, 32)}`,
    ]);
  });

  it('make repeats removable: one record through any number of reconnects, restarts included', () => {
    let room = joined();
    const out = frame(room, T0, chatMessage('1'));
    for (let k = 1; k <= 5; k += 1) {
      const at = T0 + k * 60_000;
      if (k % 2 === 0) room = pipeline({ epoch: 3 + k, checkpoint: room.checkpoint({ clean: true }) });
      else out.push(...room.gapOpened('disconnected', at - 5_000));
      out.push(...frame(room, at, chatMessage('1'), { ...chatMessage('1'), isHistory: true }));
    }
    expect(names(out).filter((name) => name.startsWith('chat'))).toEqual(['chat 1']);
    expect(room.counters.deduplicated).toBeGreaterThan(0);
  });

  it('of a checkpoint are known for their ten minutes in a busy room, too', () => {
    const old = joined();
    frame(old, T0, chatMessage('1'));
    const room = pipeline({ epoch: 4, checkpoint: old.checkpoint({ clean: true }) });
    const busy = Array.from({ length: 1_000 }, (_, n) => chatMessage(String(1_000 + n)));
    expect(frame(room, T0 + 60_000, ...busy)).toHaveLength(1_000);
    expect(frame(room, T0 + 120_000, { ...chatMessage('1'), isHistory: true })).toEqual([]);
    // Its time is over then, and it is not among the newest: the bound on what a room remembers.
    expect(names(frame(room, T0 + WINDOW_MS, chatMessage('1')))).toEqual(['chat 1']);
  });
});

describe('likes', () => {
  it('never fall, also over a restart', () => {
    const room = joined();
    const totals = (events: readonly FinishedEvent[]) => events.map((event) => parse<'like'>(event).data.total);
    expect(
      totals(frame(room, T0, likeMessage('1', 5, 100), likeMessage('2', 3, 90), likeMessage('3', 1, 120))),
    ).toEqual([100, 100, 120]);
    const moved = pipeline({ epoch: 4, checkpoint: room.checkpoint() });
    expect(totals(frame(moved, T0, likeMessage('4', 1, 7)))).toEqual([120]);
    const again = pipeline({ epoch: 4, occurrence: 2, sessionId: '7-2', checkpoint: room.checkpoint() });
    expect(totals(frame(again, T0, likeMessage('5', 1, 7)))).toEqual([7]);
  });
});

describe('what cannot be decoded', () => {
  it('arrives as unknown, with its bytes and the reason', () => {
    const room = pipeline();
    const cut = { ...chatMessage('2'), payload: chatMessage('2').payload.subarray(0, 20) };
    const events = frame(room, T0, unknownMessage('1', Uint8Array.of(8, 150, 1)), cut);
    expect(parse<'unknown'>(events[0]).data).toEqual({
      method: 'WebcastFutureMessage',
      reason: 'unknownMethod',
      payload: 'CJYB',
      bytes: 3,
      truncated: false,
    });
    expect(parse<'unknown'>(events[1]).data).toMatchObject({
      method: 'WebcastChatMessage',
      reason: 'undecodableMessage',
    });
    expect(room.counters.unknown).toEqual({
      unknownMethod: 1,
      undecodableMessage: 1,
      undecodableFrame: 0,
      oversize: 0,
    });
  });

  it('is cut at 256 KiB and says so', () => {
    const room = pipeline();
    const event = parse<'unknown'>(frame(room, T0, unknownMessage('1', new Uint8Array(MAX_UNKNOWN_BYTES + 1)))[0]);
    expect(Buffer.from(event.data.payload, 'base64')).toHaveLength(MAX_UNKNOWN_BYTES);
    expect(event.data).toMatchObject({ bytes: MAX_UNKNOWN_BYTES + 1, truncated: true });
    expect(room.counters.truncated).toBe(1);
  });

  it('names a method only as far as it can be one', () => {
    const room = joined();
    const events = frame(room, T0, { ...unknownMessage('1'), method: 'W'.repeat(1_000_000) }, unknownMessage('2'));
    expect(names(events)).toEqual(['unknown 1', 'unknown 2']);
    expect(parse<'unknown'>(events[0]).data.method).toHaveLength(256);
    expect(room.counters.published).toBe(3);
  });

  it('may be a whole frame', () => {
    const room = joined();
    const events = room.rejectedFrame(Uint8Array.of(1, 2, 3), T0 + 1);
    const event = parse<'unknown'>(events[0]);
    expect(event.data).toEqual({ reason: 'undecodableFrame', payload: 'AQID', bytes: 3, truncated: false });
    expect(event.id).toMatch(/^h-[0-9a-f]{32}$/);
    expect(event.timesource).toBe('received');
  });

  it('may be a message that is too large for a record', () => {
    const room = joined();
    const huge = chatMessage('1', 'x'.repeat(1_000_000));
    const events = frame(room, T0, huge, chatMessage('2'));
    expect(parse<'unknown'>(events[0]).data).toMatchObject({ reason: 'oversize', truncated: true });
    expect(events.map((event) => event.sequence?.slice(-1))).toEqual(['2', '3']);
  });

  it('costs a nested part only itself', () => {
    const room = pipeline();
    // Field 2 (user) holds a length that runs past its end.
    const broken = Uint8Array.of(0x12, 0x02, 0x1a, 0x7f, 0x1a, 0x02, 0x68, 0x69);
    const event = parse<'chat'>(frame(room, T0, { ...chatMessage('1'), payload: broken })[0]);
    expect(event.data).toEqual({ comment: 'hi', partial: true });
    expect(schemas.errors(event)).toEqual([]);
    expect(room.counters.partial).toBe(1);
  });

  it('never ends a room: a shape that cannot be made is unknown, too', () => {
    const shaper = new MessageShaper();
    shaper.shape = () => {
      throw new TypeError('a fault');
    };
    const room = pipeline({ shaper });
    const removal = wireMessage('WebcastImDeleteMessage', WebcastImDeleteMessage, '1', { deleteMsgIdsList: ['5'] });
    const events = frame(room, T0, removal, chatMessage('2'));
    expect(names(events)).toEqual(['unknown 1', 'chat 2']);
    expect(parse<'unknown'>(events[0]).data.reason).toBe('undecodableMessage');
    expect(room.counters.normalizerFailures).toBe(1);
  });

  it('is decoded when writing it from its bytes fails, wherever that is', () => {
    const shaper = new MessageShaper();
    const fault = () => {
      throw new TypeError('a fault');
    };
    const room = pipeline({ shaper });
    const expected = frame(
      pipeline(),
      T0,
      chatMessage('1'),
      likeMessage('2', 3, 40),
      giftMessage({ msgId: '3', repeatCount: 2 }),
    );
    shaper.projector.write = fault;
    shaper.projector.writeGift = fault;
    const written = frame(room, T0, chatMessage('1'), likeMessage('2', 3, 40));
    shaper.projector.open = fault;
    written.push(...frame(room, T0, giftMessage({ msgId: '3', repeatCount: 2 })));
    expect(written.map((event) => event.value.toString())).toEqual(expected.map((event) => event.value.toString()));
    expect(room.counters.normalizerFailures).toBe(3);
  });
});

describe('a session', () => {
  it('begins once with live.started', () => {
    const room = pipeline();
    const live = {
      streamer: { id: '1', uniqueId: 'host' },
      title: 'Hello',
      startedAt: T0 - 60_000,
      joinedAt: T0,
      via: 'direct',
    };
    const events = room.started(live);
    expect(names(events)).toEqual(['live.started live.started-1']);
    expect(parse<'live.started'>(events[0])).toMatchObject({
      streamerid: '1',
      time: '2026-01-31T12:00:00.000Z',
      data: {
        title: 'Hello',
        startedAt: '2026-01-31T11:59:00.000Z',
        joinedAt: '2026-01-31T12:00:00.000Z',
        via: 'direct',
      },
    });
    expect(room.started(live)).toEqual([]);
    expect(pipeline({ epoch: 4, checkpoint: room.checkpoint() }).started(live)).toEqual([]);
  });

  it('of a streamer whose user id is not known names nobody', () => {
    const [event] = pipeline().started({ streamer: { id: '0', uniqueId: 'host' }, joinedAt: T0, via: 'direct' });
    expect(parse(event)).not.toHaveProperty('streamerid');
    expect(parse<'live.started'>(event).data).not.toHaveProperty('streamer');
    expect(schemas.errors(parse(event))).toEqual([]);
  });

  it('says that the stream is over and still delivers the rest of the frame', () => {
    const room = joined();
    const result = room.frame({ messages: [controlMessage('1', 3), chatMessage('2')], receivedAt: T0, now: '0' });
    expect(names(result.events)).toEqual(['streamEnd 1', 'chat 2']);
    expect(result.end).toBe('ended');
    expect(names(room.ended({ endedAt: T0 + 1, reason: 'ended' }))).toEqual(['live.ended live.ended-1']);
    expect(room.ended({ endedAt: T0 + 2, reason: 'ended' })).toEqual([]);
    expect(room.checkpoint().joined).toBe(false);
  });

  it('tells suspended from ended, and a pause from both', () => {
    const end = (action: number) =>
      joined().frame({ messages: [controlMessage('1', action)], receivedAt: T0, now: '0' }).end;
    expect([1, 2, 3, 4].map(end)).toEqual([undefined, undefined, 'ended', 'suspended']);
  });

  it('that was never joined neither ends nor has gaps', () => {
    const room = pipeline();
    expect(room.gapOpened('refused', T0)).toEqual([]);
    expect(room.ended({ endedAt: T0, reason: 'ended' })).toEqual([]);
    expect(room.left({ reason: 'paused', at: T0 })).toEqual([]);
  });

  it('of the same room under the same epoch goes on with the numbers and the ids', () => {
    const first = joined();
    frame(first, T0, chatMessage('1'));
    first.ended({ endedAt: T0, reason: 'ended' });
    const second = pipeline({
      occurrence: 2,
      sessionId: '7-2',
      sequence: first.sequence,
      checkpoint: first.checkpoint(),
    });
    const events = [
      ...second.started({ streamer: { id: '1' }, joinedAt: T0 + 1000, via: 'euler' }),
      ...frame(second, T0 + 1000, chatMessage('1'), chatMessage('2')),
    ];
    expect(names(events)).toEqual(['live.started live.started-2', 'chat 2']);
    expect(events.map((event) => event.sequence)).toEqual(['00000003-000000000004', '00000003-000000000005']);
    expect(parse(events[1]).sessionid).toBe('7-2');
  });

  it('can be left while the stream goes on', () => {
    const room = joined();
    const events = room.left({ reason: 'paused', at: T0 + 9 });
    expect(parse<'live.left'>(events[0]).data).toEqual({ reason: 'paused' });
    expect(schemas.errors(parse(events[0]))).toEqual([]);
    expect(room.joined).toBe(false);
  });
});

describe('gaps', () => {
  const gapsOf = (events: readonly FinishedEvent[]) =>
    events.filter((event) => event.type === 'livetap.room.gap.v1').map((event) => parse<'room.gap'>(event).data);

  it('are one for each interval, whatever happens within it', () => {
    const room = joined();
    frame(room, T0 + 1000, chatMessage('1'));
    const out = [
      ...room.gapOpened('disconnected', T0 + 2000),
      ...room.gapOpened('refused', T0 + 3000),
      ...room.gapOpened('stalled', T0 + 4000),
      ...frame(room, T0 + 9000, chatMessage('2')),
      ...frame(room, T0 + 9100, chatMessage('3')),
    ];
    expect(names(out)).toEqual(['room.gap room.gap-3-3', 'chat 2', 'chat 3']);
    expect(gapsOf(out)[0]).toMatchObject({
      reason: 'disconnected',
      durationMs: 8000,
      lastIdBefore: '1',
      firstIdAfter: '2',
    });
  });

  it('are of quota when the room had to wait for it, whatever they began with', () => {
    const room = joined();
    frame(room, T0 + 1000, chatMessage('1'));
    const out = [
      ...room.gapOpened('disconnected', T0 + 2000),
      ...room.gapOpened('quota', T0 + 2500),
      ...room.gapOpened('refused', T0 + 8000),
      ...frame(room, T0 + 9000, chatMessage('2')),
    ];
    expect(gapsOf(out)).toEqual([expect.objectContaining({ reason: 'quota', durationMs: 8000 })]);
    expect(schemas.errors(parse(out[0]))).toEqual([]);
  });

  it('end with the first frame, also an empty one, or when the supervisor says so', () => {
    const room = joined();
    frame(room, T0, chatMessage('1'));
    room.gapOpened('stalled', T0 + 1000);
    expect(frame(room, T0 + 5000)).toEqual([]);
    expect(gapsOf(frame(room, T0 + 8000, chatMessage('2')))[0]).toMatchObject({ to: '2026-01-31T12:00:05.000Z' });
    room.gapOpened('stalled', T0 + 9000);
    room.gapClosed(T0 + 20_000);
    expect(gapsOf(frame(room, T0 + 60_000, chatMessage('3')))[0]).toMatchObject({ durationMs: 12_000 });
  });

  it('that follow each other without an event between them are two', () => {
    const room = joined();
    room.gapOpened('disconnected', T0 + 1000);
    frame(room, T0 + 2000);
    const out = [...room.gapOpened('stalled', T0 + 3000), ...frame(room, T0 + 4000, chatMessage('1'))];
    expect(gapsOf(out).map((gap) => [gap.from, gap.to, gap.firstIdAfter])).toEqual([
      ['2026-01-31T12:00:00.000Z', '2026-01-31T12:00:02.000Z', undefined],
      ['2026-01-31T12:00:02.000Z', '2026-01-31T12:00:04.000Z', '1'],
    ]);
  });

  it('come before live.ended', () => {
    const room = joined();
    frame(room, T0, giftMessage({ msgId: '1', repeatCount: 1 }));
    room.gapOpened('disconnected', T0 + 1000);
    const events = room.ended({ endedAt: T0 + 5000, reason: 'offline', at: T0 + 6000 });
    expect(names(events).map((name) => name.split(' ')[0])).toEqual(['room.gap', 'gift.completed', 'live.ended']);
    expect(gapsOf(events)[0]).toMatchObject({ durationMs: 6000 });
    expect(events.map((event) => event.recordedAt)).toEqual([T0 + 6000, T0 + 6000, T0 + 6000]);
  });

  it('come before a streak that completes first after them', () => {
    const room = joined();
    frame(room, T0, giftMessage({ msgId: '1', repeatCount: 1 }));
    room.gapOpened('disconnected', T0 + 1000);
    room.gapClosed(T0 + 11_000);
    const events = room.timers(T0 + 60_000, T0 + 11_000);
    expect(names(events).map((name) => name.split(' ')[0])).toEqual(['room.gap', 'gift.completed']);
    expect(gapsOf(events)[0]).toMatchObject({ durationMs: 11_000, lastIdBefore: '1' });
    expect(gapsOf(events)[0]).not.toHaveProperty('firstIdAfter');
  });

  it('after a crash begin at the last checkpoint and say that this is not exact', () => {
    const old = joined();
    frame(old, T0 + 1000, chatMessage('1'));
    const checkpoint = old.checkpoint();
    frame(old, T0 + 2000, chatMessage('2'));
    const room = pipeline({ epoch: 4, checkpoint });
    room.gapOpened('failover', T0 + 20_000);
    const gap = gapsOf(frame(room, T0 + 21_000, chatMessage('3')))[0];
    expect(gap).toMatchObject({
      from: '2026-01-31T12:00:01.000Z',
      fromExact: false,
      reason: 'failover',
      lastIdBefore: '1',
    });
    room.gapOpened('disconnected', T0 + 22_000);
    expect(gapsOf(frame(room, T0 + 23_000, chatMessage('4')))[0]).toMatchObject({ fromExact: true });
  });

  it('after the first one of a new owner are exact, also when a quiet socket ended it', () => {
    const old = joined();
    frame(old, T0 + 1000, chatMessage('1'));
    const room = pipeline({ epoch: 4, checkpoint: old.checkpoint() });
    room.gapOpened('failover', T0 + 20_000);
    room.gapClosed(T0 + 30_000);
    const gaps = gapsOf([
      ...room.gapOpened('disconnected', T0 + 50_000),
      ...frame(room, T0 + 51_000, chatMessage('2')),
    ]);
    expect(gaps.map(({ fromExact }) => fromExact)).toEqual([false, true]);
  });

  it('end with the first frame of the new socket, also when that cannot be read', () => {
    const room = joined();
    frame(room, T0 + 1000, chatMessage('1'));
    room.gapOpened('disconnected', T0 + 2000);
    const events = room.rejectedFrame(Uint8Array.of(1), T0 + 3000);
    expect(names(events).map((name) => name.split(' ')[0])).toEqual(['room.gap', 'unknown']);
    expect(gapsOf(events)[0]).toMatchObject({ lastIdBefore: '1', firstIdAfter: events[1]?.id, durationMs: 2000 });
  });

  it('that are open at a planned stop go on after it, exactly', () => {
    const old = joined();
    frame(old, T0 + 1000, chatMessage('1'));
    old.gapOpened('restart', T0 + 1500);
    const checkpoint = JSON.parse(JSON.stringify(old.checkpoint({ clean: true }))) as PipelineCheckpoint;
    const room = pipeline({ epoch: 4, checkpoint });
    expect(room.gapOpened('restart', T0 + 5000)).toEqual([]);
    const events = frame(room, T0 + 6000, chatMessage('2'));
    expect(names(events)).toEqual(['room.gap room.gap-4-1', 'chat 2']);
    expect(gapsOf(events)[0]).toMatchObject({ durationMs: 5000, fromExact: true, reason: 'restart' });
  });

  it('that are over at a planned stop and wait for an event are published after it, with their reason', () => {
    const old = joined();
    frame(old, T0 + 1000, chatMessage('1'));
    old.gapOpened('stalled', T0 + 1500);
    frame(old, T0 + 3000);
    const room = pipeline({ epoch: 4, checkpoint: old.checkpoint({ clean: true }) });
    const events = frame(room, T0 + 6000, chatMessage('2'));
    expect(names(events)).toEqual(['room.gap room.gap-4-1', 'chat 2']);
    expect(gapsOf(events)[0]).toMatchObject({ durationMs: 2000, fromExact: true, reason: 'stalled' });
  });

  it('make none when a planned move left none open', () => {
    const old = joined();
    frame(old, T0, chatMessage('1'));
    const room = pipeline({ epoch: 4, checkpoint: old.checkpoint({ clean: true }) });
    expect(names(frame(room, T0 + 100, chatMessage('1'), chatMessage('2')))).toEqual(['chat 2']);
  });
});

describe('raw copies', () => {
  it("follow their events with the message's bytes and no number", () => {
    const room = joined({ rawTopic: true });
    const message = { ...chatMessage('1'), isHistory: true };
    room.gapOpened('disconnected', T0);
    const events = frame(room, T0 + 1000, message, message, unknownMessage('2'));
    expect(names(events).map((name) => name.split(' ')[0])).toEqual(['room.gap', 'chat', 'chat', 'unknown', 'unknown']);
    const raw = events[2];
    expect(raw).toMatchObject({
      topic: 'raw',
      id: '1',
      type: 'livetap.chat.v1',
      source: '/tiktok/rooms/7/raw',
      key: '7',
      raw: { method: 'WebcastChatMessage', history: true, time: '2023-11-14T22:13:20.000Z' },
    });
    expect(raw).not.toHaveProperty('sequence');
    // The payload is valid as long as its frame is worked on; the copy stays.
    const sent = Buffer.from(message.payload);
    message.payload.fill(0xdb);
    expect(raw?.value).toEqual(sent);
    expect(room.counters.published).toBe(4);
  });
});
