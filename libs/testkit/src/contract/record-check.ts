import {
  CONTENT_TYPE_EVENT,
  DEFAULT_PARTITIONS,
  HEADER_CONTENT_TYPE,
  HEADER_ID,
  HEADER_SEQUENCE,
  HEADER_SOURCE,
  HEADER_TYPE,
} from '@livetap/contracts';
import { Partitioners } from 'kafkajs';
import type { TopicRecord } from '../kafka/topic-reader.js';
import { compileSchemas, type EventSchemas } from './event-schemas.js';

type Attributes = Readonly<Record<string, unknown>>;

/**
 * Checks records of events as the contract says what they are: value (envelope and data, by the published schemas), headers,
 * key, partition and timestamp. Schemas are compiled once: make one for many records.
 */
export class RecordCheck {
  readonly #schemas: EventSchemas = compileSchemas();
  readonly #partitioner = Partitioners.DefaultPartitioner();
  readonly #partitions: { readonly partitionId: number; readonly leader: number }[];

  /** `partitions`: of each topic. */
  constructor(partitions = DEFAULT_PARTITIONS) {
    this.#partitions = Array.from({ length: partitions }, (_, partitionId) => ({ partitionId, leader: 1 }));
  }

  /** What is wrong with a record, as sentences; empty when it is right. */
  faults(record: TopicRecord): string[] {
    const { event, faults } = this.#parse(record.value);
    if (event === undefined) return faults;
    const found = [...faults, ...headerFaults(record, event)];
    const key = keyOf(String(event['source']));
    if (record.key !== key)
      found.push(`key is ${String(record.key)}, of ${String(event['source'])} it is ${String(key)}`);
    if (record.key !== undefined && record.partition !== this.#partition(record)) {
      found.push(`partition is ${record.partition}, by the key it is ${this.#partition(record)}`);
    }
    const recorded = Date.parse(String(event['recordedtime']));
    if (record.timestamp !== recorded) found.push(`timestamp is ${record.timestamp}, recordedtime ${recorded}`);
    return found.map((fault) => `${record.topic} ${String(event['type'])} ${String(event['id'])}: ${fault}`);
  }

  /** What is wrong with an event that came without a record, as over the live tail. */
  eventFaults(event: unknown): string[] {
    return this.#schemas.errors(event);
  }

  #parse(value: Buffer | null): { readonly event?: Attributes; readonly faults: string[] } {
    try {
      const event = JSON.parse(value?.toString() ?? 'null') as Attributes | null;
      const faults = this.#schemas.errors(event);
      return event === null ? { faults } : { event, faults };
    } catch (error) {
      return { faults: [`not JSON: ${String(error)}`] };
    }
  }

  /** By the client library: another implementation of Kafka's murmur2 than the one under test. */
  #partition({ topic, key }: TopicRecord): number {
    const message = { key: key ?? null, value: null };
    return this.#partitioner({ topic, partitionMetadata: this.#partitions.map(withReplicas), message });
  }
}

const withReplicas = (partition: { readonly partitionId: number; readonly leader: number }) => ({
  ...partition,
  partitionErrorCode: 0,
  replicas: [1],
  isr: [1],
});

function headerFaults({ headers }: TopicRecord, event: Attributes): string[] {
  const expected: Record<string, unknown> = {
    [HEADER_CONTENT_TYPE]: CONTENT_TYPE_EVENT,
    [HEADER_ID]: event['id'],
    [HEADER_TYPE]: event['type'],
    [HEADER_SOURCE]: event['source'],
    ...(event['sequence'] === undefined ? {} : { [HEADER_SEQUENCE]: event['sequence'] }),
  };
  return [...new Set([...Object.keys(expected), ...Object.keys(headers)])]
    .filter((name) => headers[name] !== expected[name])
    .map((name) => `header ${name} is ${String(headers[name])}, must be ${String(expected[name])}`);
}

/** The last part of a source: the room id, also of what is said about a raw record; of others the viewer's or replica's id. */
function keyOf(source: string): string | undefined {
  return /^\/(?:tiktok\/(?:rooms|viewers)|livetap\/replicas)\/([^/]+)(?:\/raw)?$/.exec(source)?.[1];
}
