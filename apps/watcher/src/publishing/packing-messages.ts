import type { BatchCompression, PlainBatch, ProducerNumbers } from './batch-packer.port.js';

/** To the thread that packs: one job. */
export interface PackRequest {
  /** The first `bytes` of it are the records; kept by both sides and used again. */
  readonly input: SharedArrayBuffer;
  readonly bytes: number;
  /** Six numbers for each batch, see `tableOf`. */
  readonly table: Float64Array;
  readonly producer: ProducerNumbers;
  readonly compression: BatchCompression;
}

/** From it: the job is done. */
export interface PackAnswer {
  /** Holds the batches, one after the other; kept by both sides and used again. */
  readonly output: SharedArrayBuffer;
  readonly ends: readonly number[];
}

const COLUMNS = 6;
/** Shared memory grows in steps of this size. */
const STEP_BYTES = 256 * 1_024;

/** Memory that holds `bytes` and somewhat more: `kept` where that is enough. */
export function sharedMemory(kept: SharedArrayBuffer, bytes: number): SharedArrayBuffer {
  return kept.byteLength >= bytes ? kept : new SharedArrayBuffer(Math.ceil(bytes / STEP_BYTES) * STEP_BYTES);
}

/** Objects would cost more on their way between threads than the packing of a small batch. */
export function tableOf(batches: readonly PlainBatch[]): Float64Array {
  const table = new Float64Array(batches.length * COLUMNS);
  let at = 0;
  for (const { from, to, count, firstAt, lastAt, firstSequence } of batches) {
    table[at++] = from;
    table[at++] = to;
    table[at++] = count;
    table[at++] = firstAt;
    table[at++] = lastAt;
    table[at++] = firstSequence;
  }
  return table;
}

export function batchesOfTable(table: Float64Array): readonly PlainBatch[] {
  return Array.from({ length: table.length / COLUMNS }, (_, index) => {
    const [from = 0, to = 0, count = 0, firstAt = 0, lastAt = 0, firstSequence = 0] = table.subarray(index * COLUMNS);
    return { from, to, count, firstAt, lastAt, firstSequence };
  });
}
