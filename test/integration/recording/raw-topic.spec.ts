import { randomUUID } from 'node:crypto';
import { DEFAULT_PARTITIONS, eventNameOf } from '@livetap/contracts';
import { readTopics, SeededRandom } from '@livetap/testkit';
import { describe, expect, inject, it } from 'vitest';
import { SystemClock } from '../../../apps/watcher/src/common/system-clock.adapter.js';
import type { FinishedEvent } from '../../../apps/watcher/src/pipeline/finished-event.js';
import { MessageShaper } from '../../../apps/watcher/src/pipeline/message-shaper.js';
import { KafkaEventPublisher } from '../../../apps/watcher/src/publishing/kafka-event-publisher.adapter.js';
import { publishPersistently } from '../../../apps/watcher/src/publishing/publish-persistently.js';
import { newRoomCounters } from '../../../apps/watcher/src/rooms/room-counters.js';
import type { RoomMessage } from '../../../apps/watcher/src/rooms/room-connector.port.js';
import { RoomSessions } from '../../../apps/watcher/src/rooms/room-sessions.js';
import { SessionDriver } from '../../../apps/watcher/src/rooms/session-driver.js';
import { roomPipelines } from '../../../apps/watcher/src/rooms/session-pipeline.js';
import { streamerOf } from '../../../apps/watcher/src/recording/room-replay.js';
import { seedsOfEveryMethod } from '../../connector/mutations.js';
import { chatMessage, controlMessage, giftMessage, likeMessage, unknownMessage } from '../../contract/wire-messages.js';
import { consumeAll, isOwn, type ConsumedEvent } from '../../system/ledger-check.js';
import { Program } from '../../system/processes.js';

const brokers = inject('kafkaBrokers');
const T0 = Date.now() - 3_600_000;
const SECOND = 1_000;
const CLI = 'apps/watcher/dist/cli/main.js';

/** What a service with the raw topic publishes of two rooms: every method, streaks, a gap, an end, and another live. */
function published(): FinishedEvent[] {
  const out: FinishedEvent[] = [];
  for (const roomId of ['7000000000000000001', '7000000000000000002']) {
    const streamer = streamerOf({ uniqueId: `host.${roomId.slice(-1)}`, tiktokUserId: `99${roomId.slice(-1)}` });
    const sessions = new RoomSessions(
      streamer,
      { epoch: 4, checkpoint: null },
      { push: (events) => void out.push(...events) },
      {
        counters: newRoomCounters(),
        events: { idle: () => undefined, observed: () => undefined, sessionChanged: () => undefined },
        pipelines: roomPipelines({ rawTopic: true, shaper: new MessageShaper() }),
        replicaId: 'replica-1',
      },
    );
    const driver = new SessionDriver({ sessions, healthyAfterMs: 10 * SECOND });
    let at = T0;
    let id = 1_000;
    const frame = (afterMs: number, messages: readonly RoomMessage[], now = '0'): ReturnType<SessionDriver['frame']> =>
      driver.frame({ messages, receivedAt: (at += afterMs), now });
    driver.aim(roomId, { verdict: 'live', reason: '', title: 'A title' });
    driver.opened(at, 'direct');
    for (const { method, payload } of seedsOfEveryMethod(1)) {
      // Stream ends come below.
      if (method === 'WebcastControlMessage') continue;
      id += 1;
      // Of two frames one has a time of its own, for messages that have none.
      frame(
        10,
        [{ method, msgId: String(id), payload, isHistory: id % 9 === 0 }],
        id % 2 === 0 ? String(at - 500) : '0',
      );
    }
    frame(10, [giftMessage({ msgId: '101', repeatCount: 1 }), chatMessage('102'), unknownMessage('0')]);
    frame(500, [giftMessage({ msgId: '103', repeatCount: 4 }), likeMessage('104', 3, 900)]);
    driver.lost('disconnected', (at += 100), { code: 1006, reason: '' });
    driver.opened((at += 2 * SECOND), 'direct');
    frame(100, [giftMessage({ msgId: '103', repeatCount: 4 }), giftMessage({ msgId: '105', repeatCount: 9 })]);
    // Nothing for so long that the streak is over.
    frame(45 * SECOND, [chatMessage('106'), giftMessage({ msgId: '107', repeatCount: 2, groupId: '5' })]);
    const ended = frame(SECOND, [controlMessage('108', 3), chatMessage('109')]);
    expect(ended).toBe('ended');
    driver.end('ended', '', true, at);
    driver.detach();
    driver.aim(roomId, { verdict: 'live', reason: '' });
    driver.opened((at += 60 * SECOND), 'direct');
    frame(100, [chatMessage('201'), giftMessage({ msgId: '202', repeatCount: 2, end: true, groupId: '6' })]);
  }
  return out;
}

const key = ({ source, id }: ConsumedEvent): string => `${source} ${id}`;
/** What a replay must give again; `sequence` counts own events that do not come of raw records. */
const facts = ({ source, id, type, data, time, sessionid, subject, ...rest }: ConsumedEvent): unknown => {
  const { recordedtime, timesource, streamerid, leaseepoch } = rest as unknown as Record<string, unknown>;
  return { source, id, type, data, time, sessionid, subject, recordedtime, timesource, streamerid, leaseepoch };
};

describe.skipIf(brokers.length === 0)('a stretch of the raw topic on a real broker', () => {
  it('gives the wire events that were first published again, and the ends of their streaks', async () => {
    const prefix = `raw-${randomUUID().slice(0, 8)}`;
    const events = published();
    const kafka = { brokers: [...brokers], tls: false as const, sasl: undefined };
    const topics = {
      prefix,
      strategy: 'subject',
      partitions: DEFAULT_PARTITIONS,
      replicationFactor: 1,
      raw: true,
    } as const;
    const publisher = new KafkaEventPublisher({ kafka, clientId: 'test', topics });
    await publisher.start();
    const stored = events.map((event, index) => ({ ...event, offset: index + 1 }));
    const patience = { clock: new SystemClock(), random: new SeededRandom(1), signal: new AbortController().signal };
    await publishPersistently(publisher, stored, patience);
    await publisher.stop();

    const first = await consumeAll(brokers, prefix);
    const raw = await readTopics(brokers, [`${prefix}.raw`]);
    expect(raw).toHaveLength(first.filter((event) => !isOwn(event)).length);
    for (const { headers } of raw) expect(headers).toMatchObject({ ce_sessionid: /^7/, ce_streamerid: /^99/ });

    const settings = {
      KAFKA_BROKERS: brokers.join(','),

      LIVETAP_TOPIC_PREFIX: 'unused',
    };
    const copy = `${prefix}-again`;
    const args = ['replay', '--from-raw-topic', `${prefix}.raw`];
    const intoTopics = Program.start('livetap', CLI, [...args, '--topic-prefix', copy, '--json'], settings);
    expect(await intoTopics.exited(), intoTopics.output).toBe(0);
    const again = await consumeAll(brokers, copy);

    const derivable = (event: ConsumedEvent): boolean =>
      !['live.started', 'live.left', 'room.gap'].includes(eventNameOf(event.type) ?? '');
    const wanted = new Map(first.filter(derivable).map((event) => [key(event), facts(event)]));
    const got = new Map(again.map((event) => [key(event), facts(event)]));
    expect(got.size).toBe(again.length);
    expect([...got.keys()].sort()).toEqual([...wanted.keys()].sort());
    expect(Object.fromEntries(got)).toEqual(Object.fromEntries(wanted));
    const own = again.filter(isOwn).map(({ type, id }) => `${eventNameOf(type) ?? ''} ${id}`);
    expect(own.filter((name) => name.startsWith('live.ended'))).toHaveLength(2);
    expect(own.filter((name) => name.startsWith('gift.completed')).length).toBeGreaterThanOrEqual(6);
    expect(JSON.parse(intoTopics.output)).toMatchObject({ rooms: 2, messages: raw.length, events: again.length });
    console.log(`raw topic: ${raw.length} records, ${again.length} events again, ${first.length} first published`);

    const absent = Program.start('livetap', CLI, ['replay', '--from-raw-topic', `${prefix}-none.raw`], settings);
    expect(await absent.exited()).toBe(78);
    expect(absent.output).toContain('WATCHER_RAW_TOPIC_MISSING');

    // One room, a part of the time, on stdout; and what cannot come of it is said.
    const room = '7000000000000000002';
    const until = new Date(T0 + 30 * SECOND).toISOString();
    const part = [...args, '--room', room, '--since', new Date(T0).toISOString(), '--until', until];
    const onStdout = Program.start('livetap', CLI, part, settings);
    expect(await onStdout.exited(), onStdout.output).toBe(0);
    expect(onStdout.output).toContain('live.started, live.left and room.gap');
    const lines = onStdout.output.split('\n').filter((line) => line.startsWith('{"specversion"'));
    const some = lines.map((line) => JSON.parse(line) as ConsumedEvent & { recordedtime: string });
    expect(some.length).toBeGreaterThan(0);
    expect(some.every(({ source, recordedtime }) => source.endsWith(room) && recordedtime < until)).toBe(true);
    for (const event of some) expect(facts(event)).toEqual(wanted.get(key(event)));
  });
});
