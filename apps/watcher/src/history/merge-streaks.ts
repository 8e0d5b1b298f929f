import type { StreakMaximum } from './fold-session.js';

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

/**
 * Totals are Σ highest count and Σ highest count × diamonds each over the streaks, whatever was repeated or came late:
 * so what a batch adds is the difference between the streaks' worth before and after. Pure.
 */
export function mergeStreaks(
  stored: readonly StoredStreak[],
  incoming: readonly StreakMaximum[],
): ReadonlyMap<string, GiftGain> {
  const before = new Map(stored.map((streak) => [`${streak.streak} ${streak.sessionId}`, streak]));
  const gains = new Map<string, GiftGain>();
  for (const streak of incoming) {
    const known = before.get(`${streak.streak} ${streak.sessionId}`);
    const count = Math.max(streak.count, known?.count ?? 0);
    const each = Math.max(streak.diamondsEach ?? 0, known?.diamondsEach ?? 0);
    const gain = gains.get(streak.sessionId) ?? { sessionId: streak.sessionId, gifts: 0, diamonds: 0 };
    gain.gifts += count - (known?.count ?? 0);
    gain.diamonds += count * each - (known?.count ?? 0) * (known?.diamondsEach ?? 0);
    gains.set(streak.sessionId, gain);
  }
  return gains;
}
