import type { INestApplication, INestMicroservice } from '@nestjs/common';
import { ServerKafka, Transport, type KafkaOptions } from '@nestjs/microservices';
import kafkajs from 'kafkajs';
import type { Clock, Random, TimerHandle } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import type { KafkaConfig } from '../config/watcher-config.js';
import { kafkaClientConfig } from '../publishing/kafka-client.adapter.js';
import { BackOff } from '../common/back-off.js';

export interface CommandTopics {
  readonly commands: string;
  /** Where Nest's own clients read replies; other senders may name any topic. */
  readonly replies: string;
}

/** `<prefix>.commands`, and the name that Nest's clients derive from it. */
export function commandTopics(prefix: string): CommandTopics {
  return { commands: `${prefix}.commands`, replies: `${prefix}.commands.reply` };
}

export interface CommandTransportOptions {
  readonly app: INestApplication;
  readonly kafka: KafkaConfig;
  readonly clientId: string;
  readonly topics: CommandTopics;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Creates the topics when they are missing. */
  readonly ensureTopics: () => Promise<void>;
}

const RETRY_BASE_MS = 500;
const RETRY_CAP_MS = 15_000;
/** kafkajs repeats a command that failed in a retryable way this often before the consumer starts anew. */
const DELIVERY_RETRIES = 8;

/**
 * The microservice side of the hybrid application: Nest's Kafka transport on the command topic, one consumer group of all
 * replicas, from the first command on. Connects in the background and again whenever it is thrown out for good, so
 * that a broker that is away at start holds nothing up.
 */
export class CommandTransport {
  readonly #options: CommandTransportOptions;
  readonly #backOff: BackOff;
  readonly #microservice: INestMicroservice;
  #timer: TimerHandle | undefined;
  #connecting: Promise<void> = Promise.resolve();
  #stopped = false;
  #problem: string | undefined = 'not connected yet';

  /** Before `app.init()`, so that the handlers are found. */
  constructor(options: CommandTransportOptions) {
    this.#options = options;
    this.#backOff = new BackOff({ random: options.random, baseMs: RETRY_BASE_MS, capMs: RETRY_CAP_MS });
    this.#microservice = options.app.connectMicroservice<KafkaOptions>(microserviceOptions(options));
  }

  /** Why commands are not taken at the moment; undefined when they are. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Begins to connect; returns at once. */
  start(): void {
    this.#connecting = this.#connect();
  }

  /** Takes no further command; the one under way is finished. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#connecting;
    await this.#server().close();
  }

  async #connect(): Promise<void> {
    const { logger, topics } = this.#options;
    try {
      await this.#options.ensureTopics();
      await this.#microservice.listen();
      this.#watch();
      this.#backOff.reset();
      this.#problem = undefined;
      logger.info('commands.listening', { topic: topics.commands });
    } catch (error) {
      if (this.#problem !== AWAY) {
        const hint = 'Trying again. Commands are kept in the topic; REST works meanwhile.';
        logger.warn('commands.unreachable', { topic: topics.commands, hint, error });
      } else {
        logger.debug('commands.unreachable', { error });
      }
      this.#again(AWAY);
    }
  }

  /** kafkajs starts again by itself after most failures; when it says that it will not, this does. */
  #watch(): void {
    const [, consumer] = this.#server().unwrap<[unknown, Consumer]>();
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      if (payload.restart || this.#stopped) return;
      this.#options.logger.warn('commands.interrupted', { error: payload.error });
      this.#again('interrupted');
    });
  }

  #again(problem: string): void {
    this.#problem = problem;
    if (this.#stopped) return;
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#connecting = this.#reconnect();
    }, this.#backOff.next());
  }

  async #reconnect(): Promise<void> {
    // What is left of the last attempt; a connection that is broken cannot be closed properly.
    await this.#server()
      .close()
      .catch(() => undefined);
    if (!this.#stopped) await this.#connect();
  }

  #server(): ServerKafka {
    return (this.#microservice as unknown as { getTransportServer(): ServerKafka }).getTransportServer();
  }
}

const AWAY = 'Kafka cannot be reached';

interface Consumer {
  readonly events: { readonly CRASH: string };
  on(event: string, listener: (event: { payload: { restart: boolean; error: Error } }) => void): void;
}

function microserviceOptions({ kafka, clientId, topics }: CommandTransportOptions): KafkaOptions {
  return {
    transport: Transport.KAFKA,
    options: {
      // The names are used as they are, not with Nest's usual "-server" behind them.
      postfixId: '',
      client: {
        ...kafkaClientConfig(kafka, clientId),
        retry: { retries: 3, initialRetryTime: 300, maxRetryTime: 3_000 },
      },
      consumer: { groupId: topics.commands, allowAutoTopicCreation: false, retry: { retries: DELIVERY_RETRIES } },
      subscribe: { fromBeginning: true },
      producer: { allowAutoTopicCreation: false, createPartitioner: kafkajs.Partitioners.DefaultPartitioner },
    },
  };
}
