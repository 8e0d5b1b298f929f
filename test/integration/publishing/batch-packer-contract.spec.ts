import { sampleEvent } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { ThreadBatchPacker } from '../../../apps/watcher/dist/publishing/thread-batch-packer.adapter.js';
import type { BatchPacker, PackJob } from '../../../apps/watcher/src/publishing/batch-packer.port.js';
import { InlineBatchPacker } from '../../../apps/watcher/src/publishing/inline-batch-packer.js';
import { RecordWriter } from '../../../apps/watcher/src/publishing/record-batch.js';

const writer = new RecordWriter();

/** A job of one batch for each of the given numbers of events. */
function job(sizes: readonly number[], compression: PackJob['compression'] = 'gzip'): PackJob {
  const batches = sizes.map((size, index) => ({
    events: Array.from({ length: size }, (_, n) => sampleEvent(n + index)),
    firstSequence: 7 * index,
  }));
  return { ...writer.write(batches), producer: { id: 4_294_967_296_001n, epoch: 3 }, compression };
}

/** Packers keep the memory of their answer. */
async function packed(packer: BatchPacker, given: PackJob): Promise<Buffer[]> {
  return (await packer.pack(given)).map((batch) => Buffer.from(batch));
}

describe.each([
  ['on the calling thread', () => new InlineBatchPacker()],
  ['in a thread', () => new ThreadBatchPacker()],
])('BatchPacker %s', (_name, make) => {
  it('makes the same bytes of small and large jobs, one after the other', async () => {
    const packer = make();
    for (const sizes of [[1], [3, 1, 40], [200, 1_500, 2], [1, 1], [30, 30, 30]]) {
      for (const compression of ['gzip', 'none'] as const) {
        const given = job(sizes, compression);
        expect(await packed(packer, given)).toEqual(await packed(new InlineBatchPacker(), given));
      }
    }
    await packer.close();
  });

  it('packs again after it was closed', async () => {
    const packer = make();
    const before = await packed(packer, job([50]));
    await packer.close();
    expect(await packed(packer, job([50]))).toEqual(before);
    await packer.close();
  });
});

describe('a thread that packs', () => {
  it('fails the job that it has when it ends, and another one takes the next', async () => {
    const packer = new ThreadBatchPacker();
    const lost = expect(packer.pack(job([50]))).rejects.toMatchObject({
      code: 'WATCHER_KAFKA_NOT_ACKNOWLEDGED',
      retryable: true,
    });
    await packer.close();
    await lost;
    expect(await packed(packer, job([50]))).toEqual(await packed(new InlineBatchPacker(), job([50])));
    await packer.close();
  });

  it('has one job at a time', async () => {
    const packer = new ThreadBatchPacker();
    const first = packer.pack(job([50]));
    await expect(packer.pack(job([50]))).rejects.toThrow('Only one job');
    expect(await first).toHaveLength(1);
    await packer.close();
  });
});
