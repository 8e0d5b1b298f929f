/** 2^30 times any base is above any cap; keeps the power finite for connections that never give up. */
const MAX_EXPONENT = 30;
/** What the other side asked to wait gets up to this share on top, so that many clients do not return at one instant. */
const SPREAD = 0.1;
/** Timers of the runtime go no further; a longer delay would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** Delays between attempts: exponential with full jitter, uniform in [0, min(max, base × 2^n)). */
export class BackOff {
  private given = 0;

  constructor(
    private readonly options: {
      readonly baseDelayMs: number;
      readonly maxDelayMs: number;
      readonly random: () => number;
    },
  ) {}

  /** The next delay in milliseconds; never shorter than `floorMs`. */
  next(floorMs = 0): number {
    const { baseDelayMs, maxDelayMs, random } = this.options;
    const ceiling = Math.min(maxDelayMs, baseDelayMs * 2 ** Math.min(this.given, MAX_EXPONENT));
    this.given += 1;
    const delay = random() * ceiling;
    const floor = floorMs > 0 ? floorMs * (1 + SPREAD * random()) : 0;
    return Math.min(MAX_TIMER_MS, Math.round(Math.max(delay, floor)));
  }

  reset(): void {
    this.given = 0;
  }
}
