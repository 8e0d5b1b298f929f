import type { Clock } from '../common/clock.port.js';

/** How a request to the sign server ended. `rateLimited`: over its quota. `cancelled`: the room did not want it any more. */
export const SIGN_OUTCOMES = ['signed', 'rateLimited', 'refused', 'unreachable', 'cancelled'] as const;
export type SignOutcome = (typeof SIGN_OUTCOMES)[number];

export const SIGN_WINDOWS = ['minute', 'hour', 'day'] as const;
/** Requests that the sign server will still answer in each window. */
export type SignQuota = Readonly<Record<(typeof SIGN_WINDOWS)[number], number>>;

export interface SignMeterOptions {
  readonly clock: Clock;
  /** Asks the sign server; bounded in time by itself. */
  readonly askQuota: () => Promise<SignQuota>;
}

/** The quota is asked at most this often, and only when signatures were asked for: a service that needs none asks nothing. */
const ASK_QUOTA_MS = 60_000;

/** Counts what was asked of the sign server, and knows what it said about the rest of its quota. */
export class SignMeter {
  readonly #outcomes = Object.fromEntries(SIGN_OUTCOMES.map((outcome) => [outcome, 0])) as Record<SignOutcome, number>;
  #quota: SignQuota | undefined;
  #askedAt: number | undefined;

  constructor(private readonly options: SignMeterOptions) {}

  get outcomes(): Readonly<Record<SignOutcome, number>> {
    return this.#outcomes;
  }

  /** undefined until the sign server was asked. */
  get quota(): SignQuota | undefined {
    return this.#quota;
  }

  count(outcome: SignOutcome): void {
    this.#outcomes[outcome] += 1;
    const now = this.options.clock.monotonic();
    if (outcome === 'unreachable' || (this.#askedAt !== undefined && now - this.#askedAt < ASK_QUOTA_MS)) return;
    this.#askedAt = now;
    this.options.askQuota().then(
      (quota) => (this.#quota = quota),
      // The figure stays as old as it is; requests that fail are counted themselves.
      () => undefined,
    );
  }
}
