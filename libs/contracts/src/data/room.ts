import type { DecimalString, HttpsUrl, LocalizedText, OpenEnum, Timestamp, User, WireData } from './values.js';
import type { GiftRef } from './gifts.js';

export interface TopGifter {
  readonly user?: User;
  /** 1 is the first. */
  readonly rank: number;
  readonly diamonds: number;
}

export interface RoomUserData extends WireData {
  /** Viewers now. */
  readonly viewers: number;
  /** Everyone who came since the start. */
  readonly totalViewers?: number;
  readonly popularity?: number;
  /** Viewers without an account. */
  readonly anonymous?: number;
  readonly topGifters: readonly TopGifter[];
}

export interface Caption {
  readonly language: string;
  readonly text: string;
}

export interface CaptionMessageData extends WireData {
  readonly captions: readonly Caption[];
  /** Start of the sentence, milliseconds, on TikTok's clock. */
  readonly timestampMs?: DecimalString;
  readonly durationMs?: number;
  readonly sentenceId?: DecimalString;
  readonly sequenceId?: DecimalString;
  /** The sentence will not change any more. */
  readonly final: boolean;
}

export interface GoalStep {
  readonly id: DecimalString;
  readonly type: number;
  readonly progress: number;
  readonly target: number;
  readonly gift?: GiftRef;
}

export interface GoalUpdateData extends WireData {
  readonly goal?: {
    readonly id: DecimalString;
    readonly type: number;
    readonly status: number;
    readonly description?: string;
    readonly startedAt?: Timestamp;
    readonly expiresAt?: Timestamp;
    readonly steps: readonly GoalStep[];
  };
  readonly contributor?: User;
  readonly contributeCount: number;
  readonly contributeScore: number;
  readonly giftRepeatCount?: number;
  readonly updateSource?: OpenEnum<'GOAL_MESSAGE_SOURCE_COMMIT' | 'GOAL_MESSAGE_SOURCE_PROGRESS_UPDATE'>;
  readonly pinned?: boolean;
}

export interface PollOption {
  readonly index: number;
  readonly text: string;
  readonly votes: number;
}

export interface PollMessageData extends WireData {
  readonly pollId: DecimalString;
  readonly kind: OpenEnum<'POLL_KIND_NORMAL' | 'POLL_KIND_GIFT' | 'POLL_KIND_CUSTOMIZABLE'>;
  readonly phase: OpenEnum<'start' | 'update' | 'end' | 'other'>;
  readonly title?: string;
  readonly startsAt?: Timestamp;
  readonly endsAt?: Timestamp;
  readonly timeRemain?: number;
  readonly options: readonly PollOption[];
  readonly operator?: User;
}

export interface RoomPinData extends WireData {
  readonly pinId?: DecimalString;
  readonly action: OpenEnum<'PIN' | 'PIN_CANCEL'>;
  /** Wire method of the pinned message. */
  readonly method?: string;
  readonly pinnedAt?: Timestamp;
  /** Seconds. */
  readonly displaySeconds?: number;
  readonly operator?: User;
  /** Who wrote or did what is pinned. */
  readonly author?: User;
  /** Id of the event that is pinned. */
  readonly messageId?: DecimalString;
  /** The comment, where a comment is pinned. */
  readonly comment?: string;
  readonly gift?: GiftRef;
}

export interface RankChange {
  readonly rankType: OpenEnum<'PROFIT_RANK_TYPE_TYPE_HOURLY_RANK' | 'PROFIT_RANK_TYPE_TYPE_WEEKLY_RANK'>;
  /** The streamer's position, 0 when not on the list. */
  readonly rank: number;
  readonly score?: DecimalString;
  readonly countdownSeconds?: number;
  readonly text?: LocalizedText;
}

export interface RankUpdateData extends WireData {
  readonly updates: readonly RankChange[];
  readonly group?: OpenEnum<'GIFT' | 'E_COMMERCE' | 'ENTRANCE_GROUP_TYPE_GAME'>;
}

export interface RankTextData extends WireData {
  readonly scene: OpenEnum<'RANK_TEST_MESSAGE_SCENE_ONLINE_AUDIENCE_TOP_N_UPDATE_PUBLIC_SCREEN'>;
  readonly before: number;
  readonly after: number;
  readonly userId?: DecimalString;
  readonly rankType?: OpenEnum<'PROFIT_RANK_TYPE_TYPE_HOURLY_RANK' | 'PROFIT_RANK_TYPE_TYPE_WEEKLY_RANK'>;
  readonly content?: LocalizedText;
  readonly selfText?: LocalizedText;
  readonly othersText?: LocalizedText;
  readonly iconUrl?: HttpsUrl;
}

/** A campaign that is shown as a banner. */
export interface RoomBanner {
  /** TikTok's name of the campaign, for example `op_component-open-2-7229923605669252192`. */
  readonly activity: string;
  readonly startsAt?: Timestamp;
  readonly endsAt?: Timestamp;
  /** The banner stays until then. */
  readonly shownUntil?: Timestamp;
}

/** Of the text for the app's scripts only the campaigns: the rest is about people (names, ranks, audience groups). */
export interface InRoomBannerData extends WireData {
  readonly banners: readonly RoomBanner[];
  readonly position?: number;
  readonly actionType?: number;
  readonly text?: LocalizedText;
}

export interface ImDeleteData extends WireData {
  /** Ids of the deleted messages: the `id` of their events. */
  readonly messageIds: readonly DecimalString[];
  /** Users of whom every message is deleted. */
  readonly userIds: readonly DecimalString[];
}
