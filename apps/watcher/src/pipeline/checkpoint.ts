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

/** An interval without a healthy socket. Times in ms since the epoch. */
export interface CarriedGap {
  readonly from: number;
  readonly fromExact: boolean;
  readonly reason: string;
  readonly lastIdBefore?: string;
  /** Absent while there is no healthy socket. */
  readonly to?: number;
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
  /** The session was left by `live.left` while its stream went on: watched again, the same session goes on. */
  readonly left?: true;
  readonly startedAt?: number;
  /** TikTok user id of the streamer, where it is known. */
  readonly streamerId?: string;
  /**
   * Receipt of the last admitted frame, or a later time at which the room was joined or a gap ended without a frame; ms
   * since the epoch, 0 when there was nothing of these.
   */
  readonly lastFrameAt: number;
  readonly lastId?: string;
  /** Highest like total seen in the session. */
  readonly likeTotal: number;
  readonly streaks: readonly OpenStreak[];
  /** Newest last; at most 200. */
  readonly recentIds: readonly string[];
  /** An interval without a healthy socket that is open, or over and not yet published. */
  readonly gap?: CarriedGap;
  /** Owner's epoch and number of the last event that this checkpoint knows of; what is later is not in it. */
  readonly epoch?: number;
  readonly sequence?: number;
  /** Nothing was admitted after this checkpoint: it was taken at a planned release. */
  readonly clean?: true;
  /** Taken when the next owner had a socket open already, and before the writer gave its own up: nothing is missing between them. */
  readonly handedOver?: true;
  /** Which replica wrote it: tells a restart from a fail-over. */
  readonly replicaId?: string;
}
