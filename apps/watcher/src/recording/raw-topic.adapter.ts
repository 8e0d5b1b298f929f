import { randomUUID } from 'node:crypto';
import {
  HEADER_EVENT_SEQUENCE,
  HEADER_HISTORY,
  HEADER_ID,
  HEADER_METHOD,
  HEADER_SESSION_ID,
  HEADER_STREAMER_ID,
  HEADER_SUBJECT,
  HEADER_TIME,
  HEADER_TIME_SOURCE,
} from '@livetap/contracts';
import type { Admin, IHeaders, Kafka, KafkaMessage } from 'kafkajs';
import type { KafkaConfig } from '../config/watcher-config.js';
import { createKafka, toPublishError } from '../publishing/kafka-client.adapter.js';
import type { RawRecord } from './raw-replay.js';
import { RecordingError } from './recording.errors.js';

export interface RawTopicStretch {
  readonly kafka: KafkaConfig;
  readonly topic: string;
  /** Records received at or after this, ms since the epoch. */
  readonly since: number;
  /** Records received before this, ms since the epoch; nothing that is published after the start of the reading is read. */
  readonly until: number;
  /** Records of one room or of one streamer only. */
  readonly only?: { readonly roomId: string } | { readonly uniqueId: string };
  readonly signal?: AbortSignal;
}

/** Times that the client may start again by itself before the reading is given up. */
const MAX_RESTARTS = 5;

/** Offsets of a partition: the first that is read, and the one behind the last. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a stretch of a raw topic; the records of each room come in their order. `onRecord` is awaited before the next one.
 * @throws RecordingError WATCHER_RAW_TOPIC_MISSING; PublishError when Kafka cannot be reached or refuses; what `onRecord` throws
 */
export async function readRawTopic(
  stretch: RawTopicStretch,
  onRecord: (record: RawRecord) => Promise<void>,
): Promise<void> {
  const kafka = createKafka(stretch.kafka, 'livetap-replay');
  const admin = kafka.admin();
  const groupId = `livetap-replay-${randomUUID()}`;
  let spans: ReadonlyMap<number, Span>;
  try {
    await admin.connect();
    spans = await spansOf(admin, stretch);
  } catch (error) {
    await disconnect(admin);
    throw error instanceof RecordingError ? error : toPublishError(error);
  }
  try {
    if (spans.size > 0) await consume(kafka, groupId, stretch, spans, onRecord);
  } finally {
    // The group was for this reading alone. Where deleting is not allowed the brokers forget it by themselves.
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await disconnect(admin);
  }
}

async function spansOf(admin: Admin, { topic, since }: RawTopicStretch): Promise<ReadonlyMap<number, Span>> {
  if (!(await admin.listTopics()).includes(topic)) {
    const words = `There is no topic ${topic}. The raw topic is filled when LIVETAP_RAW_TOPIC is on.`;
    throw new RecordingError('WATCHER_RAW_TOPIC_MISSING', words, { context: { topic } });
  }
  const ends = await admin.fetchTopicOffsets(topic);
  const starts = await admin.fetchTopicOffsetsByTimestamp(topic, since);
  const spans = new Map<number, Span>();
  for (const { partition, high, low } of ends) {
    const end = Number(high);
    const found = Number(starts.find((start) => start.partition === partition)?.offset ?? -1);
    const start = Math.max(found < 0 ? end : found, Number(low));
    if (start < end) spans.set(partition, { start, end });
  }
  return spans;
}

async function consume(
  kafka: Kafka,
  groupId: string,
  stretch: RawTopicStretch,
  spans: ReadonlyMap<number, Span>,
  onRecord: (record: RawRecord) => Promise<void>,
): Promise<void> {
  const { topic, signal } = stretch;
  const open = new Set(spans.keys());
  // Offset of the next record of each partition. The client may bring records again: before it has gone to the start, and
  // when the group is arranged anew.
  const next = new Map([...spans].map(([partition, { start }]) => [partition, start]));
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 500 });
  /** Of the receiver of records; not Kafka's. */
  let failure: Error | undefined;
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      signal?.addEventListener('abort', () => resolve(), { once: true });
      if (signal?.aborted === true) resolve();
      let crashes = 0;
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        crashes += 1;
        // A coordinator that is still being chosen is no reason to give up; the client starts again by itself.
        if (!payload.restart || crashes > MAX_RESTARTS) reject(failure ?? toPublishError(payload.error));
      });
      consumer
        .run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          eachBatch: async (part) => {
            const { batch } = part;
            const span = spans.get(batch.partition);
            if (span === undefined || !open.has(batch.partition)) return;
            for (const message of batch.messages) {
              if (part.isStale() || signal?.aborted === true || failure !== undefined) return;
              const offset = Number(message.offset);
              if (offset >= (next.get(batch.partition) ?? span.start) && offset < span.end) {
                const record = recordOf(message);
                try {
                  if (isWanted(record, stretch)) await onRecord(record);
                } catch (error) {
                  failure = error instanceof Error ? error : new Error(String(error));
                  return reject(failure);
                }
              }
              next.set(batch.partition, Math.max(offset + 1, next.get(batch.partition) ?? 0));
              part.resolveOffset(message.offset);
              await part.heartbeat();
            }
            if (Number(batch.lastOffset()) + 1 >= span.end) open.delete(batch.partition);
            if (open.size === 0) resolve();
          },
        })
        .catch(reject);
      for (const [partition, { start }] of spans) consumer.seek({ topic, partition, offset: String(start) });
    });
  } catch (error) {
    throw failure ?? toPublishError(error);
  } finally {
    await consumer.disconnect().catch(() => undefined);
  }
}

function isWanted(record: RawRecord, { since, until, only }: RawTopicStretch): boolean {
  if (record.recordedAt < since || record.recordedAt >= until) return false;
  if (only === undefined) return true;
  return 'roomId' in only ? record.roomId === only.roomId : record.subject === only.uniqueId;
}

function recordOf({ key, value, timestamp, headers = {} }: KafkaMessage): RawRecord {
  const recordedAt = Number(timestamp);
  const time = Date.parse(headerOf(headers, HEADER_TIME) ?? '');
  return {
    roomId: key?.toString() ?? '',
    id: headerOf(headers, HEADER_ID) ?? '0',
    subject: headerOf(headers, HEADER_SUBJECT) ?? '',
    method: headerOf(headers, HEADER_METHOD) ?? '',
    isHistory: headerOf(headers, HEADER_HISTORY) === 'true',
    payload: value ?? Buffer.alloc(0),
    recordedAt,
    time: Number.isNaN(time) ? recordedAt : time,
    timeSource: headerOf(headers, HEADER_TIME_SOURCE),
    sessionId: headerOf(headers, HEADER_SESSION_ID),
    sequence: headerOf(headers, HEADER_EVENT_SEQUENCE),
    streamerId: headerOf(headers, HEADER_STREAMER_ID),
  };
}

function headerOf(headers: IHeaders, name: string): string | undefined {
  const value = headers[name];
  return value === undefined || Array.isArray(value) ? undefined : value.toString();
}

async function disconnect(admin: Admin): Promise<void> {
  // A connection that is broken already cannot be closed; nothing is lost by that.
  await admin.disconnect().catch(() => undefined);
}
