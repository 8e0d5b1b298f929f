import { describe, expect, it } from 'vitest';
import type { LiveVerdict } from '../streamers/live-checker.port.js';
import { ConcurrencyGate } from './concurrency-gate.js';
import { RoomConnectError } from './room-connector.port.js';
import { addPipelineCounters, newRoomCounters } from './room-counters.js';
import { RoomSocket } from './room-socket.js';
import { SilenceWatch } from './silence-watch.js';
import { FakeRoomConnector } from './testing/fake-room-connector.js';
import { message } from './testing/replica.js';
import { endReasonOf, VerdictJudge } from './verdict-judge.js';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('the gate', () => {
  it('lets so many in at once, in order, and forgets those who left the queue', () => {
    const gate = new ConcurrencyGate(2);
    const ran: number[] = [];
    const tickets = [0, 1, 2, 3, 4].map((n) => gate.enter(() => ran.push(n)));
    expect(ran).toEqual([0, 1]);
    tickets[2]?.leave();
    tickets[0]?.leave();
    tickets[0]?.leave();
    expect(ran).toEqual([0, 1, 3]);
    tickets[1]?.leave();
    tickets[3]?.leave();
    expect(ran).toEqual([0, 1, 3, 4]);
    tickets[4]?.leave();
    expect(gate.running).toBe(0);
  });
});

describe('the judge of verdicts', () => {
  const verdict = (value: LiveVerdict, roomId?: string) => ({
    verdict: value,
    reason: '',
    ...(roomId === undefined ? {} : { roomId }),
  });

  it('ends a session by two misses in a row, which a live verdict or a frame breaks', () => {
    const judge = new VerdictJudge();
    const ask = (value: LiveVerdict, roomId?: string) => judge.judge(verdict(value, roomId), '1', {});
    expect(ask('offline')).toBe('doubt');
    expect(ask('live', '1')).toBe('go');
    expect(ask('offline')).toBe('doubt');
    judge.reset();
    expect(ask('notFound')).toBe('doubt');
    expect(judge.doubtful).toBe(true);
    expect(ask('unknown')).toBe('go');
    expect(ask('restricted')).toBe('go');
    expect(ask('offline')).toBe('over');
  });

  it('needs one miss when the server closed, or when nothing was joined', () => {
    const judge = new VerdictJudge();
    expect(judge.judge(verdict('offline'), '1', undefined)).toBe('over');
    judge.reset();
    judge.socketClosed(true);
    expect(judge.judge(verdict('offline'), '1', {})).toBe('over');
    judge.reset();
    judge.socketClosed(false);
    expect(judge.judge(verdict('offline'), '1', {})).toBe('doubt');
  });

  it('sees that the same room went live anew by a later start, not by a start that two sources round differently', () => {
    const judge = new VerdictJudge();
    const ask = (now: number | undefined, then: number | undefined) =>
      judge.judge({ ...verdict('live', '1'), ...(now === undefined ? {} : { startedAt: now }) }, '1', {
        startedAt: then,
      });
    expect(ask(60_000, 0)).toBe('restarted');
    expect([ask(5_000, 0), ask(0, 60_000), ask(undefined, 0), ask(60_000, undefined)]).toEqual([
      'go',
      'go',
      'go',
      'go',
    ]);
  });

  it('sees another room, and a paused stream as a live one', () => {
    const judge = new VerdictJudge();
    expect(judge.judge(verdict('live', '2'), '1', {})).toBe('replaced');
    expect(judge.judge(verdict('paused', '1'), '1', {})).toBe('go');
    expect(judge.judge(verdict('live'), '1', {})).toBe('go');
    expect([
      endReasonOf(verdict('live', '2')),
      endReasonOf(verdict('offline')),
      endReasonOf(verdict('notFound')),
    ]).toEqual(['replaced', 'offline', 'suspended']);
  });
});

describe('silence', () => {
  it('doubles for quiet rooms up to its maximum, and is short again for lively ones', () => {
    const silence = new SilenceWatch({ silenceMs: 60, maxSilenceMs: 200 });
    silence.restart(0);
    expect([silence.isSilent(59), silence.isSilent(60)]).toEqual([false, true]);
    silence.quiet(60);
    expect([silence.limitMs, silence.isSilent(179), silence.isSilent(180)]).toEqual([120, false, true]);
    silence.quiet(180);
    silence.quiet(400);
    expect(silence.limitMs).toBe(200);
    silence.heard(500);
    expect(silence.limitMs).toBe(200);
    silence.heard(510);
    expect(silence.limitMs).toBe(60);
    silence.postpone(1_000);
    expect([silence.isSilent(999), silence.isSilent(1_000)]).toEqual([false, true]);
    silence.quiet(1_000);
    silence.change({ silenceMs: 60, maxSilenceMs: 200 });
    expect(silence.limitMs).toBe(120);
    silence.change({ silenceMs: 30, maxSilenceMs: 300 });
    expect([silence.limitMs, silence.isSilent(1_029), silence.isSilent(1_030)]).toEqual([30, false, true]);
  });
});

describe('one socket of a room', () => {
  const request = {
    roomId: '1',
    uniqueId: 'anna',
    access: {},
    priority: 50,
    waitingSince: 0,
    confirmLive: () => Promise.resolve(true),
  };

  function open(connector: FakeRoomConnector): { socket: RoomSocket; calls: string[] } {
    const calls: string[] = [];
    const socket = new RoomSocket(connector, request, {
      waiting: () => calls.push('waiting'),
      opened: ({ source }) => calls.push(`opened ${source}`),
      frame: (_, { messages }) => calls.push(`frame ${messages.map(({ msgId }) => msgId).join()}`),
      rejected: () => calls.push('rejected'),
      closed: (_, { code }) => calls.push(`closed ${code}`),
      failed: (_, { failure }) => calls.push(`failed ${failure}`),
    });
    return { socket, calls };
  }

  it('delivers what comes until the server has closed too', async () => {
    const connector = new FakeRoomConnector(() => 5);
    const { socket, calls } = open(connector);
    await turn();
    connector.last.send(message(1));
    connector.last.sendBroken(new Uint8Array([1]));
    connector.last.lastWords = [message(2)];
    await Promise.all([socket.close(), socket.close()]);
    expect(calls).toEqual(['opened direct', 'frame 1', 'rejected', 'frame 2', 'closed 1005']);
  });

  it('says nothing more once it is dropped', async () => {
    const connector = new FakeRoomConnector(() => 5);
    const { socket, calls } = open(connector);
    await turn();
    connector.last.lastWords = [message(2)];
    await socket.drop();
    expect(calls).toEqual(['opened direct']);
    expect(connector.last.closed).toBe(true);
  });

  it('gives up an attempt that still hangs', async () => {
    const connector = new FakeRoomConnector(() => 5);
    connector.hang = true;
    const { socket, calls } = open(connector);
    await turn();
    await socket.close();
    expect(connector.attempts[0]?.signal.aborted).toBe(true);
    expect(calls).toEqual(['failed network']);
  });

  it('reports a failure with its class, and is paused from the start when asked', async () => {
    const connector = new FakeRoomConnector(() => 5);
    connector.failNext(new RoomConnectError('quota', 'x'));
    const failed = open(connector);
    await turn();
    expect(failed.calls).toEqual(['failed quota']);
    const { socket } = open(connector);
    socket.setPaused(true);
    await turn();
    expect(connector.last.paused).toBe(true);
    await socket.close();
    expect(connector.last.paused).toBe(false);
  });
});

describe('figures', () => {
  it('of pipelines add up member by member, also where only one has a label', () => {
    const a = newRoomCounters().pipeline;
    const b = newRoomCounters().pipeline;
    a.messages = 2;
    a.synthesized['live.started'] = 1;
    b.messages = 3;
    b.synthesized['live.ended'] = 4;
    b.unknown.unknownMethod = 5;
    const sum = addPipelineCounters(a, b);
    expect(sum).toMatchObject({ messages: 5, synthesized: { 'live.started': 1, 'live.ended': 4 } });
    expect(sum.unknown.unknownMethod).toBe(5);
    expect(a.messages).toBe(2);
  });
});
