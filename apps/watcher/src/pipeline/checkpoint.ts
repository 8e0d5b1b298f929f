/** An open gift streak, as it is carried over restarts and moves. */
export interface OpenStreak {
  readonly id: string;
  /** Highest repeat count seen. */
  readonly count: number;
  readonly diamondsEach?: number;
  /** The finished `user`, `to` and `gift` parts of the event data, kept for `gift.completed`. */
  readonly user?: unknown;
  readonly to?: unknown;
  readonly gift?: unknown;
  /** Receipt of the newest frame of the streak, ms since the epoch. */
  readonly lastAt: number;
  /** True once `gift.completed` was published. */
  readonly completed: boolean;
}

/**
 * What a room's pipeline needs to go on elsewhere or after a restart. JSON-safe, bounded (a few hundred KB at most).
 * Written with the lease every 5 seconds and at release.
 */
export interface PipelineCheckpoint {
  readonly version: 1;
  readonly roomId: string;
  readonly sessionId: string;
  /** How many times this room id has been live, counting from 1. */
  readonly occurrence: number;
  /** True after `live.started` was published, false again after `live.ended`. */
  readonly joined: boolean;
  readonly startedAt?: number;
  /** Receipt of the last admitted frame, before the first one the time of joining, ms since the epoch; 0 before that. */
  readonly lastFrameAt: number;
  readonly lastId?: string;
  /** Highest like total seen in the session. */
  readonly likeTotal: number;
  readonly streaks: readonly OpenStreak[];
  /** Newest last; at most 200. */
  readonly recentIds: readonly string[];
  /** An interval without a healthy socket that is still open. */
  readonly gapReason?: string;
  /** Nothing was admitted after this checkpoint: it was taken at a planned release. */
  readonly clean?: true;
}
