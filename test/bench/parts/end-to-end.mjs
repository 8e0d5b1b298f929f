import { median } from '../measure.mjs';
import { LIVETAP, PEERS, runPipeline } from '../pipelines/pipeline-run.mjs';

const ROUNDS = 5;

/** Socket to Kafka: as much as each pipeline can, in processes of their own, on the same Kafka, with the same frames. */
export const endToEnd = {
  name: 'end-to-end',
  about: 'socket to journal (fsynced) to Kafka (acks=all), against pipelines made with the peers and kafkajs',
  async run(context) {
    const brokers = await context.brokers();
    if (brokers === undefined) return [];
    const size = sizeOf(context, brokers);
    const rounds = context.quick ? 1 : ROUNDS;
    const pipelines = [LIVETAP, ...PEERS];
    const samples = new Map(pipelines.map((pipeline) => [pipeline, []]));
    // Once unmeasured: topics are made, and the broker's code is compiled.
    for (const pipeline of context.quick ? [] : pipelines) await runPipeline(pipeline, size);
    for (let round = 0; round < rounds; round += 1)
      for (let turn = 0; turn < pipelines.length; turn += 1) {
        const pipeline = pipelines[(round + turn) % pipelines.length];
        samples.get(pipeline).push(await runPipeline(pipeline, size));
      }
    const ours = samples.get(LIVETAP);
    const peak = middle(ours, 'perSecond');
    await context.peak(() => peak);
    return [
      {
        title: 'end to end',
        about: `socket to Kafka, ${ours[0].messages} messages over ${size.rooms} sockets as fast as they are read; medians of ${rounds} rounds`,
        rows: pipelines.map((pipeline) => ({ name: pipeline.name, figures: figuresOf(samples.get(pipeline)) })),
        ratios: PEERS.flatMap((peer, index) => [
          {
            name: `rate, livetap : ${peer.name}`,
            value: ratio(ours, samples.get(peer), 'perSecond'),
            ...(index === 0 ? { atLeast: 5 } : {}),
          },
          {
            name: `processor time of a message, ${peer.name} : livetap`,
            value: ratio(samples.get(peer), ours, 'processorMicros'),
          },
        ]),
        notes: ['The peers keep nothing: without a journal, what is in memory is lost with the process.'],
      },
    ];
  },
};

export function sizeOf(context, brokers) {
  return { brokers, rooms: context.quick ? 10 : 50, framesPerRoom: context.quick ? 20 : 200 };
}

/** What this service publishes at most, measured once for all parts that need it. */
export function peakOf(context, size) {
  return context.peak(async () => {
    const runs = [];
    for (let round = 0; round < (context.quick ? 1 : 4); round += 1) runs.push(await runPipeline(LIVETAP, size));
    return middle(context.quick ? runs : runs.slice(1), 'perSecond');
  });
}

export function middle(runs, member) {
  return median(runs.map((run) => run[member]));
}

function ratio(above, below, member) {
  return median(above.map((run, round) => run[member] / below[round][member]));
}

export function figuresOf(runs) {
  return {
    'messages/s': middle(runs, 'perSecond'),
    'µs CPU/message': middle(runs, 'processorMicros'),
    'MiB resident': middle(runs, 'residentBytes') / 1024 / 1024,
  };
}
