import { fileURLToPath } from 'node:url';
import { SERVICE_FLAGS } from '../../../scripts/lib/service-flags.mjs';
import { Child } from '../child-program.mjs';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** How a pipeline is named, the program that it is, where its topics begin, and flags of Node that belong to it. */
export const LIVETAP = { name: 'livetap', child: 'livetap-child.mjs', topics: 'livetap', flags: SERVICE_FLAGS };
export const PEERS = ['2.4.0', '2.1.0'].map((version) => ({
  name: `tiktok-live-connector ${version}, kafkajs`,
  child: 'peer-child.mjs',
  topics: `peer-${version}`,
  peer: version === '2.4.0' ? 'tiktok-live-connector' : `tiktok-live-connector-${version}`,
}));

/** Frames of each room before anything is measured: code is compiled, connections are made. */
export const WARM_UP_FRAMES = 60;

/**
 * Runs one pipeline once: a server of frames and `processes` processes with a share of the rooms each, all new. First the
 * warm-up, then `framesPerRoom` frames of each room: as fast as they are read, or so many messages a second (`perSecond`).
 * Resolves with what the processes measured together.
 */
export async function runPipeline(pipeline, options) {
  const { brokers, rooms = 50, framesPerRoom = 200, processes = 1, perSecond } = options;
  const server = new Child(path('frame-server.mjs'), [String(WARM_UP_FRAMES + framesPerRoom)]);
  const children = [];
  try {
    const { port } = await server.says('port');
    const share = Math.ceil(rooms / processes);
    for (let firstRoom = 0; firstRoom < rooms; firstRoom += share) {
      const settings = {
        ...{ port, brokers, firstRoom, rooms: Math.min(share, rooms - firstRoom), peer: pipeline.peer },
        // The same topics for every run: making some hundred partitions takes a broker longer than a short run.
        prefix: `bench.${pipeline.topics}`,
      };
      // The peer takes the address of the sign server from there only.
      const env = { ...process.env, SIGN_API_URL: `http://127.0.0.1:${port}` };
      children.push(new Child(path(pipeline.child), [JSON.stringify(settings)], { execArgv: pipeline.flags, env }));
    }
    await Promise.all(children.map((child) => child.says('ready')));
    const send = async (order) => {
      const sending = server.says('sending');
      server.tell(order);
      const { sending: messages } = await sending;
      const done = children.map((child) => child.says('done'));
      for (const child of children) child.tell({ expect: messages / children.length });
      return Promise.all(done);
    };
    await send({ framesPerRoom: WARM_UP_FRAMES });
    return together(await send({ framesPerRoom, perSecond }));
  } finally {
    await Promise.all([server, ...children].map((child) => child.end()));
  }
}

function together(answers) {
  const done = answers.map((answer) => answer.done);
  const sum = (pick) => done.reduce((total, one) => total + pick(one), 0);
  const most = (pick) => Math.max(...done.map(pick));
  const messages = sum((one) => one.messages);
  const seconds = most((one) => one.seconds);
  return {
    messages,
    seconds,
    perSecond: messages / seconds,
    processorMicros: sum((one) => one.processorMicros) / messages,
    latencyP50Ms: most((one) => one.latencyMs.p50),
    latencyP99Ms: most((one) => one.latencyMs.p99),
    durableP50Ms: most((one) => one.durableMs.p50),
    durableP99Ms: most((one) => one.durableMs.p99),
    loopDelayP99Ms: most((one) => one.loopDelayP99Ms),
    residentBytes: sum((one) => one.residentBytes),
  };
}
