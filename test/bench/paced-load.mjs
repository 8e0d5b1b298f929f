import { ALL_EVENTS, FEW_EVENTS, withConnections } from './connections/run.mjs';
import { OURS, PEER } from './connections/subjects.mjs';
import { median } from './measure.mjs';

export const WAYS = [
  { name: `${OURS}, every event`, subject: OURS, heard: ALL_EVENTS },
  { name: `${OURS}, chat and gifts`, subject: OURS, heard: FEW_EVENTS },
  // It decodes all of them, whatever is listened to.
  { name: `${PEER}, every event`, subject: PEER, heard: ALL_EVENTS },
];
/** About so many messages are in a frame (realistic-frames.mjs). */
const MESSAGES_PER_FRAME = 12;
/** Before anything is measured: code is compiled. */
const WARM_UP_SECONDS = 6;

/**
 * Processor time of a library while frames come at a steady rate over many sockets: from the socket to events that were
 * heard, in a process of its own, its threads included. The same frames at the same pace for all, from a server in another process; a run in
 * which not every event came is an error. Every round runs each way, in turning order; the results are medians over the rounds.
 */
export async function benchPacedLoad({ proto, connections = 50, perSecond = 10_000, seconds = 10, rounds = 3 }) {
  const framesIn = (duration) => Math.ceil((perSecond * duration) / MESSAGES_PER_FRAME / connections);
  const [warmUp, measured] = [framesIn(Math.min(WARM_UP_SECONDS, seconds)), framesIn(seconds)];
  const samples = WAYS.map(() => []);
  for (let round = 0; round < rounds; round += 1)
    for (let turn = 0; turn < WAYS.length; turn += 1) {
      const at = (round + turn) % WAYS.length;
      const { subject, heard } = WAYS[at];
      const options = { subject, connections, heard, framesPerRoom: warmUp + measured, proto, collect: false };
      const sample = await withConnections(options, async (open) => {
        await open.send(warmUp, perSecond);
        return open.send(measured, perSecond);
      });
      samples[at].push(sample);
    }
  const micros = ({ processorMicros, messages }) => processorMicros / messages;
  const rows = WAYS.map(({ name }, at) => ({
    name,
    perSecond: median(samples[at].map(({ messages, seconds: took }) => messages / took)),
    microsPerMessage: median(samples[at].map(micros)),
    kernelMicrosPerMessage: median(samples[at].map(({ kernelMicros, messages }) => kernelMicros / messages)),
    share: median(samples[at].map(({ processorMicros, seconds: took }) => processorMicros / 1e6 / took)),
  }));
  const [all, few, peer] = samples;
  const ratio = (ours) => median(ours.map((sample, round) => micros(sample) / micros(peer[round])));
  return { connections, rounds, messages: all[0].messages, rows, ratios: { all: ratio(all), few: ratio(few) } };
}
