import type { Random } from '../common/random.js';
import type { Streamer } from '../world/streamer.js';
import type { UserBody } from './draft.js';
import type { Viewers } from './viewers.js';

/** A gift streak that is going on. */
export interface OpenStreak {
  readonly user: UserBody;
  readonly gift: number;
  readonly groupId: string;
  count: number;
  /** Gifts still to come. */
  left: number;
  /** Whether its end will be told. */
  readonly ends: boolean;
}

export interface OpenPoll {
  readonly pollId: string;
  readonly options: { text: string; votes: number }[];
  left: number;
}

export interface OpenBattle {
  readonly battleId: string;
  readonly channelId: string;
  readonly rival: UserBody;
  readonly startedAt: number;
  own: number;
  other: number;
  left: number;
}

/** Chat that can be pinned or deleted. */
export interface RecentChat {
  readonly msgId: string;
  readonly comment: string;
  readonly user: UserBody;
}

const MAX_STREAKS = 20;

/** What a room remembers from message to message. */
export class RoomState {
  readonly host: UserBody;
  viewers: number;
  totalUser: number;
  /** The two counters that like totals come from; the second lags behind, so totals run backwards now and then. */
  likes: number;
  likesLagging: number;
  follows: number;
  goal = 0;
  sentence = 0;
  /** Which of the rare methods comes next. */
  rareTurn: number;
  readonly streaks: OpenStreak[] = [];
  poll: OpenPoll | undefined;
  battle: OpenBattle | undefined;
  /** The last chat that was made, before it has its id. */
  pendingChat: Omit<RecentChat, 'msgId'> | undefined;
  recentChat: RecentChat | undefined;

  constructor(
    readonly roomId: string,
    readonly streamer: Streamer,
    readonly random: Random,
    readonly viewersPool: Viewers,
  ) {
    this.viewers = Math.max(1, Math.round(streamer.rate * (4 + random.next() * 8)));
    this.totalUser = this.viewers * 2;
    this.likes = random.int(0, 2000);
    this.likesLagging = this.likes;
    this.follows = streamer.followers;
    this.rareTurn = random.int(0, 1000);
    this.host = {
      userId: streamer.userId,
      nickname: streamer.nickname,
      uniqueId: streamer.uniqueId,
      secUid: streamer.secUid,
      profilePicture: { url: [streamer.avatarUrl] },
      verified: streamer.verified,
    };
  }

  viewer(): UserBody {
    return this.viewersPool.pick(this.random);
  }

  /** A 19-digit id of something in the room. */
  id(): string {
    return `7${this.random.digits(18)}`;
  }

  openStreak(streak: OpenStreak): void {
    this.streaks.push(streak);
    // The oldest ends unseen: a streak whose end nobody is told.
    if (this.streaks.length > MAX_STREAKS) this.streaks.shift();
  }
}
