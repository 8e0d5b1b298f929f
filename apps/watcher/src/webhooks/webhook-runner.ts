import type { Clock, TimerHandle } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import type { WebhookDeliverer } from './webhook-deliverer.js';
import type { WebhookFeed } from './webhook-feed.js';
import type { WebhookQueue } from './webhook-store.port.js';

export interface WebhookRunnerOptions {
  readonly feed: WebhookFeed;
  readonly deliverer: WebhookDeliverer;
  readonly queue: WebhookQueue;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long finished deliveries are kept, ms. */
  readonly keepMs: number;
  readonly metrics: { expired(count: number): void };
}

/** Time between two looks at what waits. */
const LOOK_MS = 15_000;
/** Every so many looks old deliveries are removed. */
const PRUNE_EVERY = 4;
/** Finished deliveries that are kept of each webhook, delivered and dead ones each. */
export const KEPT_DELIVERIES = 10_000;
/** A journal that was not seen for so long belongs to a replica that is gone. */
const KEEP_POSITIONS_MS = 30 * 24 * 60 * 60 * 1_000;

/** Feed, deliverer and the upkeep of their tables: what runs, and how it stops. */
export class WebhookRunner {
  #pending = 0;
  #looks = 0;
  #timer: TimerHandle | undefined;
  #stopped = false;
  #looking: Promise<void> = Promise.resolve();

  constructor(private readonly options: WebhookRunnerOptions) {}

  /** Deliveries of the whole fleet that wait, as of the last look. */
  get pending(): number {
    return this.#pending;
  }

  start(): void {
    this.options.feed.start();
    this.options.deliverer.start();
    this.#look();
  }

  /** Why webhooks do not get on, of our own making; destinations do not count. */
  problem(): string | undefined {
    return this.options.feed.problem() ?? this.options.deliverer.problem();
  }

  /** What is durable is put into the queue and what was begun is finished, not longer than the signal lets it. */
  async stop(signal: AbortSignal): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.options.feed.idle(signal);
    await Promise.all([this.options.feed.stop(), this.options.deliverer.stop(signal), this.#looking]);
  }

  #look(): void {
    this.#looking = this.#upkeep().finally(() => {
      if (!this.#stopped) this.#timer = this.options.clock.setTimeout(() => this.#look(), LOOK_MS);
    });
  }

  async #upkeep(): Promise<void> {
    const { queue, keepMs, metrics, logger } = this.options;
    this.#looks += 1;
    try {
      if (this.#looks % PRUNE_EVERY === 1) {
        const limits = { keepMs, keepEach: KEPT_DELIVERIES, keepPositionsMs: KEEP_POSITIONS_MS };
        const { expired, deleted } = await queue.prune(limits);
        metrics.expired(expired);
        if (expired + deleted > 0) logger.debug('webhooks.pruned', { expired, deleted });
      }
      this.#pending = await queue.pending();
    } catch (error) {
      // The database is away: the next look does it, and readiness says so elsewhere.
      logger.debug('webhooks.upkeepFailed', { error });
    }
  }
}
