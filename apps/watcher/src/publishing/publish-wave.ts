import type { FinishedEvent } from '../pipeline/finished-event.js';
import { partitionOf } from './murmur2.js';
import { partitionName } from './produce-request.js';

/** Above this the brokers' own limit for a whole request (100 MiB by default) would come near. */
const MAX_REQUEST_BYTES = 16 * 1024 * 1024;
/** Keys whose partition is remembered: more than rooms that one process follows. */
const MAX_KEYS = 16_384;

/** A topic as the publisher fills it. */
export class WaveTopic {
  /** By partition, put together once. */
  readonly #names: readonly string[];
  readonly #partitions = new Map<string, number>();

  /** `maxBatchBytes`: bytes of the records of one batch at most. */
  constructor(
    readonly name: string,
    partitions: number,
    readonly maxBatchBytes: number,
  ) {
    this.#names = Array.from({ length: partitions }, (_, partition) => partitionName(name, partition));
  }

  partitionOf(key: string): number {
    let partition = this.#partitions.get(key);
    if (partition === undefined) {
      partition = partitionOf(key, this.#names.length);
      if (this.#partitions.size >= MAX_KEYS) this.#partitions.clear();
      this.#partitions.set(key, partition);
    }
    return partition;
  }

  partitionName(partition: number): string {
    return this.#names[partition]!;
  }
}

interface WavePart {
  readonly topic: string;
  readonly partition: number;
  readonly name: string;
  readonly events: FinishedEvent[];
  bytes: number;
}

/** One request to the brokers: for each topic and partition at most one batch that fits the topic's limit. */
export class PublishWave {
  readonly #parts = new Map<string, WavePart>();
  #bytes = 0;

  get empty(): boolean {
    return this.#bytes === 0;
  }

  /** In no particular order; the events of each in the order of adding. */
  get parts(): readonly WavePart[] {
    return [...this.#parts.values()];
  }

  /** False, and nothing changed, when the event has to go with the next request. `bytes`: of its record, at most. */
  tryAdd(topic: WaveTopic, event: FinishedEvent, bytes: number): boolean {
    const partition = topic.partitionOf(event.key);
    const name = topic.partitionName(partition);
    const part = this.#parts.get(name);
    if (!this.empty && this.#bytes + bytes > MAX_REQUEST_BYTES) return false;
    if (part === undefined) {
      this.#parts.set(name, { topic: topic.name, partition, name, events: [event], bytes });
    } else {
      if (part.bytes + bytes > topic.maxBatchBytes) return false;
      part.events.push(event);
      part.bytes += bytes;
    }
    this.#bytes += bytes;
    return true;
  }
}
