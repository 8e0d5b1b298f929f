import type { GifterRow, PageRequest } from './gift-history.port.js';
import type { Page } from './history.port.js';

/** By what streamers can be compared. */
export const STREAMER_MEASURES = ['diamonds', 'gifts', 'likes', 'chats', 'shares', 'newFollowers', 'sessions'] as const;
export type StreamerMeasure = (typeof STREAMER_MEASURES)[number];

/** Sessions that were joined from `from` on and before `to`. */
export interface Period {
  readonly from: Date;
  readonly to: Date;
}

/** What one streamer had in all its sessions of a period. */
export interface StreamerStanding {
  /** The name of the newest of these sessions. */
  readonly uniqueId: string;
  readonly tiktokUserId?: string;
  readonly sessions: number;
  readonly diamonds: number;
  readonly gifts: number;
  readonly likes: number;
  readonly chats: number;
  readonly shares: number;
  readonly newFollowers: number;
  readonly peakViewers: number;
}

/** What one person gave in all sessions of a period. */
export interface GifterStanding extends GifterRow {
  readonly sessions: number;
}

/**
 * Who was first in a period; sums over its sessions, so a session counts whole by when it was joined. While sessions go on,
 * somebody who moves up between two pages may be missed by the second.
 * All throw WATCHER_CURSOR_INVALID (final), and DatabaseError, retryable when the database is away.
 */
export interface LeaderboardReader {
  /** The most of the measure first. */
  streamers(period: Period, by: StreamerMeasure, page: PageRequest): Promise<Page<StreamerStanding>>;
  /** Most diamonds first; of one streamer (a name, an earlier name, `id:<TikTok user id>`) or of all. */
  gifters(period: Period, streamer: string | undefined, page: PageRequest): Promise<Page<GifterStanding>>;
}

export const LEADERBOARD_READER = Symbol('LeaderboardReader');
