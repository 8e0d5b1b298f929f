import type { RoomGapData } from '@livetap/contracts';
import type { CarriedGap } from './checkpoint.js';
import { timestamp } from './normalize/values.js';

/** The intervals without a healthy socket: at most one that is open, or closed and not yet published. */
export class GapTracker {
  #gap: CarriedGap | undefined;

  /** For a checkpoint. */
  get carried(): CarriedGap | undefined {
    return this.#gap;
  }

  get isOpen(): boolean {
    return this.#gap !== undefined && this.#gap.to === undefined;
  }

  /** True when a closed interval waits to be published. */
  get pending(): boolean {
    return this.#gap?.to !== undefined;
  }

  /**
   * Begins an interval; what begins within an open one belongs to it. Publish a pending one first. An interval in which
   * the room had to wait for quota is one of `quota`, whatever it began with: that is what made it long.
   */
  open(gap: CarriedGap): void {
    this.#gap ??= gap;
    if (this.isOpen && gap.reason === 'quota') this.#gap = { ...this.#gap, reason: 'quota' };
  }

  /** Ends the open interval; without one this does nothing. */
  close(at: number): void {
    const gap = this.#gap;
    if (gap !== undefined && gap.to === undefined) this.#gap = { ...gap, to: Math.max(at, gap.from) };
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
