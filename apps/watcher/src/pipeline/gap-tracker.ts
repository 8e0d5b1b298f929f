import type { RoomGapData } from '@livetap/contracts';
import { timestamp } from './normalize/values.js';

interface Gap {
  readonly from: number;
  readonly fromExact: boolean;
  readonly reason: string;
  readonly lastIdBefore: string | undefined;
  /** Undefined while there is no healthy socket. */
  to: number | undefined;
}

/** The intervals without a healthy socket: at most one that is open, or closed and not yet published. */
export class GapTracker {
  #gap: Gap | undefined;

  /** The reason of the interval that is open now. */
  get openReason(): string | undefined {
    return this.#gap?.to === undefined ? this.#gap?.reason : undefined;
  }

  /** True when a closed interval waits to be published. */
  get pending(): boolean {
    return this.#gap?.to !== undefined;
  }

  /** Begins an interval; what begins within an open one belongs to it. Publish a pending one first. */
  open(gap: {
    readonly from: number;
    readonly fromExact: boolean;
    readonly reason: string;
    readonly lastIdBefore: string | undefined;
  }): void {
    if (this.#gap === undefined) this.#gap = { ...gap, to: undefined };
  }

  /** Ends the open interval; without one this does nothing. */
  close(at: number): void {
    if (this.#gap !== undefined) this.#gap.to ??= Math.max(at, this.#gap.from);
  }

  /** Takes the pending interval out as data of its event. */
  take(firstIdAfter: string | undefined): { readonly data: RoomGapData; readonly to: number } | undefined {
    const gap = this.#gap;
    if (gap?.to === undefined) return undefined;
    this.#gap = undefined;
    const data: RoomGapData = {
      from: timestamp(gap.from),
      to: timestamp(gap.to),
      durationMs: gap.to - gap.from,
      reason: gap.reason,
      ...(gap.lastIdBefore === undefined ? {} : { lastIdBefore: gap.lastIdBefore }),
      ...(firstIdAfter === undefined ? {} : { firstIdAfter }),
      fromExact: gap.fromExact,
    };
    return { data, to: gap.to };
  }
}
