import { withConnections } from './connections/run.mjs';
import { BARE, OURS, PEER } from './connections/subjects.mjs';
import { median } from './measure.mjs';

const SUBJECTS = [OURS, PEER, BARE];
/** So many of the connections are open before memory is looked at for the first time. */
const FIRST_SHARE = 0.1;

/**
 * Memory of one idle connection: heap, memory outside of it, and resident size, each as (with all connections − with the
 * first tenth) ÷ (nine tenths of them), so that what a library loads and compiles is not in it. Every round runs each
 * library, and a bare socket, in a fresh process, in turning order; the results are medians over the rounds.
 */
export async function benchConnectorMemory({ proto, connections = 2_000, rounds = 3 }) {
  const first = Math.ceil(connections * FIRST_SHARE);
  const samples = new Map(SUBJECTS.map((subject) => [subject, []]));
  for (let round = 0; round < rounds; round += 1)
    for (let turn = 0; turn < SUBJECTS.length; turn += 1) {
      const subject = SUBJECTS[(round + turn) % SUBJECTS.length];
      const options = { subject, connections, first, heard: ['chat'], framesPerRoom: 1, proto };
      samples.get(subject).push(await withConnections(options, async (_open, memory) => memory));
    }
  const rows = [...samples].map(([name, list]) => {
    const each = (kind) =>
      median(list.map(({ before, after }) => (after[kind] - before[kind]) / (connections - first)));
    return { name, heapBytes: each('heap'), outsideBytes: each('outside'), residentBytes: each('resident') };
  });
  const [ours, peer] = rows;
  const total = ({ heapBytes, outsideBytes }) => heapBytes + outsideBytes;
  return { connections, rounds, rows, ratio: total(peer) / total(ours) };
}
