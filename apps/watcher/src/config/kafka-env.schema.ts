import { SINGLE_TOPIC, TOPIC_CATALOGUE } from '@livetap/contracts';
import { flag, integer, list, oneOf, optionalInteger, optionalOneOf, optionalText, perName, text } from './setting.js';
import { GIB, HOST, MINUTE_MS, NOT_EMPTY } from './setting-values.js';
import { TOPIC_COMPRESSIONS, type CleanupPolicy } from './watcher-config.js';

const HOST_WITH_PORT = /^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})$/;

const isHostWithPort = (entry: string): boolean => {
  const port = Number(HOST_WITH_PORT.exec(entry)?.[2] ?? 0);
  return port > 0 && port < 65_536;
};

const TOPIC_NAMES = [...TOPIC_CATALOGUE.map(({ subject }) => subject), SINGLE_TOPIC];
const CLEANUP_POLICIES: Readonly<Record<string, CleanupPolicy>> = {
  delete: 'delete',
  compact: 'compact',
  'compact+delete': 'compact,delete',
};

/** Milliseconds that Kafka takes for a retention: -1 for ever, else at least a minute, so that readers have a chance. */
const parseRetention = (value: string): number | undefined => {
  const retention = /^(-1|\d{1,15})$/.test(value) ? Number(value) : NaN;
  return retention === -1 || retention >= MINUTE_MS ? retention : undefined;
};

/** Settings of the group Kafka: brokers, security, topics, commands. */
export const KAFKA_SETTINGS = {
  KAFKA_BROKERS: list(
    {
      parse: (entry) => (isHostWithPort(entry) ? entry : undefined),
      expects: 'a list of host:port, separated by commas',
    },
    {
      group: 'Kafka',
      default: '',
      example: 'localhost:9092',
      description: 'Brokers to begin with. Unset: no Kafka; events stay in the journal and the live tail.',
    },
  ),
  LIVETAP_KAFKA_TLS: flag({ group: 'Kafka', default: false, description: 'Speak TLS with the brokers.' }),
  LIVETAP_KAFKA_TLS_CA_FILE: optionalText(NOT_EMPTY, {
    group: 'Kafka',
    example: '/etc/livetap/kafka-ca.pem',
    description:
      "File with the authorities (PEM) that may have signed the brokers' certificates. Unset: those that Node trusts.",
  }),
  LIVETAP_KAFKA_TLS_CERT_FILE: optionalText(NOT_EMPTY, {
    group: 'Kafka',
    example: '/etc/livetap/kafka-client.pem',
    description: 'File with the client certificate (PEM), for brokers that ask for one; read once at start.',
  }),
  LIVETAP_KAFKA_TLS_KEY_FILE: optionalText(NOT_EMPTY, {
    group: 'Kafka',
    example: '/etc/livetap/kafka-client.key',
    description: 'File with the key of the client certificate (PEM, without a passphrase).',
  }),
  LIVETAP_KAFKA_TLS_SERVER_NAME: optionalText(HOST, {
    group: 'Kafka',
    example: 'kafka.internal',
    description:
      "Name that the brokers' certificates are for, when it is not the one in their addresses. The certificate is always checked.",
  }),
  LIVETAP_KAFKA_SASL_MECHANISM: optionalOneOf(['plain', 'scram-sha-256', 'scram-sha-512'], {
    group: 'Kafka',
    example: 'scram-sha-512',
    description: 'How to log in to the brokers; needs user name and password. Unset: no log-in.',
  }),
  LIVETAP_KAFKA_SASL_USERNAME: optionalText(NOT_EMPTY, {
    group: 'Kafka',
    example: 'livetap',
    description: 'User name for the brokers.',
  }),
  LIVETAP_KAFKA_SASL_PASSWORD: optionalText(NOT_EMPTY, {
    group: 'Kafka',
    secret: true,
    example: 'password',
    description: 'Password for the brokers.',
  }),
  LIVETAP_KAFKA_SASL_PASSWORD_FILE: optionalText(NOT_EMPTY, {
    group: 'Kafka',
    example: '/run/secrets/kafka-password',
    description: 'File with the password for the brokers, instead of the password itself.',
  }),
  LIVETAP_KAFKA_COMPRESSION: oneOf(['gzip', 'none'], {
    group: 'Kafka',
    default: 'gzip',
    description:
      'How batches are packed before they are sent; events shrink to about a quarter with `gzip`, to a tenth when many go at once.',
  }),
  LIVETAP_TOPIC_PREFIX: text(
    {
      pattern: /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}(?<!\.)$/,
      expects: 'letters, digits, ".", "_" and "-", at most 200',
    },
    { group: 'Kafka', default: 'tiktok.live', description: 'Beginning of every topic name.' },
  ),
  LIVETAP_TOPIC_STRATEGY: oneOf(['subject', 'single'], {
    group: 'Kafka',
    default: 'subject',
    description:
      '`subject`: one topic for each subject; `single`: one topic for all, which keeps the total order of a room.',
  }),
  LIVETAP_TOPIC_PARTITIONS: integer(
    { min: 1, max: 10_000 },
    {
      group: 'Kafka',
      default: 12,
      description:
        'Partitions of a topic that the service creates; an existing topic with another count stops the service, unless `LIVETAP_TOPIC_ACCEPT_PARTITIONS` is on.',
    },
  ),
  LIVETAP_TOPIC_ACCEPT_PARTITIONS: flag({
    group: 'Kafka',
    default: false,
    description:
      'Take existing topics with another number of partitions as they are. After a change of the number, records of one room lie in two partitions: readers see their order only within each.',
  }),
  LIVETAP_TOPIC_REPLICATION_FACTOR: optionalInteger(
    { min: 1, max: 32_767 },
    {
      group: 'Kafka',
      example: '3',
      description: 'Replication factor of a topic that the service creates. Unset: the default of the brokers.',
    },
  ),
  LIVETAP_TOPIC_CREATE: flag({
    group: 'Kafka',
    default: true,
    description:
      'Create topics that are missing. Off: they are only verified, and a missing one is named until somebody creates it. Existing topics are never changed.',
  }),
  LIVETAP_TOPIC_RETENTION_MS: perName(
    {
      names: TOPIC_NAMES,
      parse: parseRetention,
      expects:
        'milliseconds (at least 60000, or -1 for ever), for all or by topic (`chat=86400000`), separated by commas',
    },
    {
      group: 'Kafka',
      example: '604800000,chat=86400000',
      description:
        'How long a topic that the service creates keeps its records, for all topics or by the last part of their names. Must exceed the longest database outage that is to be survived. Unset: 7 days, canary and raw 1 day.',
    },
  ),
  LIVETAP_TOPIC_CLEANUP_POLICY: perName(
    {
      names: TOPIC_NAMES,
      parse: (value) => CLEANUP_POLICIES[value],
      expects:
        '"delete", "compact" or "compact+delete", for all or by topic (`lifecycle=compact`), separated by commas',
    },
    {
      group: 'Kafka',
      example: 'lifecycle=compact+delete',
      description:
        'How a topic that the service creates forgets. `compact` keeps only the newest record of each room and so loses events. Unset: `delete`.',
    },
  ),
  LIVETAP_TOPIC_COMPRESSION: optionalOneOf(TOPIC_COMPRESSIONS, {
    group: 'Kafka',
    example: 'zstd',
    description:
      'How the brokers pack a topic that the service creates (`compression.type`). Unset: the default of the brokers, usually as the producer sent it.',
  }),
  LIVETAP_TOPIC_MIN_INSYNC_REPLICAS: optionalInteger(
    { min: 1, max: 32_767 },
    {
      group: 'Kafka',
      example: '2',
      description:
        'Replicas that must have a record before it counts as written, in a topic that the service creates. Unset: the default of the brokers.',
    },
  ),
  LIVETAP_TOPIC_MAX_MESSAGE_BYTES: optionalInteger(
    { min: 64 * 1024, max: GIB },
    {
      group: 'Kafka',
      example: '1048588',
      description:
        'Largest batch of a topic that the service creates; a larger event is published as `unknown` with its beginning. Unset: the default of the brokers.',
    },
  ),
  LIVETAP_RAW_TOPIC: flag({
    group: 'Kafka',
    default: false,
    description: 'Also publish the bytes of every message to `<prefix>.raw`.',
  }),
  LIVETAP_COMMANDS: flag({
    group: 'Kafka',
    default: false,
    description:
      'Take commands (add, pause, resume, remove streamers) from the topic `<prefix>.commands`; needs `KAFKA_BROKERS`.',
  }),
} as const;
