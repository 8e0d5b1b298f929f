import { type Admin, Kafka, logLevel } from 'kafkajs';
import type { KafkaConfig } from '../config/watcher-config.js';
import { kafkaClientConfig } from './kafka-client.adapter.js';

const TIMEOUT_MS = 2_000;

/** Asks the brokers for a sign of life on a connection of its own: a publisher without events would not notice that they went. */
export class KafkaProbe {
  readonly #kafka: Kafka;
  #admin: Admin | undefined;

  constructor(config: KafkaConfig, clientId: string) {
    this.#kafka = new Kafka({
      ...kafkaClientConfig(config, clientId),
      logLevel: logLevel.NOTHING,
      connectionTimeout: TIMEOUT_MS,
      requestTimeout: TIMEOUT_MS,
      retry: { retries: 0 },
    });
  }

  /** One call at a time; takes some seconds at most. Rejects with the client's error when there is no answer. */
  async check(): Promise<void> {
    const admin = this.#admin ?? this.#kafka.admin();
    try {
      if (this.#admin === undefined) await admin.connect();
      this.#admin = admin;
      await admin.describeCluster();
    } catch (error) {
      this.#admin = undefined;
      // The next check connects anew; a connection that is broken already cannot be closed.
      admin.disconnect().catch(() => undefined);
      throw error;
    }
  }

  async close(): Promise<void> {
    const admin = this.#admin;
    this.#admin = undefined;
    await admin?.disconnect();
  }
}
