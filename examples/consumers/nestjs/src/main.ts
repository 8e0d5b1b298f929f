import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport, type MicroserviceOptions } from '@nestjs/microservices';
import { Kafka, logLevel, type Consumer, type KafkaConfig, type Producer } from 'kafkajs';
import { filter, firstValueFrom } from 'rxjs';
import { GIFT_TOPIC, GiftTotalsController } from './gift-totals.controller.js';

const PRINT_INTERVAL_MS = 10_000;
/** Settings that cannot be used (EX_CONFIG of sysexits). */
const EXIT_CONFIG = 78;

@Module({ controllers: [GiftTotalsController] })
class GiftTotalsModule {}

/** For each partition that has something new for the group: the offset behind its last record as of now. */
async function endOffsets(client: KafkaConfig, groupId: string): Promise<Map<number, number>> {
  const admin = new Kafka(client).admin();
  await admin.connect();
  try {
    const ends = await admin.fetchTopicOffsets(GIFT_TOPIC);
    const [group] = await admin.fetchOffsets({ groupId, topics: [GIFT_TOPIC] });
    const committed = new Map(group?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    return new Map(
      ends
        .filter(({ partition, low, high }) => Number(high) > Math.max(Number(low), committed.get(partition) ?? 0))
        .map(({ partition, high }) => [partition, Number(high)]),
    );
  } finally {
    await admin.disconnect();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { 'until-end': { type: 'boolean', default: false } } });
  const brokers = process.env['KAFKA_BROKERS'];
  if (!brokers) {
    console.error('KAFKA_BROKERS is not set: host:port of one or more brokers, separated by commas.');
    process.exitCode = EXIT_CONFIG;
    return;
  }
  const groupId = process.env['GROUP_ID'] || 'gift-totals';
  const client: KafkaConfig = {
    clientId: 'livetap-gift-totals',
    brokers: brokers.split(',').map((broker) => broker.trim()),
    logLevel: logLevel.ERROR,
  };

  const app = await NestFactory.createMicroservice<MicroserviceOptions>(GiftTotalsModule, {
    transport: Transport.KAFKA,
    // The postfix would make another group than the one that was asked for.
    options: { client, consumer: { groupId }, subscribe: { fromBeginning: true }, postfixId: '' },
    // Errors go to stderr; the totals have stdout to themselves.
    logger: ['error', 'fatal'],
  });
  const gifts = app.get(GiftTotalsController);

  const listen = async (): Promise<void> => {
    await app.listen();
    const [, consumer] = app.unwrap<[Kafka, Consumer, Producer]>();
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      if (restart) return;
      // Without this the process would live on and read nothing.
      console.error(`${GIFT_TOPIC}: ${error.message}`);
      process.exit(1);
    });
  };

  if (!values['until-end']) {
    // SIGTERM and Ctrl-C: what is being handled is finished and committed, and the group is left.
    app.enableShutdownHooks();
    await listen();
    setInterval(() => gifts.print(), PRINT_INTERVAL_MS);
    return;
  }

  const open = await endOffsets(client, groupId);
  if (open.size > 0) {
    const reached = firstValueFrom(
      gifts.done$.pipe(
        filter(({ partition, offset }) => {
          if (offset + 1 >= (open.get(partition) ?? Infinity)) open.delete(partition);
          return open.size === 0;
        }),
      ),
    );
    await listen();
    await reached;
  }
  // Commits, leaves the group and prints.
  await app.close();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
