import { randomUUID } from 'node:crypto';
import { Kafka, logLevel, type KafkaConfig } from 'kafkajs';

const READY_TIMEOUT_MS = 90_000;
const PAUSE_MS = 200;

/** How a test client gets past a secured listener. */
export type TestClientSecurity = Pick<KafkaConfig, 'ssl' | 'sasl'>;

export interface TestClientOptions {
  /** Default 10. */
  readonly retries?: number;
  readonly security?: TestClientSecurity;
}

/** A client for tests: silent, patient with leaders that are not elected yet. */
export function testClient(brokers: readonly string[], options: TestClientOptions = {}): Kafka {
  return new Kafka({
    clientId: 'livetap-test',
    brokers: [...brokers],
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    retry: { retries: options.retries ?? 10, initialRetryTime: 100, maxRetryTime: 2_000 },
    ...options.security,
  });
}

/**
 * Waits until the cluster answers and its group coordinator has loaded (it refuses for some seconds after a start).
 * @throws the last error after 90 s, or at once when `ended` says that the server is gone
 */
export async function waitUntilReady(
  brokers: readonly string[],
  ended: () => string | undefined = () => undefined,
): Promise<void> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const admin = testClient(brokers, { retries: 1 }).admin();
    try {
      await admin.connect();
      await admin.describeCluster();
      await admin.fetchOffsets({ groupId: `livetap-ready-${randomUUID()}` });
      return;
    } catch (error) {
      const reason = ended();
      if (reason !== undefined) throw new Error(`Kafka ended before it was ready: ${reason}`, { cause: error });
      if (performance.now() > deadline)
        throw new Error(`Kafka at ${brokers.join(',')} did not get ready in ${READY_TIMEOUT_MS / 1000} s.`, {
          cause: error,
        });
    } finally {
      await admin.disconnect();
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
