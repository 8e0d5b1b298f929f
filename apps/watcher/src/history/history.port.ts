/** Live sessions and room snapshots as rows; the read side of REST. Times are Date (UTC). */
export interface SessionRow {
  readonly id: string;
  readonly roomId: string;
  readonly uniqueId: string;
  readonly tiktokUserId?: string;
  readonly title?: string;
  /** When TikTok says that the stream began. */
  readonly startedAt?: Date;
  readonly joinedAt: Date;
  readonly endedAt?: Date;
  readonly endReason?: string;
  /** When watching stopped while the live went on; absent when it was taken up again. */
  readonly leftAt?: Date;
  readonly peakViewers: number;
  /** Mean of the viewer counts stated, to one decimal; absent when none was. */
  readonly averageViewers?: number;
  /** Everyone who came since the start, as TikTok counts; absent when not stated. */
  readonly totalViewers?: number;
  /** Different people who joined, wrote, liked, followed, shared or gave. */
  readonly uniqueViewers: number;
  readonly uniqueChatters: number;
  readonly uniqueGifters: number;
  /** Different people who followed the streamer during the session. */
  readonly newFollowers: number;
  /** Followers of the streamer as first stated in the session, which is after its first follow; absent when not stated. */
  readonly followersFirst?: number;
  /** Followers of the streamer as last stated in the session. */
  readonly followersLast?: number;
  readonly likes: number;
  readonly chats: number;
  readonly joins: number;
  readonly follows: number;
  readonly shares: number;
  readonly gifts: number;
  readonly diamonds: number;
  readonly gaps: number;
  readonly gapMs: number;
  /** Wire events of the session, all types. */
  readonly events: number;
  readonly updatedAt: Date;
}

/** One interval of a session in which something came; long ago: 5 minutes. Counts are of that interval alone: their sums are the session's. */
export interface SnapshotRow {
  readonly sessionId: string;
  /** Start of the interval, by receipt of the events. */
  readonly at: Date;
  /** Last viewer count stated in the interval. */
  readonly viewers?: number;
  /** Last follower count of the streamer stated in the interval. */
  readonly followers?: number;
  /** Highest like total stated up to the end of the interval: a total of the session. */
  readonly likes: number;
  readonly chats: number;
  readonly joins: number;
  readonly follows: number;
  readonly shares: number;
  readonly gifts: number;
  readonly diamonds: number;
  readonly events: number;
  /** True for the interval in which the session ended. */
  readonly final: boolean;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

/** By what sessions can be put in order, the most or the newest first. */
export const SESSION_ORDERS = [
  'joinedAt',
  'diamonds',
  'gifts',
  'likes',
  'chats',
  'peakViewers',
  'uniqueViewers',
] as const;
export type SessionOrder = (typeof SESSION_ORDERS)[number];

export interface SessionQuery {
  readonly limit: number;
  readonly cursor?: string;
  /** Joined from this time on. */
  readonly from?: Date;
  /** Joined before this time. */
  readonly to?: Date;
  /** True: only those that have not ended; false: only those that have. */
  readonly live?: boolean;
  /** By default `joinedAt`. */
  readonly sort?: SessionOrder;
}

export interface SnapshotQuery {
  readonly limit: number;
  readonly cursor?: string;
  /** Snapshots at or after this time. */
  readonly from?: Date;
  /** Snapshots before this time. */
  readonly to?: Date;
  /** Puts all snapshots of an interval of so many seconds into one; absent: as they are kept. */
  readonly resolutionSeconds?: number;
}

/** Throws WATCHER_CURSOR_INVALID (final), and DatabaseError, retryable when the database is away. */
export interface HistoryReader {
  /** Sessions of all streamers. */
  sessions(query: SessionQuery): Promise<Page<SessionRow>>;
  /** Of one streamer: a name, an earlier name or `id:<TikTok user id>`; also of a removed streamer. */
  sessionsOf(uniqueId: string, query: SessionQuery): Promise<Page<SessionRow>>;
  session(id: string): Promise<SessionRow | undefined>;
  /** Oldest first; of snapshots that are too old the 5-minute means. */
  snapshots(sessionId: string, query: SnapshotQuery): Promise<Page<SnapshotRow>>;
}

/** An event as the fold needs it, from the journal or from a topic. */
export interface FoldInput {
  readonly type: string;
  readonly source: string;
  readonly id: string;
  readonly value: Buffer;
}

export interface FoldPosition {
  /** `journal:<journal id>` or `<topic>:<partition>`. */
  readonly stream: string;
  /** Offset to go on from after this batch. */
  readonly next: string;
}

/**
 * Turns events into rows. Rows and positions change in one transaction; repeats by (`source`, `id`) are removed and the
 * folds commute, so order between streams does not matter.
 */
export interface HistoryFold {
  /** Stored position of each stream that starts with the given prefix. */
  positions(prefix: string): Promise<ReadonlyMap<string, string>>;
  /** @throws when the database is away (retryable: apply the same batch again). */
  apply(events: readonly FoldInput[], positions: readonly FoldPosition[]): Promise<void>;
}

export interface MaintenanceReport {
  /** False when another replica was doing the same work. */
  readonly done: boolean;
  /** False when there is more to remove: run it again soon. */
  readonly complete: boolean;
  readonly partitionsMade: number;
  readonly partitionsDropped: number;
  readonly rowsPruned: number;
}

/** Makes partitions ahead of time and removes what is too old. Call it at start and once a day. */
export interface HistoryMaintenance {
  /** @throws when the database is away (retryable). Running it twice, or on two replicas at once, does no harm. */
  run(now: Date): Promise<MaintenanceReport>;
}

export const HISTORY_MAINTENANCE = Symbol('HistoryMaintenance');
export const HISTORY_READER = Symbol('HistoryReader');
export const HISTORY_FOLD = Symbol('HistoryFold');
