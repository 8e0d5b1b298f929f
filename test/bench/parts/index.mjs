import { connectorBurst } from './connector-burst.mjs';
import { connectorMemory } from './connector-memory.mjs';
import { decode } from './decode.mjs';
import { endToEnd } from './end-to-end.mjs';
import { journal } from './journal.mjs';
import { latency } from './latency.mjs';
import { normalize } from './normalize.mjs';
import { pacedLoad } from './paced-load.mjs';
import { publish } from './publish.mjs';
import { rest } from './rest.mjs';
import { roomMemory } from './room-memory.mjs';
import { start } from './start.mjs';
import { twoProcesses } from './two-processes.mjs';
import { values } from './values.mjs';

/**
 * The parts of the benchmark in their order. Each has a `name` (for `--only`), says what it is `about`, and `run(context)`
 * gives its sections (see report.d.mts).
 */
export const PARTS = [
  ...[values, decode, normalize, journal, publish],
  ...[endToEnd, latency, twoProcesses],
  ...[connectorMemory, connectorBurst, pacedLoad, roomMemory],
  ...[start, rest],
];
