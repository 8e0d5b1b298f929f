import type { StreakMaximum } from './folded-batch.js';

export interface StoredStreak {
  readonly sessionId: string;
  readonly streak: string;
  readonly count: number;
  readonly diamondsEach?: number;
}

/** What new maxima of gift streaks add to the totals of their session. */
export interface GiftGain {
  readonly sessionId: string;
  gifts: number;
  diamonds: number;
}

/** The same for what one person gave. */
export interface GifterGain extends GiftGain {
  readonly viewerId: string;
  /** Minimum. */
  firstAt: number;
  /** Maximum. */
  lastAt: number;
}

/** The same for one gift. */
export interface SessionGiftGain extends GiftGain {
  readonly giftId: string;
}

export interface GiftGains {
  /** By session id. */
  readonly sessions: ReadonlyMap<string, GiftGain>;
  readonly gifters: readonly GifterGain[];
  readonly gifts: readonly SessionGiftGain[];
}

/**
 * Totals are Σ highest count and Σ highest count × diamonds each over the streaks, whatever was repeated or came late:
 * so what a batch adds is the difference between the streaks' worth before and after. Pure.
 */
export function mergeStreaks(stored: readonly StoredStreak[], incoming: readonly StreakMaximum[]): GiftGains {
  const before = new Map(stored.map((streak) => [`${streak.streak} ${streak.sessionId}`, streak]));
  const sessions = new Map<string, GiftGain>();
  const gifters = new Map<string, GifterGain>();
  const gifts = new Map<string, SessionGiftGain>();
  for (const streak of incoming) {
    const { sessionId, viewerId, giftId, firstAt, lastAt } = streak;
    const known = before.get(`${streak.streak} ${sessionId}`);
    const count = Math.max(streak.count, known?.count ?? 0);
    const each = Math.max(streak.diamondsEach ?? 0, known?.diamondsEach ?? 0);
    const more: Gain = {
      gifts: count - (known?.count ?? 0),
      diamonds: count * each - (known?.count ?? 0) * (known?.diamondsEach ?? 0),
    };
    add(sessions, sessionId, { sessionId, gifts: 0, diamonds: 0 }, more);
    if (firstAt === undefined || lastAt === undefined) continue;
    if (giftId !== undefined) add(gifts, `${giftId} ${sessionId}`, { sessionId, giftId, gifts: 0, diamonds: 0 }, more);
    if (viewerId === undefined) continue;
    const start = { sessionId, viewerId, gifts: 0, diamonds: 0, firstAt, lastAt };
    const gifter = add(gifters, `${viewerId} ${sessionId}`, start, more);
    gifter.firstAt = Math.min(gifter.firstAt, firstAt);
    gifter.lastAt = Math.max(gifter.lastAt, lastAt);
  }
  return { sessions, gifters: [...gifters.values()], gifts: [...gifts.values()] };
}

interface Gain {
  readonly gifts: number;
  readonly diamonds: number;
}

function add<T extends GiftGain>(gains: Map<string, T>, key: string, start: T, more: Gain): T {
  const gain = gains.get(key) ?? start;
  gain.gifts += more.gifts;
  gain.diamonds += more.diamonds;
  gains.set(key, gain);
  return gain;
}
