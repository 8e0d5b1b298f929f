import type { PageRequest } from './gift-history.port.js';
import type { Page } from './history.port.js';

/** An interval of a session without a healthy socket. Times are Date (UTC). */
export interface GapRow {
  /** Id of the `room.gap` event. */
  readonly id: string;
  /** Receipt of the last frame before it; after a crash the last checkpoint. */
  readonly from: Date;
  /** First frame of the new socket, or its tenth healthy second. */
  readonly to: Date;
  /** `to` − `from`, milliseconds. */
  readonly durationMs: number;
  /** What began it: a reason of the contract; `unknown` when the event does not say. */
  readonly reason: string;
}

/** Gaps; the read side of REST. */
export interface GapHistoryReader {
  /**
   * Oldest first. A session that was recorded before gaps were kept one by one, or too long ago, has none here and still
   * says how many there were.
   * @throws WATCHER_CURSOR_INVALID (final), and DatabaseError, retryable when the database is away
   */
  gaps(sessionId: string, page: PageRequest): Promise<Page<GapRow>>;
}

export const GAP_HISTORY_READER = Symbol('GapHistoryReader');
