import kafkajs, { type KafkaConfig as ClientConfig, Kafka, logLevel, type SASLOptions } from 'kafkajs';
import type { KafkaConfig, KafkaTls } from '../config/watcher-config.js';
import { GZIP_CODEC } from './gzip-codec.js';
import { PublishError, type PublishErrorCode } from './publish.errors.js';

const CONNECTION_TIMEOUT_MS = 5_000;
/** A request into nowhere fails after this time. */
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * A Kafka client of this service. It logs nothing itself, sits out a change of leaders (some seconds) and then
 * gives up: callers report and retry.
 */
export function createKafka(config: KafkaConfig, clientId: string): Kafka {
  return new Kafka({ ...kafkaClientConfig(config, clientId), logLevel: logLevel.NOTHING });
}

/** Brokers, security and patience: the same for every client of this service, also for those that a framework makes. */
export function kafkaClientConfig(config: KafkaConfig, clientId: string): ClientConfig {
  const { brokers, tls, sasl } = config;
  // The client's place for codecs is one for the whole process; every client of this process wants this one.
  kafkajs.CompressionCodecs[kafkajs.CompressionTypes.GZIP] = () => GZIP_CODEC;
  return {
    clientId,
    brokers: [...brokers],
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { retries: 5, initialRetryTime: 200, maxRetryTime: 2_000 },
    ...(tls === false ? {} : { ssl: tlsOptions(tls) }),
    ...(sasl === undefined
      ? {}
      : {
          sasl: { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password.reveal() } as SASLOptions,
        }),
  };
}

/** Certificates are always checked. */
function tlsOptions({ ca, client, serverName }: KafkaTls): NonNullable<Exclude<ClientConfig['ssl'], boolean>> {
  return {
    ...(ca === undefined ? {} : { ca: [ca] }),
    ...(client === undefined ? {} : { cert: client.cert, key: client.key.reveal() }),
    ...(serverName === undefined ? {} : { servername: serverName }),
  };
}

/** Node's and OpenSSL's names for certificates that do not hold. */
const UNTRUSTED = /^(CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA)/;
/** The broker ended the handshake: no client certificate, one that it does not take, or no common protocol. */
const HANDSHAKE = /^(ERR_SSL|EPROTO)/;
const DENIED = /SASL|AUTHORIZATION|AUTHENTICATION/i;
const UNREACHABLE = /Connection|Timeout|BrokerNotFound|ENOTFOUND|ECONN/;

const SENTENCES: Readonly<Record<string, string>> = {
  WATCHER_KAFKA_UNTRUSTED:
    "The broker's certificate is not trusted; check LIVETAP_KAFKA_TLS_CA_FILE, the certificate's dates and the name in it",
  WATCHER_KAFKA_DENIED: 'Kafka refuses this client; check user, password, TLS and rights',
  WATCHER_KAFKA_UNREACHABLE: 'Kafka cannot be reached; check that the brokers run and that KAFKA_BROKERS names them',
  WATCHER_KAFKA_NOT_ACKNOWLEDGED: 'Kafka did not acknowledge',
};

/** What a failure of the Kafka client means for the caller, in words without secrets. */
export function toPublishError(error: unknown): PublishError {
  if (error instanceof PublishError) return error;
  const { kind, tls } = kindOf(error);
  const code: PublishErrorCode = UNTRUSTED.test(tls)
    ? 'WATCHER_KAFKA_UNTRUSTED'
    : HANDSHAKE.test(tls) || DENIED.test(kind)
      ? 'WATCHER_KAFKA_DENIED'
      : UNREACHABLE.test(kind)
        ? 'WATCHER_KAFKA_UNREACHABLE'
        : 'WATCHER_KAFKA_NOT_ACKNOWLEDGED';
  const shown = code === 'WATCHER_KAFKA_UNTRUSTED' || HANDSHAKE.test(tls) ? tls : kind;
  return new PublishError(code, `${SENTENCES[code]} (${shown}).`, { cause: error, context: { kind: shown } });
}

/** The Kafka protocol's name of a failure or else the client's, and the code of a broken connection, '' without one. */
function kindOf(error: unknown): { readonly kind: string; readonly tls: string } {
  const root = rootOf(error);
  const kind = 'type' in root && typeof root.type === 'string' ? root.type : root.name;
  const tls = 'code' in root && typeof root.code === 'string' ? root.code : '';
  return { kind, tls };
}

/** The client wraps what happened in what it did about it. */
function rootOf(error: unknown): Error {
  let root = error instanceof Error ? error : new Error(String(error));
  for (let depth = 0; depth < 8; depth += 1) {
    const inner: unknown = root.cause ?? ('errors' in root && Array.isArray(root.errors) ? root.errors[0] : undefined);
    if (!(inner instanceof Error)) break;
    root = inner;
  }
  return root;
}
