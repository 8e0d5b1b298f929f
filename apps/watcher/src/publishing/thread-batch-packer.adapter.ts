import { Worker } from 'node:worker_threads';
import type { BatchPacker, PackJob } from './batch-packer.port.js';
import { batchesOf, InlineBatchPacker } from './inline-batch-packer.js';
import { type PackAnswer, type PackRequest, sharedMemory, tableOf } from './packing-messages.js';
import { PublishError } from './publish.errors.js';

/** Below this packing takes less time than asking another thread to do it. */
const MIN_THREADED_BYTES = 8 * 1_024;
/** The thread holds nothing but a few objects of the job under way; its buffers are not part of this. */
const LIMITS = { maxOldGenerationSizeMb: 32, maxYoungGenerationSizeMb: 4 };

interface Waiting {
  resolve(batches: readonly Buffer[]): void;
  reject(error: Error): void;
}

/**
 * Packs in a thread of its own, so that sockets do not wait for it: all batches of a request go there and come back in one
 * piece of shared memory. A thread that ends fails its job; the next job starts another one.
 */
export class ThreadBatchPacker implements BatchPacker {
  readonly #inline = new InlineBatchPacker();
  #thread: Worker | undefined;
  #input = new SharedArrayBuffer(0);
  #waiting: Waiting | undefined;

  pack(job: PackJob): Promise<readonly Buffer[]> {
    if (job.plain.length < MIN_THREADED_BYTES) return this.#inline.pack(job);
    const { plain, batches, producer, compression } = job;
    return new Promise((resolve, reject) => {
      if (this.#waiting !== undefined) throw new Error('Only one job at a time can be packed.');
      this.#input = sharedMemory(this.#input, plain.length);
      new Uint8Array(this.#input).set(plain);
      this.#waiting = { resolve, reject };
      this.#thread ??= this.#start();
      const request: PackRequest = {
        ...{ input: this.#input, bytes: plain.length, table: tableOf(batches) },
        ...{ producer, compression },
      };
      // While a job is under way the process does not end.
      this.#thread.ref();
      this.#thread.postMessage(request);
    });
  }

  async close(): Promise<void> {
    await this.#thread?.terminate();
  }

  #start(): Worker {
    const thread = new Worker(new URL('./packing-thread.adapter.js', import.meta.url), {
      name: 'packing',
      // Nothing of the process's settings and secrets is needed there.
      ...{ env: {}, argv: [], execArgv: [], resourceLimits: LIMITS },
    });
    thread.on('message', ({ output, ends }: PackAnswer) => {
      thread.unref();
      this.#take()?.resolve(batchesOf(Buffer.from(output), ends));
    });
    let cause: unknown;
    thread.on('error', (error) => (cause = error));
    thread.on('exit', () => {
      this.#thread = undefined;
      this.#take()?.reject(
        new PublishError('WATCHER_KAFKA_NOT_ACKNOWLEDGED', 'The thread that packs record batches has ended.', {
          cause,
        }),
      );
    });
    return thread;
  }

  #take(): Waiting | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}
