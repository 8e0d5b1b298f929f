import { HEADER_ID, HEADER_SOURCE, HEADER_TYPE, type TopicStrategy } from '@livetap/contracts';
import type { Consumer, EachBatchPayload, IHeaders, Kafka, KafkaMessage } from 'kafkajs';
import type { KafkaConfig } from '../config/watcher-config.js';
import { createKafka, toPublishError } from '../publishing/kafka-client.adapter.js';
import { pause } from '../publishing/pause.js';
import { historyTopics } from '../publishing/topic-plan.js';
import { BackOff } from '../common/back-off.js';
import { FoldRetry, type FoldRetryOptions } from './fold-retry.js';
import type { HistorySource } from './history-source.port.js';
import type { FoldInput, FoldPosition } from './history.port.js';

export interface KafkaHistorySourceOptions extends FoldRetryOptions {
  readonly kafka: KafkaConfig;
  readonly clientId: string;
  readonly topics: { readonly prefix: string; readonly strategy: TopicStrategy };
}

const MAX_EVENTS = 1_000;
const MAX_BYTES = 8 * 1024 * 1024;
/** Small batches of many partitions are folded together if they come within this time. */
const GATHER_MS = 200;
/** Longer than the slowest transaction, so that a busy database does not cost the assignment. */
const SESSION_TIMEOUT_MS = 45_000;
const FETCH_WAIT_MS = 500;
/**
 * A broker answers as soon as it has so much, or after `FETCH_WAIT_MS`. An answer for every event that comes, over all
 * partitions, would keep the client busier than everything else in a service with some hundred rooms.
 */
const FETCH_MIN_BYTES = 64 * 1024;
/**
 * Of one answer, compressed: unpacked it is about ten times as large and all of it in memory at once. The client's own
 * limits (10 MiB and 1 MiB) would cost some hundred MiB while a backlog is folded.
 */
const FETCH_BYTES = 1024 * 1024;
const FETCH_PARTITION_BYTES = 128 * 1024;
/** While the database is away the group must still hear from this member. */
const HEARTBEAT_MS = 3_000;
const IDLE_POLL_MS = 100;
const RETRY_BASE_MS = 500;
const RETRY_CAP_MS = 10_000;

/** Events that are read and not folded yet, and where each stream goes on after them. */
interface Gathered {
  readonly events: FoldInput[];
  readonly positions: Map<string, string>;
  bytes: number;
}

/**
 * Folds history from the topics, as one consumer group of all replicas (`<prefix>.history`). Rows and positions change in
 * one transaction, and the positions in the database win over the group's offsets, which are for display only.
 */
export class KafkaHistorySource implements HistorySource {
  readonly #retry: FoldRetry;
  readonly #backOff: BackOff;
  readonly #kafka: Kafka;
  readonly #names: readonly string[];
  readonly #stopping = new AbortController();
  #gathered: Gathered = empty();
  #folding: Promise<void> = Promise.resolve();
  /** Next offset of each stream of this assignment, as far as known. */
  #next = new Map<string, bigint>();
  #flushPlanned = false;
  /** Counts assignments: what was read under an old one is worth nothing. */
  #generation = 0;
  #taking: Promise<void> = Promise.resolve();
  #running: Promise<void> | undefined;
  #problem: string | undefined;

  constructor(private readonly options: KafkaHistorySourceOptions) {
    this.#retry = new FoldRetry(options);
    this.#backOff = new BackOff({ random: options.random, baseMs: RETRY_BASE_MS, capMs: RETRY_CAP_MS });
    this.#kafka = createKafka(options.kafka, options.clientId);
    this.#names = historyTopics(options.topics);
  }

  async start(): Promise<void> {
    this.#running = this.#run();
  }

  problem(): string | undefined {
    return this.#problem ?? this.#retry.problem;
  }

  async idle(signal: AbortSignal = this.#stopping.signal): Promise<void> {
    const either = AbortSignal.any([signal, this.#stopping.signal]);
    let ends: ReadonlyMap<string, bigint> | undefined;
    while (!either.aborted) {
      // Broker or database are away: `problem` says so, and waiting goes on.
      ends ??= await this.#ends().catch(() => undefined);
      const stored = await this.options.fold.positions(`${this.options.topics.prefix}.`).catch(() => undefined);
      if (ends !== undefined && stored !== undefined && reached(stored, ends)) return;
      await pause(this.options.clock, IDLE_POLL_MS, either);
    }
  }

  async stop(signal?: AbortSignal): Promise<void> {
    this.#stopping.abort();
    const late = new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    if (signal?.aborted !== true) await Promise.race([this.#running, late]);
  }

  /** End of every stream that holds something. */
  async #ends(): Promise<ReadonlyMap<string, bigint>> {
    const admin = this.#kafka.admin();
    const ends = new Map<string, bigint>();
    try {
      await admin.connect();
      for (const topic of this.#names) {
        for (const { partition, high, low } of await admin.fetchTopicOffsets(topic)) {
          if (BigInt(high) > BigInt(low)) ends.set(streamOf(topic, partition), BigInt(high));
        }
      }
      return ends;
    } finally {
      await admin.disconnect();
    }
  }

  /** One consumer after the other: a client that crashed is thrown away. */
  async #run(): Promise<void> {
    const signal = this.#stopping.signal;
    while (!signal.aborted) {
      const consumer = this.#kafka.consumer({
        groupId: `${this.options.topics.prefix}.history`,
        sessionTimeout: SESSION_TIMEOUT_MS,
        maxWaitTimeInMs: FETCH_WAIT_MS,
        minBytes: FETCH_MIN_BYTES,
        maxBytes: FETCH_BYTES,
        maxBytesPerPartition: FETCH_PARTITION_BYTES,
        allowAutoTopicCreation: false,
      });
      try {
        await this.#consume(consumer);
      } catch (error) {
        this.#failed(error);
      }
      // A connection that is broken already cannot be closed; the broker forgets the member by itself.
      await consumer.disconnect().catch(() => undefined);
      await pause(this.options.clock, this.#backOff.next(), signal);
    }
  }

  /** Resolves when stopped, rejects when the consumer ends by itself. */
  async #consume(consumer: Consumer): Promise<void> {
    const signal = this.#stopping.signal;
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.#names], fromBeginning: true });
    const crashed = new Promise<never>((_, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        this.#failed(payload.error);
        if (!payload.restart) reject(payload.error);
      });
    });
    // Waited for below; it may come earlier.
    crashed.catch(() => undefined);
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.#taking = this.#takeOver(consumer, payload.memberAssignment);
    });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.#take(consumer, payload),
    });
    await Promise.race([stopped, crashed]);
    await this.#flush(consumer);
  }

  #failed(error: unknown): void {
    const { code, message } = toPublishError(error);
    if (this.#problem === undefined) this.options.logger.warn('history.source.failing', { code, message });
    this.#problem = message;
  }

  /** A new assignment: forgets what was read under the old one and goes on from the positions in the database. */
  async #takeOver(consumer: Consumer, assignment: Readonly<Record<string, readonly number[]>>): Promise<void> {
    const generation = (this.#generation += 1);
    this.#gathered = empty();
    this.#next = new Map();
    await this.#folding;
    const stored = await this.#retry.positions(`${this.options.topics.prefix}.`, this.#stopping.signal);
    if (stored === undefined || generation !== this.#generation) return;
    if (this.#problem !== undefined) this.options.logger.info('history.source.resumed');
    this.#problem = undefined;
    this.#backOff.reset();
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const next = stored.get(streamOf(topic, partition)) ?? '0';
        this.#next.set(streamOf(topic, partition), BigInt(next));
        // Before the beginning of the log the client goes on at its oldest record.
        if (!seek(consumer, topic, partition, next)) return;
      }
    }
  }

  async #take(consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const stream = streamOf(batch.topic, batch.partition);
    const worthless = (): boolean => !payload.isRunning() || payload.isStale() || this.#stopping.signal.aborted;
    // Fetched before the position was known: the seek that follows repeats it.
    while (!this.#next.has(stream) && !worthless()) {
      await Promise.race([this.#taking, pause(this.options.clock, HEARTBEAT_MS, this.#stopping.signal)]);
      await payload.heartbeat();
    }
    for (const message of batch.messages) {
      const next = this.#next.get(stream);
      if (worthless() || next === undefined) return;
      const offset = BigInt(message.offset);
      // Below the position: folded already, unless the topic was made anew and is shorter than it was.
      if (offset >= next || next > BigInt(batch.highWatermark)) {
        this.#gather(stream, message);
        this.#next.set(stream, offset + 1n);
      }
      payload.resolveOffset(message.offset);
      if (this.#gathered.events.length >= MAX_EVENTS || this.#gathered.bytes >= MAX_BYTES) {
        await this.#flushAlive(consumer, payload);
      }
    }
    await payload.heartbeat();
    this.#planFlush(consumer);
  }

  #gather(stream: string, message: KafkaMessage): void {
    const gathered = this.#gathered;
    gathered.positions.set(stream, String(BigInt(message.offset) + 1n));
    const [id, source, type] = [
      header(message.headers, HEADER_ID),
      header(message.headers, HEADER_SOURCE),
      header(message.headers, HEADER_TYPE),
    ];
    // Somebody else's record: nothing of ours lacks these.
    if (id === undefined || source === undefined || type === undefined || message.value === null) return;
    gathered.events.push({ id, source, type, value: message.value });
    gathered.bytes += message.value.length;
  }

  #planFlush(consumer: Consumer): void {
    if (this.#flushPlanned || this.#gathered.positions.size === 0) return;
    this.#flushPlanned = true;
    this.options.clock.setTimeout(() => {
      this.#flushPlanned = false;
      void this.#flush(consumer);
    }, GATHER_MS);
  }

  /** Folds while the group goes on hearing from this member. */
  async #flushAlive(consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    let folded = false;
    const turn = this.#flush(consumer).then(() => {
      folded = true;
    });
    while (!folded && !this.#stopping.signal.aborted) {
      await Promise.race([turn, pause(this.options.clock, HEARTBEAT_MS, this.#stopping.signal)]);
      await payload.heartbeat();
    }
  }

  /** Folds what was gathered, one transaction at a time. Never rejects. */
  #flush(consumer: Consumer): Promise<void> {
    this.#folding = this.#folding.then(() => this.#fold(consumer));
    return this.#folding;
  }

  async #fold(consumer: Consumer): Promise<void> {
    const gathered = this.#gathered;
    const generation = this.#generation;
    if (gathered.positions.size === 0) return;
    this.#gathered = empty();
    const positions = [...gathered.positions].map(([stream, next]) => ({ stream, next }));
    if (!(await this.#apply(gathered.events, positions))) {
      // Still ours: it comes before what was read meanwhile.
      if (generation === this.#generation) this.#gathered = joined(gathered, this.#gathered);
      return;
    }
    const offsets = positions.map(({ stream, next }) => ({ ...topicOf(stream), offset: next }));
    // For display only: the position that counts is in the database.
    await consumer.commitOffsets(offsets).catch(() => undefined);
  }

  /** Again and again until the database takes it; at the end a single last attempt. */
  #apply(events: readonly FoldInput[], positions: readonly FoldPosition[]): Promise<boolean> {
    if (!this.#stopping.signal.aborted) return this.#retry.apply(events, positions, this.#stopping.signal);
    return this.options.fold.apply(events, positions).then(
      () => true,
      () => false,
    );
  }
}

/** False when the consumer has stopped meanwhile, on its own or to start anew: the next assignment begins again. */
function seek(consumer: Consumer, topic: string, partition: number, offset: string): boolean {
  try {
    consumer.seek({ topic, partition, offset });
    return true;
  } catch {
    return false;
  }
}

function joined(first: Gathered, second: Gathered): Gathered {
  return {
    events: [...first.events, ...second.events],
    positions: new Map([...first.positions, ...second.positions]),
    bytes: first.bytes + second.bytes,
  };
}

function reached(stored: ReadonlyMap<string, string>, ends: ReadonlyMap<string, bigint>): boolean {
  return [...ends].every(([stream, end]) => BigInt(stored.get(stream) ?? 0) >= end);
}

function empty(): Gathered {
  return { events: [], positions: new Map(), bytes: 0 };
}

function streamOf(topic: string, partition: number): string {
  return `${topic}:${partition}`;
}

function topicOf(stream: string): { topic: string; partition: number } {
  const colon = stream.lastIndexOf(':');
  return { topic: stream.slice(0, colon), partition: Number(stream.slice(colon + 1)) };
}

function header(headers: IHeaders | undefined, name: string): string | undefined {
  const value = headers?.[name];
  return Array.isArray(value) ? value[0]?.toString() : value?.toString();
}
