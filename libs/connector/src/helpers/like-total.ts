import type { WebcastLikeMessage } from '../proto/index.js';

/** What the helper reads of a `like` event. */
export type LikeLike = Pick<WebcastLikeMessage, 'totalLikeCount'>;

/**
 * The likes of a room as a number that never falls. TikTok's totals come from several counters that lag behind each other,
 * so a message may carry a smaller total than the one before. For one room: take a new one for another room.
 */
export class LikeTotal {
  private highest: number | undefined;

  /** The highest total so far; 0 before the first message. */
  get total(): number {
    return this.highest ?? 0;
  }

  /**
   * Counts one `like` event.
   * @returns the total, and by how much this message raised it: 0 for the first one, whose likes came before
   */
  add({ totalLikeCount }: LikeLike): { readonly total: number; readonly added: number } {
    const before = this.highest ?? totalLikeCount;
    this.highest = Math.max(before, totalLikeCount);
    return { total: this.highest, added: this.highest - before };
  }
}
