import type { Clock, TimerHandle } from '../common/clock.port.js';
import type { Journal } from '../journal/journal.port.js';
import type { FinishedEvent } from '../pipeline/finished-event.js';
import { canary } from '../pipeline/roomless-events.js';

export interface CanaryOptions {
  readonly journal: Pick<Journal, 'append'>;
  readonly clock: Clock;
  readonly replicaId: string;
  /** Events that have just become durable. */
  readonly onAdmitted: (events: readonly FinishedEvent[]) => void;
}

/** An absence of three of them is what the alert looks for. */
export const CANARY_INTERVAL_MS = 60_000;

/**
 * One event a minute that goes the way of every event, through journal and publisher: where it arrives, events would. At
 * most one waits for the journal at a time; while the journal is full none is added.
 */
export class Canary {
  readonly #startedAt: number;
  #made = 0;
  #admitted = 0;
  #timer: TimerHandle | undefined;
  #stopped = false;

  constructor(private readonly options: CanaryOptions) {
    this.#startedAt = options.clock.now();
  }

  /** Canaries made by this process. */
  get made(): number {
    return this.#made;
  }

  /** Those of them that are not durable yet: 0 or 1. */
  get pending(): number {
    return this.#made - this.#admitted;
  }

  /** The first one at once, so that a start shows whether the way is open. */
  start(): void {
    this.#send();
    if (this.#stopped) return;
    this.#timer = this.options.clock.setTimeout(() => this.start(), CANARY_INTERVAL_MS);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  #send(): void {
    if (this.#stopped || this.pending > 0) return;
    const { clock, journal, replicaId, onAdmitted } = this.options;
    this.#made += 1;
    const event = canary({
      replicaId,
      processStartedAt: this.#startedAt,
      n: this.#made,
      at: clock.now(),
    });
    journal.append([event]).then(
      () => {
        this.#admitted += 1;
        onAdmitted([event]);
      },
      // The journal closed or failed: who appends events of rooms stops the process, this one stays pending.
      () => this.stop(),
    );
  }
}
