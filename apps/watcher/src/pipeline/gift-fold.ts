import type { GiftCompletedData } from '@livetap/contracts';
import type { OpenStreak } from './checkpoint.js';
import { count as exactCount, type Loose } from './normalize/values.js';
import { WrittenJson } from './written-json.js';

/** A streak without a frame for so long, on a healthy socket, is over. */
export const STREAK_TIMEOUT_MS = 30_000;
/** How long a completed streak is remembered, so that late frames count nothing twice. */
export const COMPLETED_MEMORY_MS = 600_000;
/** Bound on the streaks of a room in memory. */
export const MAX_STREAKS = 10_000;
/** Bound on the streaks in a checkpoint; open ones come first. */
export const CHECKPOINT_STREAKS = 500;

/** Price of gifts whose message does not say it. */
export interface GiftPrices {
  /** Diamonds of one gift; undefined when not known. */
  diamondsEach(giftId: string): number | undefined;
  /** A message said the price of a gift. */
  learn?(giftId: string, diamondsEach: number): void;
}

const NO_TIMEOUTS: readonly TimedOut[] = [];

interface Streak {
  readonly id: string;
  count: number;
  diamondsEach: number | undefined;
  user: unknown;
  to: unknown;
  gift: unknown;
  lastAt: number;
  completed: boolean;
}

/** One gift message, to be counted. Users and gift are kept as they are given: objects, or JSON that is written already. */
export interface GiftFrame {
  readonly user: unknown;
  /** A guest who received it. */
  readonly to: unknown;
  /** With its price. */
  readonly gift: unknown;
  readonly giftId: string;
  /** Diamonds of one gift as the message says it. */
  readonly said: number | undefined;
  /** Diamonds of one gift (`priceOf`). */
  readonly diamondsEach: number | undefined;
  readonly repeatCount: number;
  /** `<userId>-<giftId>-<groupId>`; undefined without a group. */
  readonly streakId: string | undefined;
  /** True when more frames of the streak may follow. */
  readonly open: boolean;
}

export interface CountedGift {
  /** New gifts, which no message before told of. */
  readonly count: number;
  readonly diamonds: number | undefined;
  readonly streakId: string;
  /** Gifts of the streak so far. */
  readonly streakCount: number;
  /** Set when this message completes its streak. */
  readonly completed: Loose<GiftCompletedData> | undefined;
}

export interface TimedOut {
  /** When its 30 s were over, ms since the epoch. */
  readonly dueAt: number;
  readonly data: Loose<GiftCompletedData>;
}

/** Counts the gifts of one room: new ones in each message, and the end of each streak exactly once. */
export class GiftFold {
  readonly #prices: GiftPrices | undefined;
  /** In order of their newest frame, oldest first. */
  readonly #streaks = new Map<string, Streak>();
  #open = 0;
  /** No open streak had its newest frame before this: asked with each frame, and hardly ever is one over. */
  #openSince = Infinity;
  /** Open streaks that were forgotten because there were too many. */
  evicted = 0;

  constructor(prices: GiftPrices | undefined, restored: readonly OpenStreak[]) {
    this.#prices = prices;
    for (const streak of restored) {
      this.#streaks.set(streak.id, {
        id: streak.id,
        count: streak.count,
        diamondsEach: streak.diamondsEach,
        user: streak.user,
        to: streak.to,
        gift: streak.gift,
        lastAt: streak.lastAt,
        completed: streak.completed,
      });
      if (!streak.completed) this.#opened(streak.lastAt);
    }
  }

  /** Diamonds of one gift: as the message says it, or the streak so far, or the list of gifts. */
  priceOf(giftId: string, streakId: string | undefined, said: number | undefined): number | undefined {
    if (said !== undefined) return said;
    const known = streakId === undefined ? undefined : this.#streaks.get(streakId);
    return known?.diamondsEach ?? this.#prices?.diamondsEach(giftId);
  }

  /** Counts one gift message. `eventId` names the streak of a gift without a group; `at` is its receipt. */
  frame(gift: GiftFrame, eventId: string, at: number): CountedGift {
    const known = gift.streakId === undefined ? undefined : this.#streaks.get(gift.streakId);
    if (gift.said !== undefined) this.#prices?.learn?.(gift.giftId, gift.said);
    const highest = known?.count ?? 0;
    const count = Math.max(0, gift.repeatCount - highest);
    const streak: Streak = known ?? {
      id: gift.streakId ?? eventId,
      count: 0,
      diamondsEach: undefined,
      user: undefined,
      to: undefined,
      gift: undefined,
      lastAt: at,
      completed: false,
    };
    streak.count = highest + count;
    streak.diamondsEach = gift.diamondsEach;
    streak.lastAt = Math.max(streak.lastAt, at);
    if (!streak.completed) {
      streak.user = gift.user;
      streak.to = gift.to;
      streak.gift = gift.gift;
    }
    const completes = !gift.open && !streak.completed;
    if (known === undefined) this.#opened(streak.lastAt);
    const streakCount = streak.count;
    const completed = completes ? this.#complete(streak, 'end') : undefined;
    const counted = {
      count,
      diamonds: diamondsOf(count, gift.diamondsEach),
      streakId: streak.id,
      streakCount,
      completed,
    };
    if (gift.streakId === undefined) return counted;
    this.#streaks.delete(streak.id);
    this.#streaks.set(streak.id, streak);
    if (this.#streaks.size > MAX_STREAKS) this.#evict();
    return counted;
  }

  /**
   * The streaks that are over because nothing came for 30 s while the socket was healthy since `healthySince`, each with
   * the moment when that was so, in the order of these moments: however often this is asked, the answers are the same.
   */
  timeouts(at: number, healthySince: number | undefined): readonly TimedOut[] {
    this.#forget(at);
    if (this.#open === 0 || healthySince === undefined) return NO_TIMEOUTS;
    if (Math.max(this.#openSince, healthySince) + STREAK_TIMEOUT_MS > at) return NO_TIMEOUTS;
    const over: TimedOut[] = [];
    this.#openSince = Infinity;
    for (const streak of this.#streaks.values()) {
      if (streak.completed) continue;
      const dueAt = Math.max(streak.lastAt, healthySince) + STREAK_TIMEOUT_MS;
      if (dueAt <= at) over.push({ dueAt, data: this.#complete(streak, 'timeout') });
      else this.#openSince = Math.min(this.#openSince, streak.lastAt);
    }
    return over.sort((left, right) => left.dueAt - right.dueAt);
  }

  /** Completes what is open because the room ended. */
  end(): Loose<GiftCompletedData>[] {
    const over: Loose<GiftCompletedData>[] = [];
    for (const streak of this.#streaks.values()) {
      if (!streak.completed) over.push(this.#complete(streak, 'roomEnded'));
    }
    return over;
  }

  checkpoint(): OpenStreak[] {
    const open: OpenStreak[] = [];
    const done: OpenStreak[] = [];
    for (const streak of this.#streaks.values()) (streak.completed ? done : open).push(carried(streak));
    const kept = open.slice(-CHECKPOINT_STREAKS);
    const room = CHECKPOINT_STREAKS - kept.length;
    return [...(room === 0 ? [] : done.slice(-room)), ...kept].sort((left, right) => left.lastAt - right.lastAt);
  }

  #opened(at: number): void {
    this.#open += 1;
    this.#openSince = Math.min(this.#openSince, at);
  }

  #complete(streak: Streak, reason: GiftCompletedData['reason']): Loose<GiftCompletedData> {
    const data: Loose<GiftCompletedData> = {
      user: streak.user as GiftCompletedData['user'],
      to: streak.to as GiftCompletedData['to'],
      gift: streak.gift as Loose<GiftCompletedData['gift']>,
      count: streak.count,
      diamonds: diamondsOf(streak.count, streak.diamondsEach),
      streak: { id: streak.id, count: streak.count },
      reason,
    };
    streak.completed = true;
    streak.user = undefined;
    streak.to = undefined;
    streak.gift = undefined;
    this.#open -= 1;
    return data;
  }

  #forget(at: number): void {
    for (const streak of this.#streaks.values()) {
      if (streak.lastAt > at - COMPLETED_MEMORY_MS) return;
      if (streak.completed) this.#streaks.delete(streak.id);
    }
  }

  #evict(): void {
    for (const streak of this.#streaks.values()) {
      if (!streak.completed) {
        this.#open -= 1;
        this.evicted += 1;
      }
      this.#streaks.delete(streak.id);
      return;
    }
  }
}

function diamondsOf(gifts: number, each: number | undefined): number | undefined {
  return each === undefined ? undefined : exactCount(gifts * each);
}

function carried(streak: Streak): OpenStreak {
  return {
    id: streak.id,
    count: streak.count,
    ...(streak.diamondsEach === undefined ? {} : { diamondsEach: streak.diamondsEach }),
    ...(streak.user === undefined ? {} : { user: plain(streak.user) }),
    ...(streak.to === undefined ? {} : { to: plain(streak.to) }),
    ...(streak.gift === undefined ? {} : { gift: plain(streak.gift) }),
    lastAt: streak.lastAt,
    completed: streak.completed,
  };
}

function plain(part: unknown): unknown {
  return part instanceof WrittenJson ? part.toJSON() : part;
}
