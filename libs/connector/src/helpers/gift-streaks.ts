import type { WebcastGiftMessage } from '../proto/index.js';

/** Only gifts of this type come in streaks. */
const STREAK_TYPE = 1;
const NO_GROUP = '0';

/** What the helper reads of a `gift` event. */
export type GiftLike = Pick<WebcastGiftMessage, 'giftId' | 'repeatCount' | 'repeatEnd' | 'groupId'> & {
  readonly user?: { readonly userId: string } | undefined;
  readonly giftDetails?: { readonly id: string; readonly giftType: number; readonly diamondCount: number } | undefined;
};

export interface GiftStreaksOptions {
  /** A streak without a frame for so long is over, in milliseconds: its last frame may be missing. Default 30,000. */
  readonly timeoutMs?: number;
  /** How long streaks that are over are remembered, so that late frames count nothing twice, ms. Default 600,000. */
  readonly memoryMs?: number;
  /** Streaks in memory; beyond it the one that was silent for longest is forgotten. Default 10,000. */
  readonly maxStreaks?: number;
}

/** What one `gift` event added. */
export interface GiftDelta {
  /** `<userId>-<giftId>-<groupId>`; undefined for a gift without a group, which is a streak of its own. */
  readonly streakId: string | undefined;
  /** New gifts in this message; 0 for a frame that repeats what is known. */
  readonly count: number;
  /** `count` × the diamonds of one; undefined when no message of the streak said the price. */
  readonly diamonds: number | undefined;
  /** Gifts of the streak so far. */
  readonly total: number;
  /** True exactly once in each streak: when this message ends it. */
  readonly completed: boolean;
}

/** A streak that is over without a last frame. */
export interface ExpiredStreak {
  readonly streakId: string;
  readonly total: number;
  readonly diamonds: number | undefined;
}

interface Streak {
  total: number;
  diamondsEach: number | undefined;
  lastAt: number;
  completed: boolean;
}

/**
 * Counts gifts without counting any twice. TikTok sends a streak as frames with a growing `repeatCount`, and a last frame
 * that repeats the final count, or is missing. A streak is one user's row of one gift in one group.
 * For the gifts of one room: take a new one for another room.
 */
export class GiftStreaks {
  private readonly timeoutMs: number;
  private readonly memoryMs: number;
  private readonly maxStreaks: number;
  /** In the order of their newest frames, oldest first. */
  private readonly streaks = new Map<string, Streak>();

  constructor({ timeoutMs = 30_000, memoryMs = 600_000, maxStreaks = 10_000 }: GiftStreaksOptions = {}) {
    this.timeoutMs = timeoutMs;
    this.memoryMs = memoryMs;
    this.maxStreaks = maxStreaks;
  }

  /** Streaks that may still grow. */
  get open(): number {
    let open = 0;
    for (const { completed } of this.streaks.values()) if (!completed) open += 1;
    return open;
  }

  /**
   * Counts one `gift` event.
   * @param at when it came, milliseconds since the epoch
   */
  add(gift: GiftLike, at = Date.now()): GiftDelta {
    const { giftDetails, groupId, repeatCount } = gift;
    const giftId = gift.giftId > 0 ? String(gift.giftId) : (giftDetails?.id ?? '0');
    const price = giftDetails?.diamondCount || undefined;
    const ends =
      groupId === NO_GROUP ||
      gift.repeatEnd !== 0 ||
      (giftDetails !== undefined && giftDetails.giftType !== STREAK_TYPE);
    if (groupId === NO_GROUP) {
      const count = Math.max(0, repeatCount);
      return { streakId: undefined, count, diamonds: times(count, price), total: count, completed: true };
    }
    const streakId = `${gift.user?.userId ?? '0'}-${giftId}-${groupId}`;
    const streak: Streak = this.streaks.get(streakId) ?? {
      total: 0,
      diamondsEach: undefined,
      lastAt: at,
      completed: false,
    };
    const count = Math.max(0, repeatCount - streak.total);
    const completed = ends && !streak.completed;
    streak.total += count;
    streak.diamondsEach = price ?? streak.diamondsEach;
    streak.lastAt = Math.max(streak.lastAt, at);
    streak.completed ||= ends;
    this.streaks.delete(streakId);
    this.streaks.set(streakId, streak);
    this.bound();
    return { streakId, count, diamonds: times(count, streak.diamondsEach), total: streak.total, completed };
  }

  /**
   * The streaks that are over because nothing came for `timeoutMs`, each exactly once; to be called now and then.
   * @param at milliseconds since the epoch
   */
  expire(at = Date.now()): ExpiredStreak[] {
    const expired: ExpiredStreak[] = [];
    for (const [streakId, streak] of this.streaks) {
      if (!streak.completed && at - streak.lastAt >= this.timeoutMs) {
        streak.completed = true;
        expired.push({ streakId, total: streak.total, diamonds: times(streak.total, streak.diamondsEach) });
      }
      if (streak.completed && at - streak.lastAt >= this.memoryMs) this.streaks.delete(streakId);
    }
    return expired;
  }

  private bound(): void {
    if (this.streaks.size <= this.maxStreaks) return;
    for (const oldest of this.streaks.keys()) {
      this.streaks.delete(oldest);
      return;
    }
  }
}

function times(count: number, price: number | undefined): number | undefined {
  return price === undefined ? undefined : count * price;
}
