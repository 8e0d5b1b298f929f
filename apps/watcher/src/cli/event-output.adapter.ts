import { open } from 'node:fs/promises';
import type { KafkaConfig, WatcherConfig } from '../config/watcher-config.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import { KafkaEventPublisher } from '../publishing/kafka-event-publisher.adapter.js';
import { publishPersistently } from '../publishing/publish-persistently.js';
import { RecordingError } from '../recording/recording.errors.js';
import { writePiece } from './cli-context.js';

/** Where the events of a replay go. */
export interface EventOutput {
  /** Events in order; the next ones when it has resolved. */
  write(events: readonly FinishedEvent[]): Promise<void>;
  /** Everything is where it belongs when this has resolved. */
  close(): Promise<void>;
}

const LINE_FEED = Buffer.from('\n');
/** Lines are handed on in pieces of this size. */
const PIECE_BYTES = 64 * 1024;
/** Events that are sent to Kafka together. */
const MAX_BATCH_EVENTS = 1_000;
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** Whole events, one a line, to a stream; waits while its reader is slow. */
export function streamOutput(stream: NodeJS.WritableStream): EventOutput {
  return lines(
    (bytes) => writePiece(stream, bytes),
    () => Promise.resolve(),
  );
}

/** Whole events, one a line, to a file. @throws RecordingError WATCHER_RECORDING_NOT_CREATED */
export async function fileOutput(path: string, replace: boolean): Promise<EventOutput> {
  try {
    const handle = await open(path, replace ? 'w' : 'wx');
    return lines(
      (bytes) => handle.writeFile(bytes),
      async () => {
        await handle.sync();
        await handle.close();
      },
    );
  } catch (error) {
    const exists = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    const words = exists ? 'exists already; choose another name or --force' : 'cannot be created';
    throw new RecordingError('WATCHER_RECORDING_NOT_CREATED', `The file ${path} ${words}.`, { cause: error });
  }
}

function lines(put: (bytes: Buffer) => Promise<void>, end: () => Promise<void>): EventOutput {
  let parts: Buffer[] = [];
  let bytes = 0;
  const flush = async (): Promise<void> => {
    const piece = Buffer.concat(parts, bytes);
    parts = [];
    bytes = 0;
    if (piece.length > 0) await put(piece);
  };
  return {
    write: async (events) => {
      for (const { value } of events) {
        parts.push(value, LINE_FEED);
        bytes += value.length + 1;
      }
      if (bytes >= PIECE_BYTES) await flush();
    },
    close: async () => {
      await flush();
      await end();
    },
  };
}

/** The topics of a prefix, through the publisher of the service: acknowledged by all replicas. @throws PublishError */
export async function topicOutput(
  kafka: KafkaConfig,
  topics: WatcherConfig['topics'],
  patience: Parameters<typeof publishPersistently>[2],
  warn: (sentence: string) => void,
): Promise<EventOutput> {
  const publisher = new KafkaEventPublisher({
    kafka,
    clientId: 'livetap-replay',
    topics,
    acceptPartitions: topics.acceptPartitions,
    createTopics: topics.create,
    onOversize: ({ type, key, id }) =>
      warn(`${type} ${id} of room ${key} is larger than the brokers take: its beginning was published as unknown.`),
  });
  await publisher.start();
  let batch: FinishedEvent[] = [];
  let bytes = 0;
  let offset = 0;
  const flush = async (): Promise<void> => {
    const events = batch.map((event) => ({ ...event, offset: (offset += 1) }));
    batch = [];
    bytes = 0;
    if (events.length > 0) await publishPersistently(publisher, events, patience);
  };
  return {
    write: async (events) => {
      for (const event of events) {
        batch.push(event);
        bytes += event.value.length;
      }
      if (batch.length >= MAX_BATCH_EVENTS || bytes >= MAX_BATCH_BYTES) await flush();
    },
    close: async () => {
      try {
        await flush();
      } finally {
        await publisher.stop();
      }
    },
  };
}
