import { dockerKafka } from './docker-kafka.js';
import { javaKafka } from './java-kafka.js';
import { waitUntilReady } from './kafka-ready.js';

export interface KafkaOptions {
  /** Where data and logs go; a temporary directory, removed by `dispose`, when not given. */
  readonly directory?: string;
  /** Port of a TcpProxy in front of the server: clients that come through it stay behind it (`proxyTarget`). */
  readonly proxyPort?: number;
  /** For a server under load for minutes: Java compiles its code as it does in production. Default: quick to start. */
  readonly optimised?: boolean;
  /** Default: the environment of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface KafkaServer {
  /** `host:port` for clients. */
  readonly brokers: readonly string[];
  /** Where the server came from. A given one cannot be stopped. */
  readonly origin: 'given' | 'java' | 'docker';
  /** Where a proxy has to connect to; only with `proxyPort`, and only with a server of our own. */
  readonly proxyTarget?: { readonly host: string; readonly port: number };
  /** Ends the server in order; its data stays. */
  stop(): Promise<void>;
  /** Ends the server at once (SIGKILL); its data stays. */
  kill(): Promise<void>;
  /** Starts it again on the same ports and data, and waits until it is ready. */
  restart(): Promise<void>;
  /** Ends the server and removes what it left. */
  dispose(): Promise<void>;
}

/** Why there is no Kafka here, in one sentence. */
export interface KafkaSkipped {
  readonly skipped: string;
}

/** Something that can be started as a Kafka server, or why it cannot. */
export type KafkaAttempt = { readonly server: KafkaServer } | { readonly unavailable: string };

/**
 * A real Kafka for tests: `KAFKA_BROKERS` if it is set, else Apache Kafka by Java and Maven, else by Docker. Resolves when
 * clients can produce and consume in groups. Without any of them, says why in one sentence.
 * @throws when a server that was found does not get ready
 */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaServer | KafkaSkipped> {
  const environment = options.environment ?? process.env;
  const given = environment['KAFKA_BROKERS'];
  if (given !== undefined && given !== '') return givenKafka(given);
  const reasons: string[] = [];
  for (const attempt of [javaKafka, dockerKafka]) {
    const result = await attempt(options);
    if ('server' in result) return result.server;
    reasons.push(result.unavailable);
  }
  return { skipped: `KAFKA_BROKERS is not set, ${reasons.join(', ')}` };
}

async function givenKafka(list: string): Promise<KafkaServer> {
  const brokers = list.split(',').map((broker) => broker.trim());
  await waitUntilReady(brokers);
  const refuse = (): Promise<never> => Promise.reject(new Error('The Kafka of KAFKA_BROKERS is not ours to stop.'));
  return { brokers, origin: 'given', stop: refuse, kill: refuse, restart: refuse, dispose: () => Promise.resolve() };
}
