import { median } from '../measure.mjs';
import { LIVETAP, runPipeline } from '../pipelines/pipeline-run.mjs';
import { figuresOf, peakOf, sizeOf } from './end-to-end.mjs';
import { framesFor } from './latency.mjs';

const ROUNDS = 3;
const SECONDS = 10;
/** Times the frames of other parts: each process compiles for itself, and of a run of three seconds that is a sixth. */
const LONGER = 4;

/** The same rooms in one process and shared by two. */
export const twoProcesses = {
  name: 'two-processes',
  about: 'processor time of a message in one process and in two that share the rooms',
  async run(context) {
    const brokers = await context.brokers();
    if (brokers === undefined) return [];
    const size = sizeOf(context, brokers);
    const half = (await peakOf(context, size)) / 2;
    const loads = [
      {
        load: 'as fast as frames are read',
        ...size,
        framesPerRoom: context.quick ? size.framesPerRoom : LONGER * size.framesPerRoom,
      },
      {
        load: 'half of the highest load',
        ...size,
        perSecond: half,
        framesPerRoom: context.quick ? size.framesPerRoom : framesFor(half * SECONDS, size.rooms),
      },
    ];
    const sections = [];
    for (const { load, ...options } of loads) {
      const [one, two] = [[], []];
      for (let round = 0; round < (context.quick ? 1 : ROUNDS); round += 1) {
        one.push(await runPipeline(LIVETAP, options));
        two.push(await runPipeline(LIVETAP, { ...options, processes: 2 }));
      }
      sections.push({
        title: `two processes, ${load}`,
        about: `${one[0].messages} messages over ${size.rooms} sockets; medians of ${one.length} rounds`,
        rows: [
          { name: 'one process', figures: figuresOf(one) },
          { name: 'two processes', figures: figuresOf(two) },
        ],
        ratios: [
          {
            name: 'processor time of a message, two : one',
            value: median(two.map((run, round) => run.processorMicros / one[round].processorMicros)),
            atMost: 1.15,
          },
        ],
      });
    }
    return sections;
  },
};
