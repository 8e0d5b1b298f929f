import type { EventName } from '@livetap/contracts';
import type { SecretKey } from '../common/secret-box/secret-key.js';
import type { Secret } from '../common/secret.js';
import type { SocketSource } from '../rooms/sources/socket-source.js';
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
    /** Of one key, unless it has a figure of its own; 0: no limit. */
    readonly requestsPerMinute: number;
  };
  readonly storage: {
    /** Absolute path. */
    readonly dataDir: string;
    /** undefined: embedded. */
    readonly databaseUrl: Secret | undefined;
    /** The first one seals. Empty: nothing can be sealed. */
    readonly secretKeys: readonly SecretKey[];
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
    /** Whether missing topics are made; else they are only verified. */
    readonly create: boolean;
    readonly overrides: TopicOverrides;
  };
  readonly commands: boolean;
  readonly tiktok: {
    readonly socketSources: readonly SocketSource[];
    /** Address of the way `fixed`. */
    readonly fixedSocketUrl: Secret | undefined;
    readonly signApiUrl: string | undefined;
    readonly signApiKey: Secret | undefined;
    /** The one sign server that may be given logins. */
    readonly sessionSignHost: string | undefined;
    readonly webUrl: string | undefined;
    readonly webcastUrl: string | undefined;
    readonly socketUrl: string | undefined;
    /** Of the sign server, for a TikTok account; with it streamers are checked in bulk. */
    readonly signOAuthToken: Secret | undefined;
    readonly bulkChecksPerMinute: number;
    readonly requestsPerSecond: number;
    readonly checkIntervalMs: number;
    readonly checkIntervalMaxMs: number;
  };
  readonly rooms: {
    readonly leaseGraceMs: number;
    /** A socket without a frame for so long gets a second one beside it. */
    readonly silenceMs: number;
    readonly snapshotIntervalMs: number;
  };
  /** How long rows of history are kept, ms. */
  readonly retention: {
    readonly snapshotMs: number;
    readonly meansMs: number;
    readonly gifterMs: number;
    readonly viewerMs: number;
    readonly archiveMs: number;
  };
  /** Names of the events that Postgres keeps as a whole. */
  readonly archivedEvents: readonly EventName[];
  readonly webhooks: {
    /** Whether internal addresses and http may be called. */
    readonly allowPrivate: boolean;
    /** For one call. */
    readonly timeoutMs: number;
    /** Deliveries in hand at once. */
    readonly concurrency: number;
    /** How long finished deliveries are kept. */
    readonly retentionMs: number;
  };
  /** How long it is kept who changed what, ms. */
  readonly auditRetentionMs: number;
  readonly shutdownTimeoutMs: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

export interface KafkaConfig {
  readonly brokers: readonly string[];
  /** false: in clear. */
  readonly tls: false | KafkaTls;
  readonly sasl:
    | {
        readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
        readonly username: string;
        readonly password: Secret;
      }
    | undefined;
  /** How the producer packs its batches; default gzip. */
  readonly compression?: 'gzip' | 'none';
}

/** Certificates and keys are PEM texts. */
export interface KafkaTls {
  /** Who may have signed the brokers' certificates; absent: those that Node trusts. */
  readonly ca?: string;
  /** How this client proves who it is; absent: by SASL or not at all. */
  readonly client?: { readonly cert: string; readonly key: Secret };
  /** Name that the brokers' certificates must be for; absent: that of each broker's address. */
  readonly serverName?: string;
}

/** Last part of a topic's name, or `*` for all that are not named themselves. */
export type PerTopic<T> = ReadonlyMap<string, T>;

export type CleanupPolicy = 'delete' | 'compact' | 'compact,delete';
export const TOPIC_COMPRESSIONS = ['producer', 'uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const;

/** What differs from the catalogue of topics. Absent: the catalogue's figure, or else the brokers' default. */
export interface TopicOverrides {
  /** Milliseconds; -1 for ever. */
  readonly retentionMs?: PerTopic<number> | undefined;
  readonly cleanupPolicy?: PerTopic<CleanupPolicy> | undefined;
  readonly compression?: (typeof TOPIC_COMPRESSIONS)[number] | undefined;
  readonly minInsyncReplicas?: number | undefined;
  readonly maxMessageBytes?: number | undefined;
}

export const WATCHER_CONFIG = Symbol('WatcherConfig');
