import { EVENT_CATALOGUE, type EventName } from '@livetap/contracts';
import { readBatch } from '../../libs/connector/src/proto/index.js';
import { ManualClock } from '../../apps/simulator/src/common/clock.js';
import { MessageIds } from '../../apps/simulator/src/common/ids.js';
import { Random } from '../../apps/simulator/src/common/random.js';
import { type GivenMessage, makeGiven } from '../../apps/simulator/src/messages/given.js';
import { LiveScript } from '../../apps/simulator/src/messages/script.js';
import { Viewers } from '../../apps/simulator/src/messages/viewers.js';
import { encodeBatch, streamPosition } from '../../apps/simulator/src/wire/frames.js';
import type { OutMessage } from '../../apps/simulator/src/world/message.js';
import { makeStreamer } from '../../apps/simulator/src/world/streamer.js';
import type { FinishedEvent } from '../../apps/watcher/src/pipeline/finished-event.js';
import { MessageShaper } from '../../apps/watcher/src/pipeline/message-shaper.js';
import { RoomPipeline } from '../../apps/watcher/src/pipeline/room-pipeline.js';
import { canary, viewerErased } from '../../apps/watcher/src/pipeline/roomless-events.js';
import { richMessages, STREAM_END } from './rich-messages.js';

const SEED = 'examples of the contract';
const START = Date.parse('2026-01-31T19:00:00.000Z');
const STREAMER = 'some.streamer';
const ROOM = '7601234567890123456';
/** Enough that every method has come several times. */
const MESSAGES = 12_000;
const STEP_MS = 250;
/** Larger events show no more than smaller ones. */
const MAX_BYTES = 5000;

/**
 * One example of each event: the one that says most, of a live that the simulator plays and the pipeline reads, frame by
 * frame. No clock and no chance: the same on every machine.
 */
export function makeExamples(): ReadonlyMap<EventName, object> {
  const richest = new Map<string, { readonly event: object; readonly richness: number }>();
  for (const event of events()) {
    if (event.value.length > MAX_BYTES) continue;
    const parsed = JSON.parse(event.value.toString()) as { data: unknown };
    const richness = paths(parsed.data, '', new Set()).size;
    if (richness > (richest.get(event.type)?.richness ?? 0)) richest.set(event.type, { event: parsed, richness });
  }
  return new Map(
    Object.values(EVENT_CATALOGUE).map(({ name, type }) => {
      const example = richest.get(type);
      if (example === undefined) throw new Error(`The simulator made no ${name}`);
      return [name, example.event];
    }),
  );
}

/** Where something stands in a value; places in lists count as one. */
function paths(value: unknown, at: string, found: Set<string>): Set<string> {
  if (typeof value !== 'object' || value === null) return found.add(at);
  for (const [name, member] of Object.entries(value))
    paths(member, Array.isArray(value) ? `${at}[]` : `${at}.${name}`, found);
  return found;
}

function* events(): Generator<FinishedEvent> {
  const clock = new ManualClock(START);
  const random = new Random(SEED);
  const ids = new MessageIds(clock);
  const streamer = makeStreamer(random, { uniqueId: STREAMER, roomId: ROOM, rate: 4, restricted: false });
  const script = new LiveScript(ROOM, streamer, { ids, random, viewers: new Viewers(SEED, 200) });
  const given = (message: GivenMessage) =>
    makeGiven(message, { roomId: ROOM, now: clock.now(), nextId: () => ids.next() });
  const room = new RoomPipeline({
    roomId: ROOM,
    subject: STREAMER,
    streamerId: streamer.userId,
    sessionId: ROOM,
    occurrence: 1,
    epoch: 3,
    rawTopic: false,
    shaper: new MessageShaper(),
  });
  /** Over the wire: a message is bytes within the bytes of a frame. */
  const frame = (message: OutMessage): readonly FinishedEvent[] => {
    clock.advance(STEP_MS);
    const now = clock.now();
    const { cursor, internalExt } = streamPosition(now, message.msgId);
    const batch = readBatch(encodeBatch({ messages: [message], history: false, now }, cursor, internalExt));
    return room.frame({ messages: batch.messages, receivedAt: now + 40, now: batch.now }).events;
  };

  const host = { id: streamer.userId, uniqueId: STREAMER, nickname: streamer.nickname, avatarUrl: streamer.avatarUrl };
  const startedAt = START - 90_000;
  yield* room.started({ streamer: host, title: streamer.title, startedAt, joinedAt: START, via: 'direct' });
  for (let count = 0; count < MESSAGES; count += 1) {
    yield* frame(script.next(clock.now()));
    yield* room.timers(clock.now(), START);
  }
  yield* frame(script.control(1, clock.now()));
  for (const message of richMessages(streamer, clock.now())) yield* frame(given(message));
  // The socket is cut, and healthy again after three seconds.
  yield* room.gapOpened('disconnected', clock.now());
  clock.advance(3000);
  yield* frame(script.next(clock.now()));
  yield* room.left({ reason: 'paused', at: clock.now() });
  yield* room.started({ streamer: host, title: streamer.title, startedAt, joinedAt: clock.now(), via: 'euler' });
  yield* frame(given({ method: 'WebcastControlMessage', fields: STREAM_END }));
  yield* room.ended({ endedAt: clock.now(), reason: 'ended' });
  yield canary({ replicaId: '6f1c2c1e-5b3e-4a7e-9d83-1f6f4a3f3b55', processStartedAt: START, n: 57, at: clock.now() });
  yield viewerErased({ userId: '6812345678901234567', at: clock.now() });
}
