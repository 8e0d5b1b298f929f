import type { Secret } from '../common/secret.js';
import type { ApiKey } from './api-key.js';

/** The settings of a running service, read once at start. */
export interface WatcherConfig {
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly loopback: boolean;
    /** Lower case, with or without port. */
    readonly allowedHosts: readonly string[];
    readonly apiKeys: readonly ApiKey[];
  };
  readonly storage: {
    /** Absolute path. */
    readonly dataDir: string;
    /** undefined: embedded. */
    readonly databaseUrl: Secret | undefined;
    readonly journalMaxBytes: number;
    readonly journalMaxAgeMs: number;
  };
  /** undefined: journal only. */
  readonly kafka: KafkaConfig | undefined;
  readonly topics: {
    readonly prefix: string;
    readonly strategy: 'subject' | 'single';
    readonly partitions: number;
    /** Takes topics with another number of partitions as they are. */
    readonly acceptPartitions: boolean;
    /** undefined: the default of the brokers. */
    readonly replicationFactor: number | undefined;
    readonly raw: boolean;
  };
  readonly commands: boolean;
  readonly tiktok: {
    readonly socketSources: readonly ('direct' | 'euler')[];
    readonly signApiUrl: string | undefined;
    readonly signApiKey: Secret | undefined;
    readonly webUrl: string | undefined;
    readonly webcastUrl: string | undefined;
    readonly socketUrl: string | undefined;
    readonly requestsPerSecond: number;
    readonly checkIntervalMs: number;
    readonly checkIntervalMaxMs: number;
  };
  readonly rooms: {
    readonly leaseGraceMs: number;
    readonly snapshotIntervalMs: number;
  };
  readonly shutdownTimeoutMs: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

export interface KafkaConfig {
  readonly brokers: readonly string[];
  readonly tls: boolean;
  readonly sasl:
    | {
        readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
        readonly username: string;
        readonly password: Secret;
      }
    | undefined;
}

export const WATCHER_CONFIG = Symbol('WatcherConfig');
