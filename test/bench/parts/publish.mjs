import { randomUUID } from 'node:crypto';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { sampleRecords } from '../sample-records.mjs';
import { median } from '../measure.mjs';
import { middle } from './journal.mjs';

const ROUNDS = 7;
const SIZES = [200, 2_000];
const PARTITIONS = 12;

/** Finished events to a real Kafka (acks=all, gzip), one request at a time: this publisher and the producer of kafkajs. */
export const publish = {
  name: 'publish',
  about: 'events of 1.2 KB to Kafka (acks=all, gzip), against the producer of kafkajs',
  async run(context) {
    const brokers = await context.brokers();
    if (brokers === undefined) return [];
    const prefix = `bench.${randomUUID().slice(0, 8)}`;
    const ours = await livetapPublisher(context, brokers, prefix);
    const theirs = await kafkajsProducer(context, brokers, `${prefix}.chat`);
    const count = context.quick ? 2_000 : 20_000;
    const events = sampleRecords(count).map((event, index) => ({ ...event, offset: index + 1 }));
    const subjects = SIZES.flatMap((size) => [
      { name: `livetap, ${size} events a request`, size, work: (some) => ours.publish(some) },
      { name: `kafkajs, ${size} events a request`, size, work: (some) => theirs.send(some) },
    ]);
    const samples = new Map(subjects.map((subject) => [subject, []]));
    try {
      // The first round is not counted: code is compiled here and in the broker.
      for (let round = 0; round <= (context.quick ? 1 : ROUNDS); round += 1)
        for (let turn = 0; turn < subjects.length; turn += 1) {
          const subject = subjects[(round + turn) % subjects.length];
          const run = await timed(subject, events);
          if (round > 0) samples.get(subject).push(run);
        }
    } finally {
      await ours.stop();
      await theirs.stop();
    }
    const times = (index) => samples.get(subjects[index]).map(({ micros }) => micros);
    return [
      {
        title: 'publish',
        about: `${count} events of 1.2 KB over 50 rooms and ${PARTITIONS} partitions; medians of ${times(0).length} rounds`,
        rows: subjects.map((subject) => ({ name: subject.name, figures: middle(samples.get(subject)) })),
        ratios: SIZES.map((size, index) => ({
          name: `processor time of an event, ${size} a request, kafkajs : livetap`,
          value: median(times(2 * index + 1).map((time, round) => time / times(2 * index)[round])),
        })),
      },
    ];
  },
};

async function timed({ size, work }, events) {
  const started = performance.now();
  const processor = process.cpuUsage();
  for (let at = 0; at < events.length; at += size) await work(events.slice(at, at + size));
  const { user, system } = process.cpuUsage(processor);
  return {
    perSecond: (events.length / (performance.now() - started)) * 1_000,
    micros: (user + system) / events.length,
  };
}

async function livetapPublisher(context, brokers, prefix) {
  const { KafkaEventPublisher } = await context.built('apps/watcher/dist/publishing/kafka-event-publisher.adapter.js');
  const { ThreadBatchPacker } = await context.built('apps/watcher/dist/publishing/thread-batch-packer.adapter.js');
  const publisher = new KafkaEventPublisher({
    kafka: { brokers, tls: false, compression: 'gzip' },
    clientId: 'bench-livetap',
    packer: new ThreadBatchPacker(),
    topics: { prefix, strategy: 'subject', partitions: PARTITIONS, replicationFactor: 1, raw: false, overrides: {} },
  });
  await publisher.start();
  return publisher;
}

/** As good as it gets with kafkajs: one request for many events, packed by zlib on the calling thread. */
async function kafkajsProducer(context, brokers, topic) {
  const { eventHeaders } = await context.built('apps/watcher/dist/publishing/cloud-events-codec.js');
  const { partitionOf } = await context.built('apps/watcher/dist/publishing/murmur2.js');
  const kafka = new Kafka({ brokers, clientId: 'bench-kafkajs', logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  return {
    send: (events) =>
      producer.send({
        topic,
        acks: -1,
        compression: CompressionTypes.GZIP,
        messages: events.map((event) => ({
          ...{ key: event.key, value: event.value, headers: eventHeaders(event) },
          partition: partitionOf(event.key, PARTITIONS),
          timestamp: String(event.recordedAt),
        })),
      }),
    stop: () => producer.disconnect(),
  };
}
