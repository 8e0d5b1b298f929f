/** The parts of kafkajs 2.2.4 (its last version, pinned) below its producer: connections, logins, metadata, error names. */
declare module 'kafkajs/src/cluster/index.js' {
  import type { ISocketFactory, KafkaConfig, Logger } from 'kafkajs';

  /** A request of Kafka's protocol; `encode` gives the body, which stands in `buffer`. */
  export interface ProtocolRequest<Answer> {
    readonly request: {
      readonly apiKey: number;
      readonly apiVersion: number;
      readonly apiName: string;
      encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
    };
    readonly response: {
      decode(bytes: Buffer): Promise<Answer>;
      parse(answer: Answer): Promise<Answer>;
    };
  }

  export interface ClusterBroker {
    readonly nodeId: number;
    readonly versions: Readonly<Record<number, { readonly minVersion: number; readonly maxVersion: number }>> | null;
    readonly connectionPool: { send<Answer>(protocol: ProtocolRequest<Answer>): Promise<Answer> };
    disconnect(): Promise<void>;
    initProducerId(options: {
      readonly transactionTimeout: number;
    }): Promise<{ readonly producerId: unknown; readonly producerEpoch: number }>;
  }

  export interface ClusterOptions {
    readonly logger: Logger;
    readonly socketFactory: ISocketFactory;
    readonly brokers: KafkaConfig['brokers'];
    readonly ssl?: KafkaConfig['ssl'];
    readonly sasl?: KafkaConfig['sasl'];
    readonly clientId?: string | undefined;
    readonly connectionTimeout?: number | undefined;
    readonly requestTimeout?: number | undefined;
    readonly enforceRequestTimeout: boolean;
    readonly metadataMaxAge: number;
    readonly retry?: KafkaConfig['retry'];
    readonly allowAutoTopicCreation: boolean;
    readonly maxInFlightRequests: number;
  }

  export default class Cluster {
    constructor(options: ClusterOptions);
    connect(): Promise<void>;
    disconnect(): Promise<void>;
    isConnected(): boolean;
    addMultipleTargetTopics(topics: readonly string[]): Promise<void>;
    refreshMetadata(): Promise<void>;
    refreshMetadataIfNecessary(): Promise<void>;
    findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
    findBroker(options: { readonly nodeId: number }): Promise<ClusterBroker>;
    findControllerBroker(): Promise<ClusterBroker>;
    removeBroker(address: { readonly host: string; readonly port: number }): void;
  }
}

declare module 'kafkajs/src/network/socketFactory.js' {
  import type { ISocketFactory } from 'kafkajs';
  export default function socketFactory(): ISocketFactory;
}

declare module 'kafkajs/src/protocol/error.js' {
  import type { KafkaJSProtocolError } from 'kafkajs';
  const protocolError: { createErrorFromCode(code: number): KafkaJSProtocolError };
  export default protocolError;
}

/** Its reading side, for tests of what we write. */
declare module 'kafkajs/src/protocol/decoder.js' {
  export default class Decoder {
    constructor(bytes: Buffer);
  }
}

declare module 'kafkajs/src/protocol/recordBatch/v0/decoder.js' {
  import type Decoder from 'kafkajs/src/protocol/decoder.js';
  export default function decodeRecordBatch(decoder: Decoder): Promise<{
    readonly producerId: string;
    readonly producerEpoch: number;
    readonly firstSequence: number;
    readonly lastOffsetDelta: number;
    readonly maxTimestamp: string;
    readonly records: readonly {
      readonly key: Buffer;
      readonly value: Buffer;
      readonly headers: Readonly<Record<string, Buffer>>;
      readonly timestamp: string;
      readonly offset: string;
    }[];
  }>;
}
