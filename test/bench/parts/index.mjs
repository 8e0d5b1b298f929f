import { connectorMemory } from './connector-memory.mjs';
import { decode } from './decode.mjs';
import { values } from './values.mjs';

/**
 * The parts of the benchmark in their order. Each has a `name` (for `--only`), says what it is `about`, and `run(context)`
 * gives its sections (see report.d.mts).
 */
export const PARTS = [values, decode, connectorMemory];
