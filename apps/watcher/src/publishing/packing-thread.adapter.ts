// The program of the thread that packs record batches; started by `ThreadBatchPacker`.
import { parentPort } from 'node:worker_threads';
import { BatchSealer, sealedBound } from './batch-sealer.js';
import { batchesOfTable, type PackAnswer, type PackRequest, sharedMemory } from './packing-messages.js';

const sealer = new BatchSealer();
/** zlib gets memory that no other thread writes to. */
let plain = Buffer.alloc(0);
let output = new SharedArrayBuffer(0);

parentPort?.on('message', ({ input, bytes, table, producer, compression }: PackRequest) => {
  if (plain.length < bytes) plain = Buffer.allocUnsafeSlow(input.byteLength);
  plain.set(new Uint8Array(input, 0, bytes));
  const job = { plain: plain.subarray(0, bytes), batches: batchesOfTable(table), producer, compression };
  output = sharedMemory(output, sealedBound(job));
  parentPort?.postMessage({ output, ends: sealer.sealAll(job, Buffer.from(output)) } satisfies PackAnswer);
});
