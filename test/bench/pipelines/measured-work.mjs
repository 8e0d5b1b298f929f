import { monitorEventLoopDelay } from 'node:perf_hooks';
import { median } from '../measure.mjs';

/**
 * What a pipeline's process says to the one that started it: `{ ready }`, then for each `{ expect }` (messages that are
 * about to come) one `{ done }` with seconds, processor time and latencies up to the last acknowledgement.
 */
export class MeasuredWork {
  #expected = Infinity;
  #done = 0;
  #firstAt;
  #lastAt;
  #processor;
  #latencies = [];
  #delay = monitorEventLoopDelay({ resolution: 1 });

  constructor() {
    process.on('message', ({ expect }) => {
      if (expect !== undefined) this.#begin(expect);
    });
  }

  ready() {
    process.send({ ready: true });
  }

  /** A frame has come. */
  received() {
    this.#firstAt ??= performance.now();
  }

  /** So many messages, received at these times (ms since the epoch, or one for all), are acknowledged now. */
  acknowledged(count, receivedAt) {
    const now = Date.now();
    for (const at of receivedAt) this.#latencies.push(now - at);
    this.#done += count;
    this.#lastAt = performance.now();
    this.#look();
  }

  #begin(expected) {
    this.#expected = expected;
    this.#processor = process.cpuUsage();
    this.#delay.reset();
    this.#delay.enable();
    // What came first may have been acknowledged already.
    this.#look();
  }

  #look() {
    if (this.#done < this.#expected) return;
    const { user, system } = process.cpuUsage(this.#processor);
    this.#delay.disable();
    const sorted = this.#latencies.sort((a, b) => a - b);
    const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    process.send({
      done: {
        messages: this.#done,
        seconds: (this.#lastAt - this.#firstAt) / 1_000,
        processorMicros: user + system,
        latencyMs: { p50: sorted.length === 0 ? 0 : median(sorted), p99: at(0.99), most: at(1) },
        loopDelayP99Ms: this.#delay.percentile(99) / 1e6,
        residentBytes: process.memoryUsage.rss(),
      },
    });
    this.#expected = Infinity;
    this.#done = 0;
    this.#firstAt = undefined;
    this.#latencies = [];
  }
}
