import { z } from 'zod';
import type { Clock } from '../common/clock.js';

const limit = z.number().int().positive().optional();

/** Requests that the sign server answers per minute, hour and day; absent: no limit. */
export const quotaSchema = z.strictObject({ minute: limit, hour: limit, day: limit });

export type QuotaLimits = z.output<typeof quotaSchema>;

export const WINDOWS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
export type WindowName = keyof typeof WINDOWS;

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

  constructor(
    private readonly clock: Clock,
    limits: QuotaLimits,
  ) {
    this.limits = limits;
  }

  /** Sets new limits; what was used in the running windows stays used. */
  configure(limits: QuotaLimits): void {
    this.limits = limits;
  }

  state(name: WindowName): QuotaState {
    const window = this.window(name);
    const max = this.limits[name] ?? UNLIMITED;
    return { max, remaining: Math.max(0, max - window.used), resetAt: window.startedAt + WINDOWS[name] };
  }

  /** The window with the least left. */
  tightest(): QuotaState & { readonly name: WindowName } {
    const states = (Object.keys(WINDOWS) as WindowName[]).map((name) => ({ name, ...this.state(name) }));
    return states.reduce((tightest, state) => (state.remaining < tightest.remaining ? state : tightest));
  }

  /** Takes one request; false, and nothing taken, when a window is used up. */
  take(): boolean {
    if (this.tightest().remaining === 0) return false;
    for (const name of Object.keys(WINDOWS) as WindowName[]) this.window(name).used += 1;
    return true;
  }

  private window(name: WindowName): { startedAt: number; used: number } {
    const now = this.clock.now();
    let window = this.windows.get(name);
    if (window === undefined || now >= window.startedAt + WINDOWS[name])
      this.windows.set(name, (window = { startedAt: now, used: 0 }));
    return window;
  }
}
