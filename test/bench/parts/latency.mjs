import { LIVETAP, runPipeline } from '../pipelines/pipeline-run.mjs';
import { figuresOf, middle, peakOf, sizeOf } from './end-to-end.mjs';

const ROUNDS = 3;
const SECONDS = 10;

/** From the receipt of a frame to the acknowledgement of its events, at half of the highest load. */
export const latency = {
  name: 'latency',
  about: 'receipt to acknowledgement at half of the highest load',
  async run(context) {
    const brokers = await context.brokers();
    if (brokers === undefined) return [];
    const size = sizeOf(context, brokers);
    const perSecond = (await peakOf(context, size)) / 2;
    const framesPerRoom = context.quick ? 20 : framesFor(perSecond * SECONDS, size.rooms);
    const runs = [];
    for (let round = 0; round < (context.quick ? 1 : ROUNDS); round += 1)
      runs.push(await runPipeline(LIVETAP, { ...size, framesPerRoom, perSecond }));
    return [
      {
        title: 'latency',
        about: `receipt of a frame to the acknowledgement of its events, at ${Math.round(perSecond)} messages/s over ${size.rooms} sockets; medians of ${runs.length} rounds`,
        rows: [
          {
            name: LIVETAP.name,
            figures: {
              ...figuresOf(runs),
              'ms to the disk, p50': middle(runs, 'durableP50Ms'),
              'ms to the disk, p99': middle(runs, 'durableP99Ms'),
            },
          },
        ],
        ratios: [
          { name: 'receipt to acknowledgement, p50', value: middle(runs, 'latencyP50Ms'), unit: 'ms', atMost: 15 },
          { name: 'receipt to acknowledgement, p99', value: middle(runs, 'latencyP99Ms'), unit: 'ms', atMost: 40 },
          { name: 'delay of the event loop, p99', value: middle(runs, 'loopDelayP99Ms'), unit: 'ms', atMost: 20 },
        ],
      },
    ];
  },
};

/** Frames of each room that make so many messages: 12 a frame, as `realisticFrames` makes them. */
export function framesFor(messages, rooms) {
  return Math.max(20, Math.round(messages / 12 / rooms));
}
