import { FEW_EVENTS, withConnections } from './connections/run.mjs';
import { OURS, PEER } from './connections/subjects.mjs';
import { median } from './measure.mjs';

const SUBJECTS = [OURS, PEER];

/**
 * What a burst of frames to connections that were all idle costs in memory, beyond what they cost when they are idle: every
 * connection gets `framesPerRoom` frames as fast as they go, and is idle again when all of their events have come. Bytes of
 * the whole process. `peak`: the most that was resident; `resident` and `heap`: what stays when all are idle again (heap
 * without garbage); `closed`: what stays of the heap when all are closed, beyond what it was with the first tenth open.
 * Every round runs each library in a fresh process, in turning order; the results are medians over the rounds.
 */
export async function benchConnectorBurst({ proto, connections = 2_000, framesPerRoom = 5, rounds = 3 }) {
  const samples = new Map(SUBJECTS.map((subject) => [subject, []]));
  const first = Math.ceil(connections / 10);
  let messages = 0;
  for (let round = 0; round < rounds; round += 1)
    for (let turn = 0; turn < SUBJECTS.length; turn += 1) {
      const subject = SUBJECTS[(round + turn) % SUBJECTS.length];
      const options = { subject, connections, first, heard: FEW_EVENTS, framesPerRoom, proto };
      const sample = await withConnections(options, async (open, { before, after: idle }) => {
        ({ messages } = await open.send(framesPerRoom));
        const again = await open.memory();
        const closed = await open.close();
        return {
          // The process's own mark: its opening may have been higher than the burst.
          peak: again.peak - idle.resident,
          resident: Math.max(0, again.resident - idle.resident),
          heap: Math.max(0, again.heap - idle.heap),
          closed: Math.max(0, closed.heap - before.heap),
          idleHeap: again.heap,
        };
      });
      samples.get(subject).push(sample);
    }
  const rows = [...samples].map(([name, list]) => {
    const kinds = Object.keys(list[0]);
    return { name, bytes: Object.fromEntries(kinds.map((kind) => [kind, median(list.map((sample) => sample[kind]))])) };
  });
  const [ours, peer] = rows;
  const ratio = (kind) => ours.bytes[kind] / peer.bytes[kind];
  return { connections, rounds, messages, rows, ratios: { peak: ratio('peak'), resident: ratio('resident') } };
}
