import type { Page } from './history.port.js';

/** A person as history names them: the names are those seen last, absent when never seen. */
export interface PersonRow {
  /** TikTok user id. */
  readonly id: string;
  readonly uniqueId?: string;
  readonly nickname?: string;
}

/** What one person gave. */
export interface GifterRow {
  readonly viewer: PersonRow;
  /** Gift items. */
  readonly gifts: number;
  readonly diamonds: number;
  /** Receipt of the first and the last gift (UTC). */
  readonly firstAt: Date;
  readonly lastAt: Date;
}

/** What one person gave to a streamer in all sessions. */
export interface StreamerGifterRow extends GifterRow {
  /** In how many sessions. */
  readonly sessions: number;
}

/** How many of one gift were given. */
export interface GivenGiftRow {
  /** As the catalogue has it. */
  readonly gift: {
    readonly id: string;
    readonly name?: string;
    readonly diamondsEach?: number;
    readonly imageUrl?: string;
  };
  readonly count: number;
  readonly diamonds: number;
}

export interface PageRequest {
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

/**
 * Who gave what; the read side of REST. Lists begin with the most diamonds; while gifts come in, somebody who moves up
 * between two pages may be missed by the second.
 * All throw WATCHER_CURSOR_INVALID (final), and DatabaseError, retryable when the database is away.
 */
export interface GiftHistoryReader {
  gifters(sessionId: string, page: PageRequest): Promise<Page<GifterRow>>;
  gifts(sessionId: string, page: PageRequest): Promise<Page<GivenGiftRow>>;
  /** Over all sessions of a streamer. A name, an earlier name or `id:<TikTok user id>`; also of a removed streamer. */
  giftersOf(uniqueId: string, page: PageRequest): Promise<Page<StreamerGifterRow>>;
}

export const GIFT_HISTORY_READER = Symbol('GiftHistoryReader');
