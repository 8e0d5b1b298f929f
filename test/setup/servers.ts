import { startKafka, type KafkaServer } from '@livetap/testkit';
import type { TestProject } from 'vitest/node';

/** One broker for all suites of a run. Each test uses its own topic prefix. */
declare module 'vitest' {
  interface ProvidedContext {
    /** `host:port` of each broker; empty where no broker can be had. */
    kafkaBrokers: readonly string[];
  }
}

let starting: Promise<KafkaServer | undefined> | undefined;

async function start(): Promise<KafkaServer | undefined> {
  const outcome = await startKafka();
  if (!('skipped' in outcome)) return outcome;
  console.log(`skipped: no broker (${outcome.skipped}); tests that need Kafka are not run`);
  return undefined;
}

/** Runs once for each suite that names it; the broker is shared. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  starting ??= start();
  const kafka = await starting;
  project.provide('kafkaBrokers', kafka?.brokers ?? []);
  return async () => {
    starting = undefined;
    await kafka?.dispose();
  };
}
