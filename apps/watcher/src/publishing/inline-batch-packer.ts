import type { BatchPacker, PackJob } from './batch-packer.port.js';
import { BatchSealer, sealedBound } from './batch-sealer.js';

/** Packs on the calling thread, at once. */
export class InlineBatchPacker implements BatchPacker {
  readonly #sealer = new BatchSealer();

  async pack(job: PackJob): Promise<readonly Buffer[]> {
    const target = Buffer.allocUnsafeSlow(sealedBound(job));
    return batchesOf(target, this.#sealer.sealAll(job, target));
  }

  async close(): Promise<void> {
    // Nothing is kept open.
  }
}

/** The batches that end in `bytes` at `ends`, one after the other. */
export function batchesOf(bytes: Buffer, ends: readonly number[]): readonly Buffer[] {
  return ends.map((end, index) => bytes.subarray(index === 0 ? 0 : ends[index - 1], end));
}
