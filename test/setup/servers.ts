import { startKafka, type KafkaServer } from '@livetap/testkit';
import type { TestProject } from 'vitest/node';

/** One broker for all suites of a run. Each test uses its own topic prefix. */
declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port[,host:port]`, or undefined where no broker can be had. */
    kafkaBrokers: string | undefined;
  }
}

let kafka: KafkaServer | undefined;
let started = false;

export async function setup(project: TestProject): Promise<void> {
  if (!started) {
    started = true;
    const outcome = await startKafka();
    if ('skipped' in outcome) console.log(`skipped: no broker (${outcome.skipped}); tests that need Kafka are not run`);
    else kafka = outcome;
  }
  project.provide('kafkaBrokers', kafka?.brokers);
}

export async function teardown(): Promise<void> {
  const running = kafka;
  kafka = undefined;
  await running?.stop();
}
