import { z } from 'zod';
import type { Clock } from '../common/clock.js';

const limit = z.number().int().positive().optional();

/** Requests that the sign server answers per minute, hour and day; absent: no limit. */
export const quotaSchema = z.strictObject({ minute: limit, hour: limit, day: limit });

export type QuotaLimits = z.output<typeof quotaSchema>;

/** Lengths of the windows, in minutes. */
const MINUTES = { minute: 1, hour: 60, day: 1_440 } as const;
export type WindowName = keyof typeof MINUTES;
const WINDOW_NAMES = Object.keys(MINUTES) as readonly WindowName[];
const MINUTE_MS = 60_000;
/** Windows whose use is remembered. */
const KEPT_WINDOWS = 1_000;

/** What became of the requests so far. */
export interface QuotaTotals {
  readonly granted: number;
  /** Answered with 429. */
  readonly refused: number;
  /** Requests granted in each minute's window, oldest first. */
  readonly minutes: readonly number[];
}

export interface QuotaState {
  readonly max: number;
  readonly remaining: number;
  /** ms since the epoch. */
  readonly resetAt: number;
}

/** What the sign server says without a limit of its own. */
const UNLIMITED = 1_000_000;

/** Counts requests in fixed windows, as the sign server does. */
export class Quota {
  private limits: QuotaLimits;
  private readonly windows = new Map<WindowName, { startedAt: number; used: number }>();
  private readonly minutes: number[] = [];
  private granted = 0;
  private refused = 0;

  /** `minuteMs`: length of the server's minute; hour and day follow, so that tests need not wait for them. */
  constructor(
    private readonly clock: Clock,
    limits: QuotaLimits,
    private readonly minuteMs = MINUTE_MS,
  ) {
    this.limits = limits;
  }

  totals(): QuotaTotals {
    const current = this.windows.get('minute')?.used ?? 0;
    return { granted: this.granted, refused: this.refused, minutes: [...this.minutes, current] };
  }

  /** Sets new limits; what was used in the running windows stays used. */
  configure(limits: QuotaLimits): void {
    this.limits = limits;
  }

  state(name: WindowName): QuotaState {
    const window = this.window(name);
    const max = this.limits[name] ?? UNLIMITED;
    return { max, remaining: Math.max(0, max - window.used), resetAt: window.startedAt + this.lengthOf(name) };
  }

  /** The window with the least left. */
  tightest(): QuotaState & { readonly name: WindowName } {
    const states = WINDOW_NAMES.map((name) => ({ name, ...this.state(name) }));
    return states.reduce((tightest, state) => (state.remaining < tightest.remaining ? state : tightest));
  }

  /** Takes one request; false, and nothing taken, when a window is used up. */
  take(): boolean {
    if (this.tightest().remaining === 0) {
      this.refused += 1;
      return false;
    }
    this.granted += 1;
    for (const name of WINDOW_NAMES) this.window(name).used += 1;
    return true;
  }

  private lengthOf(name: WindowName): number {
    return MINUTES[name] * this.minuteMs;
  }

  private window(name: WindowName): { startedAt: number; used: number } {
    const now = this.clock.now();
    let window = this.windows.get(name);
    if (window === undefined || now >= window.startedAt + this.lengthOf(name)) {
      if (name === 'minute' && window !== undefined) this.minutes.push(window.used);
      if (this.minutes.length > KEPT_WINDOWS) this.minutes.shift();
      this.windows.set(name, (window = { startedAt: now, used: 0 }));
    }
    return window;
  }
}
