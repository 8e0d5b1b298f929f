import { gunzipSync } from 'node:zlib';
import { readBatch, WebcastPushFrame } from '@livetap/connector';
import { describe, expect, it } from 'vitest';
import { compileSchemas } from '../../contract/event-schemas.js';
import { chatMessage, controlMessage, giftMessage, likeMessage, unknownMessage } from '../../contract/wire-messages.js';
import { FrameFuzzer, Mutator, randomFrom, seedsOfEveryMethod, type Seed } from '../../connector/mutations.js';
import type { FinishedEvent } from '../../../apps/watcher/src/pipeline/finished-event.js';
import { MessageShaper } from '../../../apps/watcher/src/pipeline/message-shaper.js';
import type { RoomFrame } from '../../../apps/watcher/src/rooms/room-connector.port.js';
import { newRoomCounters } from '../../../apps/watcher/src/rooms/room-counters.js';
import type { RoomInput } from '../../../apps/watcher/src/rooms/room-input.js';
import { RoomSessions } from '../../../apps/watcher/src/rooms/room-sessions.js';
import { SessionDriver } from '../../../apps/watcher/src/rooms/session-driver.js';
import { roomPipelines } from '../../../apps/watcher/src/rooms/session-pipeline.js';
import { EventDigest } from '../../../apps/watcher/src/recording/event-digest.js';
import { replayRecording } from '../../../apps/watcher/src/recording/replay-recording.js';
import { priceBook, streamerOf } from '../../../apps/watcher/src/recording/room-replay.js';
import { inOrder, MemoryRecording } from '../../../apps/watcher/src/recording/testing/memory-recording.js';

const FRAMES = 20_000;
const SEED = 20_261_125;
const T0 = Date.parse('2026-01-31T12:00:00.000Z');
const MAX_UNPACKED = 8 * 1024 * 1024;
/** Every so many events one is held against its schema. */
const SAMPLE = 20;

/** What the connector makes of a frame: a batch, or bytes that cannot be read. */
function received(bytes: Buffer, receivedAt: number): RoomFrame | undefined {
  try {
    const { payload } = WebcastPushFrame.decode(bytes);
    const packed = payload[0] === 0x1f && payload[1] === 0x8b;
    const { messages, now } = readBatch(packed ? gunzipSync(payload, { maxOutputLength: MAX_UNPACKED }) : payload);
    return { messages, now, receivedAt };
  } catch (error) {
    expect(error).toBeInstanceOf(Error);
    return undefined;
  }
}

function seeds(): Seed[] {
  const frequent = [
    chatMessage('1'),
    giftMessage({ msgId: '2', repeatCount: 3 }),
    giftMessage({ msgId: '3', repeatCount: 9, end: true }),
    likeMessage('4', 5, 100),
    unknownMessage('5'),
  ];
  return [...seedsOfEveryMethod(), controlMessage('6', 3), ...Array.from({ length: 20 }, () => frequent).flat()];
}

describe('damaged frames', () => {
  it(`${FRAMES} of them through sessions, pipeline, recording and replay: nothing thrown, nothing swallowed`, async () => {
    const random = randomFrom(SEED);
    const fuzzer = new FrameFuzzer(seeds(), random);
    const mutator = new Mutator(random);
    const schemas = compileSchemas();
    const counters = newRoomCounters();
    const recording = new MemoryRecording();
    const digest = new EventDigest();
    const unknown = { events: 0, bytes: 0 };
    let events = 0;
    const push = (batch: readonly FinishedEvent[]): void => {
      digest.add(batch);
      for (const event of batch) {
        events += 1;
        if (events % SAMPLE === 0) {
          const parsed: unknown = JSON.parse(event.value.toString());
          expect(schemas.errors(parsed), event.id).toEqual([]);
        }
        if (event.type !== 'livetap.unknown.v1') continue;
        // What could not be read is kept whole, up to the limit.
        const { data } = JSON.parse(event.value.toString()) as { data: { payload: string; bytes: number } };
        const kept = Buffer.from(data.payload, 'base64').length;
        if (kept !== Math.min(data.bytes, 262_144)) throw new Error(`${event.id}: ${kept} of ${data.bytes} bytes`);
        unknown.events += 1;
        unknown.bytes += kept;
      }
    };
    const streamer = streamerOf({ uniqueId: 'host' });
    const sessions = new RoomSessions(
      streamer,
      { epoch: 1, checkpoint: null },
      { push },
      {
        counters,
        events: { idle: () => undefined, observed: () => undefined, sessionChanged: () => undefined },
        pipelines: roomPipelines({ rawTopic: false, prices: priceBook({}), shaper: new MessageShaper() }),
        replicaId: 'fuzz',
      },
    );
    const start = { at: T0, version: '0', commit: '0', streamer: { uniqueId: 'host' }, epoch: 1, checkpoint: null };
    recording.write({ kind: 'start', start: { ...start, prices: {}, healthyAfterMs: 10_000 } });
    const onInput = (input: RoomInput): void => recording.write({ kind: 'input', input });
    const driver = new SessionDriver({ sessions, healthyAfterMs: 10_000, onInput });

    let at = T0;
    let messages = 0;
    let rejected = 0;
    let lives = 1;
    driver.aim('7', { verdict: 'live', reason: '' });
    driver.opened(at, 'direct');
    for (let index = 0; index < FRAMES; index += 1) {
      // Up to two minutes, so that streaks run out; at times the clock goes back.
      at += mutator.below(50) === 0 ? mutator.below(120_000) : mutator.below(400) - 20;
      const bytes = fuzzer.next();
      const frame = received(bytes, at);
      if (frame === undefined) {
        rejected += 1;
        driver.rejected(bytes, at);
      } else {
        messages += frame.messages.length;
        const ended = driver.frame(frame);
        if (ended !== undefined) {
          // A sound control message among them: the stream is over, and another one begins.
          lives += 1;
          driver.end(ended, '', true, at);
          driver.detach();
          driver.aim(String(lives), { verdict: 'live', reason: '' });
          driver.opened(at, 'direct');
        }
      }
      if (mutator.below(200) === 0) {
        driver.lost('disconnected', at, { code: 1006, reason: '' });
        driver.opened(at + mutator.below(5_000), 'direct');
      }
      driver.elapse(at);
    }
    driver.end('offline', '', true, at + 60_000);

    const { pipeline } = counters;
    const own = Object.values(pipeline.synthesized).reduce((sum, count) => sum + count, 0);
    console.log(
      `fuzz: ${FRAMES} frames, ${rejected} unreadable, ${messages} messages, ${lives} lives: ${events} events, ` +
        `${pipeline.deduplicated} repeats, ${unknown.events} unknown (${JSON.stringify(pipeline.unknown)}), ` +
        `${pipeline.partial} partial, ${pipeline.normalizerFailures} not shaped; ${recording.bytes} bytes recorded`,
    );
    // Every message and every unreadable frame is an event or a repeat, and all of them were counted.
    expect(pipeline.messages).toBe(messages);
    expect(pipeline.rejectedFrames).toBe(rejected);
    expect(pipeline.published).toBe(events);
    expect(messages + rejected + own).toBe(events + pipeline.deduplicated);
    expect(Object.values(pipeline.unknown).reduce((sum, count) => sum + count, 0)).toBe(unknown.events);
    for (const reason of ['unknownMethod', 'undecodableMessage', 'undecodableFrame'] as const)
      expect(pipeline.unknown[reason], reason).toBeGreaterThan(0);
    expect(lives).toBeGreaterThan(1);

    const again = await replayRecording(inOrder(recording.entries()), new MessageShaper(), () => Promise.resolve());
    expect(again.sha256).toBe(digest.sha256);
    expect(again.events).toBe(events);
  }, 120_000);
});

it('a mutated recording ends with an error of its own, or gives events: never anything else', async () => {
  const random = randomFrom(SEED + 1);
  const mutator = new Mutator(random);
  const recording = new MemoryRecording();
  const start = { at: T0, version: '0', commit: '0', streamer: { uniqueId: 'host' }, epoch: 1, checkpoint: null };
  recording.write({ kind: 'start', start: { ...start, prices: {}, healthyAfterMs: 10_000 } });
  recording.write({ kind: 'input', input: { kind: 'aimed', roomId: '7', live: {} } });
  recording.write({ kind: 'input', input: { kind: 'opened', at: T0, source: 'direct' } });
  const frame = { messages: [chatMessage('1'), giftMessage({ msgId: '2', repeatCount: 2 })], receivedAt: T0, now: '0' };
  recording.write({ kind: 'input', input: { kind: 'frame', frame } });
  recording.write({ kind: 'input', input: { kind: 'ended', at: T0 + 1_000, reason: 'ended' } });
  const shaper = new MessageShaper();
  const outcomes = { replayed: 0, damaged: 0 };
  for (let round = 0; round < 3_000; round += 1) {
    const bytes = mutator.mutate(recording.content, recording.content);
    try {
      await replayRecording(inOrder(MemoryRecording.read(bytes)), shaper, () => Promise.resolve());
      outcomes.replayed += 1;
    } catch (error) {
      expect(error).toMatchObject({ name: 'RecordingError' });
      outcomes.damaged += 1;
    }
  }
  expect(outcomes.damaged).toBeGreaterThan(0);
  expect(outcomes.replayed).toBeGreaterThan(0);
}, 30_000);
