import type { Clock, TimerHandle } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import type { StreamerStore } from './streamer-store.port.js';
import type { StreamerObservation } from './streamer.js';

export interface ObservationWriterOptions {
  readonly clock: Clock;
  readonly store: Pick<StreamerStore, 'observe'>;
  readonly logger: Logger;
  /** What was learned is written this long after the first of it came, ms; default 1,000. */
  readonly flushMs?: number;
}

/**
 * Writes what checks and rooms learn about streamers: one statement a second for all of them. While the store is away
 * the newest observation of each streamer is kept (bounded by their number) and written when it returns.
 */
export class ObservationWriter {
  readonly #options: ObservationWriterOptions;
  readonly #flushMs: number;
  #pending = new Map<string, StreamerObservation>();
  #timer: TimerHandle | undefined;
  #writing: Promise<void> | undefined;
  #failing = false;

  constructor(options: ObservationWriterOptions) {
    this.#options = options;
    this.#flushMs = options.flushMs ?? 1_000;
  }

  /** Later fields win over earlier ones of the same streamer. */
  note(streamerId: string, observation: StreamerObservation): void {
    this.#pending.set(streamerId, { ...this.#pending.get(streamerId), ...observation });
    this.#schedule();
  }

  /** Forgets what was not written yet: the streamer is no longer ours. */
  forget(streamerId: string): void {
    this.#pending.delete(streamerId);
  }

  /** Writes what is pending, once. Never rejects: a failure is logged, and what was to be written is kept. */
  async flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    await this.#writing;
    if (this.#pending.size === 0) return;
    this.#writing = this.#write();
    await this.#writing;
  }

  async #write(): Promise<void> {
    const batch = this.#pending;
    this.#pending = new Map();
    try {
      await this.#options.store.observe(batch);
      this.#failing = false;
    } catch (error) {
      for (const [id, observation] of batch) this.#pending.set(id, { ...observation, ...this.#pending.get(id) });
      if (!this.#failing) this.#options.logger.warn('streamers.observations.unwritten', { count: batch.size, error });
      this.#failing = true;
    } finally {
      this.#writing = undefined;
    }
    if (this.#pending.size > 0) this.#schedule();
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#writing !== undefined) return;
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#timer = undefined;
      void this.flush();
    }, this.#flushMs);
  }
}
