import { FakeClock, SeededRandom } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { names } from '../../../../test/contract/room.js';
import {
  chatMessage,
  controlMessage,
  giftMessage,
  likeMessage,
  unknownMessage,
} from '../../../../test/contract/wire-messages.js';
import { SILENT_LOGGER } from '../common/logger.port.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import { MessageShaper } from '../pipeline/message-shaper.js';
import { FakeLiveChecker } from '../rooms/testing/fake-live-checker.js';
import { FakeRoomConnector } from '../rooms/testing/fake-room-connector.js';
import { EventDigest } from './event-digest.js';
import type { RecordingEnd } from './recording.js';
import { replayRecording } from './replay-recording.js';
import { RoomRecorder, type RoomRecorderOptions } from './room-recorder.js';
import { streamerOf } from './room-replay.js';
import { inOrder, MemoryRecording } from './testing/memory-recording.js';

const ROOM = '7300000000000000001';
const shaper = new MessageShaper();

/** A recorder over a fake room in a time that the test moves. */
class Recording {
  readonly clock = new FakeClock(Date.UTC(2026, 0, 31, 12));
  readonly connector = new FakeRoomConnector(() => this.clock.now());
  readonly checker = new FakeLiveChecker();
  readonly writer = new MemoryRecording();
  readonly events: FinishedEvent[] = [];
  readonly abort = new AbortController();
  readonly done: Promise<RecordingEnd>;

  constructor(options: Partial<RoomRecorderOptions> = {}) {
    this.checker.live('host', ROOM);
    const recorder = new RoomRecorder({
      clock: this.clock,
      random: new SeededRandom(3),
      logger: SILENT_LOGGER,
      connector: this.connector,
      checker: this.checker,
      shaper,
      writer: this.writer,
      streamer: streamerOf({ uniqueId: 'host', tiktokUserId: '77' }),
      live: { verdict: 'live', reason: '', roomId: ROOM, title: 'A title', startedAt: this.clock.now() - 60_000 },
      prices: { '6000': 30 },
      build: { version: '0.0.0', commit: 'test' },
      epoch: 5,
      signal: this.abort.signal,
      onEvents: (events) => this.events.push(...events),
      ...options,
    });
    this.done = recorder.run();
    this.done.catch(() => undefined);
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms);
    for (let turn = 0; turn < 5; turn += 1) await this.clock.advance(0);
  }

  get bytes(): string[] {
    return this.events.map(shown);
  }
}

const shown = ({ topic, key, source, id, sequence, recordedAt, value }: FinishedEvent): string =>
  `${topic} ${key} ${source} ${id} ${sequence ?? ''} ${recordedAt} ${value.toString()}`;

async function replay(
  writer: MemoryRecording,
): Promise<{ bytes: string[]; sha256: string; asRecorded: boolean | undefined }> {
  const bytes: string[] = [];
  const summary = await replayRecording(inOrder(writer.entries()), new MessageShaper(), (events) => {
    bytes.push(...events.map(shown));
    return Promise.resolve();
  });
  return { bytes, sha256: summary.sha256, asRecorded: summary.asRecorded };
}

/** Streaks with and without an end, a cut, a silent socket, a socket that cannot be opened, a stream that ends and begins anew. */
async function eventfulRecording(): Promise<Recording> {
  const recording = new Recording();
  const { connector } = recording;
  await recording.pass(20);
  connector.last.send(chatMessage('100'), giftMessage({ msgId: '101', repeatCount: 1 }), likeMessage('90', 3, 50));
  await recording.pass(500);
  connector.last.send(giftMessage({ msgId: '102', repeatCount: 2 }), unknownMessage('91'));
  connector.last.sendBroken(Uint8Array.of(1, 2, 3));
  await recording.pass(100);
  connector.last.drop({ code: 1006, reason: '' });
  await recording.pass(2_300);
  connector.last.send(giftMessage({ msgId: '102', repeatCount: 2 }), giftMessage({ msgId: '105', repeatCount: 5 }));
  // A gift without a price in its message, and a streak that is open until the room ends.
  connector.last.send(
    giftMessage({ msgId: '106', repeatCount: 2, giftId: 6000, diamonds: 0, groupId: '8', userId: '12' }),
  );
  await recording.pass(12_345);
  connector.last.send(
    giftMessage({ msgId: '107', repeatCount: 3, giftId: 6000, diamonds: 0, groupId: '8', userId: '12' }),
  );
  await recording.pass(40_000);
  connector.last.drop({ code: 4005, reason: 'away' });
  // The next socket says nothing for a while.
  await recording.pass(25_700);
  connector.last.send(giftMessage({ msgId: '120', repeatCount: 4, groupId: '9' }), chatMessage('121'));
  await recording.pass(1_000);
  recording.checker.set('host', 'offline');
  connector.last.send(controlMessage('130', 3), chatMessage('131'));
  await recording.pass(10);
  return recording;
}

/** SHA-256 of the events of `eventfulRecording`. A change of it is a change of the contract, or a fault. */
const GOLDEN = '9f776b5eb2a15dbd739c8defddf0b735de4b236fcc819ed9ed1e44afc42a1dc3';

describe('what is recorded', () => {
  it('gives the events of the live run again, byte for byte, with gaps, timeouts and the end', async () => {
    const recording = await eventfulRecording();
    const end = await recording.done;
    expect(end.reason).toBe('streamEnded');
    expect(recording.writer.closed).toBe(true);
    const kinds = new Set(names(recording.events).map((name) => name.split(' ')[0]));
    for (const kind of ['live.started', 'gift', 'gift.completed', 'room.gap', 'unknown', 'streamEnd', 'live.ended'])
      expect(kinds).toContain(kind);
    const completed = recording.events
      .filter(({ type }) => type === 'livetap.gift.completed.v1')
      .map(({ value }) => (JSON.parse(value.toString()) as { data: { reason: string } }).data.reason);
    expect(completed).toEqual(['timeout', 'timeout', 'roomEnded']);
    expect(names(recording.events).filter((name) => name.startsWith('room.gap'))).toHaveLength(2);

    const again = await replay(recording.writer);
    expect(again.bytes).toEqual(recording.bytes);
    expect(again.asRecorded).toBe(true);
    expect(again.sha256).toBe(end.sha256);
    expect((await replay(recording.writer)).sha256).toBe(again.sha256);
  });

  it('has the same SHA-256 on every machine', async () => {
    const recording = await eventfulRecording();
    const digest = new EventDigest();
    digest.add(recording.events);
    expect(digest.sha256).toBe(GOLDEN);
    expect((await replay(recording.writer)).sha256).toBe(GOLDEN);
  });

  it('holds no secret: the proxy of a streamer is not in it', async () => {
    const recording = new Recording({
      streamer: { ...streamerOf({ uniqueId: 'host' }), proxyUrl: 'http://user:hush@proxy.example:1' },
    });
    await recording.pass(20);
    recording.connector.last.send(chatMessage('1'));
    await recording.pass(20);
    recording.abort.abort();
    await recording.done;
    expect(JSON.stringify(recording.writer.entries())).not.toContain('hush');
  });
});

describe('a recording ends', () => {
  it('when it is interrupted: the socket is closed with its handshake, last frames included', async () => {
    const recording = new Recording();
    await recording.pass(20);
    recording.connector.last.send(chatMessage('1'));
    recording.connector.last.lastWords = [chatMessage('2')];
    await recording.pass(20);
    recording.abort.abort();
    await recording.pass(20);
    const end = await recording.done;
    expect(end).toMatchObject({ reason: 'interrupted', frames: 2, messages: 2, events: 3 });
    const again = await replay(recording.writer);
    expect(again.bytes).toEqual(recording.bytes);
    expect(again.asRecorded).toBe(true);
  });

  it('after its time, at its size, and when there is no stream', async () => {
    const timed = new Recording({ durationMs: 5_000 });
    await timed.pass(5_100);
    expect((await timed.done).reason).toBe('duration');

    const sized = new Recording({ maxBytes: 2_000 });
    await sized.pass(20);
    for (let id = 0; id < 60; id += 1) sized.connector.last.send(chatMessage(String(id + 1)));
    await sized.pass(1_100);
    expect((await sized.done).reason).toBe('size');

    const over = new Recording();
    over.checker.set('host', 'offline');
    over.connector.alwaysFail = undefined;
    await over.pass(20);
    over.connector.last.drop({ code: 1000, reason: '' });
    await over.pass(60_000);
    expect((await over.done).reason).toBe('notLive');
  });

  it('loudly when it cannot be written', async () => {
    const recording = new Recording();
    await recording.pass(20);
    recording.writer.failure = new Error('disk full');
    recording.connector.last.send(chatMessage('1'));
    await recording.pass(20);
    await expect(recording.done).rejects.toThrow('disk full');
    expect(recording.connector.openSockets).toEqual([]);
    expect(recording.clock.pendingTimers).toBe(0);
    expect(recording.events).toEqual([]);
  });
});

it('a replay of nothing says so', async () => {
  await expect(replayRecording(inOrder([]), shaper, () => Promise.resolve())).rejects.toMatchObject({
    code: 'WATCHER_RECORDING_EMPTY',
  });
});
