/** What a batch of events adds to a session. Everything is a sum, a maximum, a minimum or comes from one event only. */
export interface SessionDelta {
  readonly id: string;
  readonly roomId: string;
  uniqueId: string;
  tiktokUserId?: string;
  title?: string;
  startedAt?: number;
  /** Minimum. */
  joinedAt: number;
  /** Maximum. */
  lastEventAt: number;
  /** Maximum. */
  leftAt?: number;
  endedAt?: number;
  endReason?: string;
  /** Maximum. */
  peakViewers: number;
  /** Maximum. */
  likes: number;
  chats: number;
  joins: number;
  follows: number;
  shares: number;
  gaps: number;
  gapMs: number;
  events: number;
  /** Sum and number of the viewer counts stated. */
  viewersSum: number;
  viewersStated: number;
  /** Maximum. */
  totalViewers: number;
  /** Followers of the streamer as stated by the first and the last event that did (`EventFacts.order`). */
  followersFirst?: StatedFigure;
  followersLast?: StatedFigure;
}

/** A figure, and the place in the order of the event that stated it. */
export interface StatedFigure {
  readonly value: number;
  readonly order: string;
}

/** What a batch adds to one interval of a session. */
export interface SnapshotDelta {
  readonly sessionId: string;
  /** Start of the interval, ms since the epoch. */
  readonly at: number;
  viewers?: number;
  /** Place in the order of the event that stated `viewers`: the last wins. */
  viewersOrder: string;
  /** Maximum. */
  likes: number;
  chats: number;
  joins: number;
  follows: number;
  shares: number;
  gifts: number;
  diamonds: number;
  events: number;
  final: boolean;
  /** Followers of the streamer: the last one stated. */
  followers?: StatedFigure;
}

/** An interval of a session without a healthy socket: one event, one row. */
export interface SessionGap {
  readonly sessionId: string;
  /** Id of the event. */
  readonly id: string;
  /** ms since the epoch; `to` is never before `from`. */
  readonly from: number;
  readonly to: number;
  readonly reason: string;
}

/** The highest count of one gift streak. */
export interface StreakMaximum {
  readonly sessionId: string;
  /** Hash of session and streak id. */
  readonly streak: string;
  count: number;
  diamondsEach?: number;
  /** Who gave what: the same in all events of a streak. Absent when the event does not name them. */
  readonly viewerId?: string;
  readonly giftId?: string;
  /** Receipt of the batch's first and last event of the streak that counts something; absent when none does. */
  firstAt?: number;
  lastAt?: number;
}

/** A description of a gift, as an event had it. */
export interface SeenGift {
  readonly id: string;
  readonly name?: string;
  readonly diamondsEach?: number;
  readonly imageUrl?: string;
  readonly seenAt: number;
}

/** What somebody did in a session: bits of {@link DID}. */
export interface SessionViewer {
  readonly sessionId: string;
  readonly viewerId: string;
  did: number;
}

/** Names of a person, as an event had them. The newest of each counts. */
export interface SeenViewer {
  readonly id: string;
  readonly uniqueId?: SeenName;
  readonly nickname?: SeenName;
}

export interface SeenName {
  readonly name: string;
  /** Receipt of the event, ms since the epoch. */
  readonly seenAt: number;
}

/** What a batch says of a battle. */
export interface BattleDelta {
  readonly sessionId: string;
  readonly battleId: string;
  /** Maximum as text: it does not change in a battle. */
  type?: string | undefined;
  /** Minimum. */
  startedAt?: number;
  /** Maximum. */
  endsAt?: number;
  /** Maximum. */
  durationSeconds?: number;
  /** Minimum. */
  firstSeenAt: number;
  /** Maximum. */
  lastSeenAt: number;
  /** Minimum. */
  endedAt?: number;
  cutShort: boolean;
}

/** One side of a battle. */
export interface BattleSideKey {
  readonly sessionId: string;
  readonly battleId: string;
  readonly kind: 'host' | 'team';
  /** User id of the host, or id of the team. */
  readonly sideId: string;
}

export interface BattleSideDelta extends BattleSideKey {
  /** Maximum: it does not change in a battle. */
  teamId?: string;
  /** Maximum. */
  score: number;
  /** Maximum. */
  finalScore?: number;
  /** Maximum as text: TikTok states one result. */
  result?: string | undefined;
}

/** Points of a side in one interval. */
export interface BattleScorePoint extends BattleSideKey {
  /** Start of the interval, ms since the epoch. */
  readonly at: number;
  /** Maximum. */
  score: number;
}

export interface BattleContributor extends BattleSideKey {
  readonly viewerId: string;
  /** Maximum. */
  score: number;
}

export interface FoldedBattles {
  readonly battles: readonly BattleDelta[];
  readonly sides: readonly BattleSideDelta[];
  readonly scores: readonly BattleScorePoint[];
  readonly contributors: readonly BattleContributor[];
}

export interface FoldedBatch {
  readonly sessions: readonly SessionDelta[];
  readonly snapshots: readonly SnapshotDelta[];
  readonly gaps: readonly SessionGap[];
  readonly streaks: readonly StreakMaximum[];
  readonly gifts: readonly SeenGift[];
  readonly viewers: readonly SessionViewer[];
  readonly names: readonly SeenViewer[];
  readonly battles: FoldedBattles;
}
