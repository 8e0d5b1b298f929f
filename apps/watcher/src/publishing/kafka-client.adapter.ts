import { Kafka, logLevel, type SASLOptions } from 'kafkajs';
import type { KafkaConfig } from '../config/watcher-config.js';
import { PublishError, type PublishErrorCode } from './publish.errors.js';

const CONNECTION_TIMEOUT_MS = 5_000;
/** A request into nowhere fails after this time. */
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * A Kafka client of this service. It logs nothing itself, sits out a change of leaders (some seconds) and then
 * gives up: callers report and retry.
 */
export function createKafka(config: KafkaConfig, clientId: string): Kafka {
  const { sasl } = config;
  return new Kafka({
    clientId,
    brokers: [...config.brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    retry: { retries: 5, initialRetryTime: 200, maxRetryTime: 2_000 },
    ...(config.tls ? { ssl: true } : {}),
    ...(sasl === undefined
      ? {}
      : {
          sasl: { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password.reveal() } as SASLOptions,
        }),
  });
}

const UNREACHABLE = /Connection|Timeout|BrokerNotFound|ENOTFOUND|ECONN/;
const DENIED = /SASL|AUTHORIZATION|AUTHENTICATION/i;

/** What a failure of the Kafka client means for the caller, in words without secrets. */
export function toPublishError(error: unknown): PublishError {
  if (error instanceof PublishError) return error;
  const root = rootOf(error);
  const kind = 'type' in root && typeof root.type === 'string' ? root.type : root.name;
  const [code, sentence]: [PublishErrorCode, string] = DENIED.test(kind)
    ? ['WATCHER_KAFKA_DENIED', 'Kafka refuses this client; check user, password, TLS and rights']
    : UNREACHABLE.test(kind)
      ? [
          'WATCHER_KAFKA_UNREACHABLE',
          'Kafka cannot be reached; check that the brokers run and that KAFKA_BROKERS names them',
        ]
      : ['WATCHER_KAFKA_NOT_ACKNOWLEDGED', 'Kafka did not acknowledge'];
  return new PublishError(code, `${sentence} (${kind}).`, { cause: error, context: { kind } });
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
