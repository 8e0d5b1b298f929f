import { monitorEventLoopDelay } from 'node:perf_hooks';

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
  #untilDurable = [];
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

  /** Messages that were received at these times (ms since the epoch) are on the disk now. */
  durable(receivedAt) {
    const now = Date.now();
    for (const at of receivedAt) this.#untilDurable.push(now - at);
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
    process.send({
      done: {
        messages: this.#done,
        seconds: (this.#lastAt - this.#firstAt) / 1_000,
        processorMicros: user + system,
        latencyMs: shares(this.#latencies),
        durableMs: shares(this.#untilDurable),
        loopDelayP99Ms: this.#delay.percentile(99) / 1e6,
        residentBytes: process.memoryUsage.rss(),
      },
    });
    this.#expected = Infinity;
    this.#done = 0;
    this.#firstAt = undefined;
    this.#latencies = [];
    this.#untilDurable = [];
  }
}

function shares(times) {
  const sorted = times.sort((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
