import type { PageRequest, PersonRow } from './gift-history.port.js';
import type { Page } from './history.port.js';

/** A battle of a session. Times are Date (UTC). */
export interface BattleRow {
  /** TikTok's id, the same in all rooms that take part. */
  readonly id: string;
  /** Kind of battle, TikTok's name. */
  readonly type?: string;
  /** When it began and was to end, as TikTok says. */
  readonly startedAt?: Date;
  readonly endsAt?: Date;
  readonly durationSeconds?: number;
  /** Receipt of its first event. */
  readonly firstSeenAt: Date;
  /** Receipt of the first event that says that it is over; absent when none was seen. */
  readonly endedAt?: Date;
  readonly cutShort: boolean;
  readonly sides: readonly BattleSideRow[];
}

export interface BattleSideRow {
  readonly kind: 'host' | 'team';
  /** User id of the host, or TikTok's id of the team. */
  readonly id: string;
  /** Names of the host. */
  readonly uniqueId?: string;
  readonly nickname?: string;
  /** Of a host in a battle of teams. */
  readonly teamId?: string;
  /** Points in the result, else the highest stated. */
  readonly score: number;
  /** TikTok's result. */
  readonly result?: string;
  /** By the result, else alone the most points; absent until the battle is over. */
  readonly won?: boolean;
  /** The highest points stated in each interval of 5 s in which some were, oldest first. */
  readonly scores: readonly { readonly at: Date; readonly score: number }[];
  /** Supporters that TikTok named, most points first; at most {@link MAX_SHOWN_CONTRIBUTORS}. */
  readonly contributors: readonly { readonly viewer: PersonRow; readonly score: number }[];
}

export const MAX_SHOWN_CONTRIBUTORS = 20;

/** Battles; the read side of REST. */
export interface BattleHistoryReader {
  /**
   * Oldest first.
   * @throws WATCHER_CURSOR_INVALID (final), and DatabaseError, retryable when the database is away
   */
  battles(sessionId: string, page: PageRequest): Promise<Page<BattleRow>>;
}

export const BATTLE_HISTORY_READER = Symbol('BattleHistoryReader');
