import type { DecimalString, HttpsUrl, Integer, LocalizedText, OpenEnum, Timestamp, User, WireData } from './values.js';
import type { GiftRef } from './gifts.js';

/** One of the viewers who gave most. */
export interface TopGifter {
  /** Who; absent when TikTok hides the person. */
  readonly user?: User;
  /** Position in the list, 1 is the first. */
  readonly rank: Integer;
  /** Diamonds given in this stream. */
  readonly diamonds: Integer;
}

/** How many people watch. */
export interface RoomUserData extends WireData {
  /** Viewers now. */
  readonly viewers: Integer;
  /** Everyone who came since the start. */
  readonly totalViewers?: Integer;
  /** TikTok's figure of popularity, without a unit. */
  readonly popularity?: Integer;
  /** Viewers without an account. */
  readonly anonymous?: Integer;
  /** The top gifters, in TikTok's order. */
  readonly topGifters: readonly TopGifter[];
}

/** A sentence in one language. */
export interface Caption {
  /** Language of the text, for example `en`. */
  readonly language: string;
  /** The sentence so far. */
  readonly text: string;
}

/** What was said, as TikTok understood it. */
export interface CaptionMessageData extends WireData {
  /** The sentence in each language. */
  readonly captions: readonly Caption[];
  /** When the sentence began, by TikTok's clock. */
  readonly startedAt?: Timestamp;
  /** How long the sentence is, milliseconds. */
  readonly durationMs?: Integer;
  /** TikTok's number of the sentence. */
  readonly sentenceId?: DecimalString;
  /** TikTok's number of this version of the sentence. */
  readonly sequenceId?: DecimalString;
  /** The sentence will not change any more. */
  readonly final: boolean;
}

/** A part of a goal. */
export interface GoalStep {
  /** Id of the step; for a step of gifts the id of the gift. `"0"` when not sent. */
  readonly id: DecimalString;
  /** Kind of step, TikTok's number. */
  readonly type: Integer;
  /** Reached so far, in what the step counts (gifts, subscribers, …). */
  readonly progress: Integer;
  /** To be reached, in what the step counts. */
  readonly target: Integer;
  /** The gift that the step counts. */
  readonly gift?: GiftRef;
}

/** A goal of the stream. */
export interface Goal {
  /** TikTok's id of the goal; `"0"` when not sent. */
  readonly id: DecimalString;
  /** Kind of goal, TikTok's number. */
  readonly type: Integer;
  /** State of the goal, TikTok's number. */
  readonly status: Integer;
  /** What the streamer wrote about it. */
  readonly description?: string;
  /** When it began. */
  readonly startedAt?: Timestamp;
  /** When it ends. */
  readonly expiresAt?: Timestamp;
  /** Its parts. */
  readonly steps: readonly GoalStep[];
}

/** Progress of a goal. */
export interface GoalUpdateData extends WireData {
  /** The goal as it is now. */
  readonly goal?: Goal;
  /** Who moved it. */
  readonly contributor?: User;
  /** How much this contribution counts, in what the goal counts. */
  readonly contributeCount: Integer;
  /** Points of this contribution. */
  readonly contributeScore: Integer;
  /** How often the gift was repeated in its streak, where a gift moved the goal. */
  readonly giftRepeatCount?: Integer;
  /** Why the message was sent. */
  readonly updateSource?: OpenEnum<'GOAL_MESSAGE_SOURCE_COMMIT' | 'GOAL_MESSAGE_SOURCE_PROGRESS_UPDATE'>;
  /** The goal was pinned (true) or unpinned (false). */
  readonly pinned?: boolean;
}

/** A choice of a poll. */
export interface PollOption {
  /** Position of the choice, as sent. */
  readonly index: Integer;
  /** What it says. */
  readonly text: string;
  /** Votes for it so far. */
  readonly votes: Integer;
}

/** A poll. */
export interface PollMessageData extends WireData {
  /** TikTok's id of the poll; `"0"` when not sent. */
  readonly pollId: DecimalString;
  /** Kind of poll. */
  readonly kind: OpenEnum<'POLL_KIND_NORMAL' | 'POLL_KIND_GIFT' | 'POLL_KIND_CUSTOMIZABLE'>;
  /** Where the poll stands. */
  readonly phase: OpenEnum<'start' | 'update' | 'end' | 'other'>;
  /** The question. */
  readonly title?: string;
  /** When it began. */
  readonly startsAt?: Timestamp;
  /** When it ends. */
  readonly endsAt?: Timestamp;
  /** The choices, in TikTok's order. */
  readonly options: readonly PollOption[];
  /** Who began or ended it. */
  readonly operator?: User;
}

/** A message was pinned or unpinned. */
export interface RoomPinData extends WireData {
  /** TikTok's id of the pin. */
  readonly pinId?: DecimalString;
  /** Pinned or unpinned. */
  readonly action: OpenEnum<'PIN' | 'PIN_CANCEL'>;
  /** Wire method of the pinned message. */
  readonly method?: string;
  /** When it was pinned. */
  readonly pinnedAt?: Timestamp;
  /** How long it stays, seconds. */
  readonly displaySeconds?: Integer;
  /** Who pinned it. */
  readonly operator?: User;
  /** Who wrote or did what is pinned. */
  readonly author?: User;
  /** Id of the event that is pinned. */
  readonly messageId?: DecimalString;
  /** The comment, where a comment is pinned. */
  readonly comment?: string;
  /** The gift, where a gift is pinned. */
  readonly gift?: GiftRef;
}

/** The streamer's place on one list. */
export interface RankChange {
  /** Which list. */
  readonly rankType: OpenEnum<'PROFIT_RANK_TYPE_TYPE_HOURLY_RANK' | 'PROFIT_RANK_TYPE_TYPE_WEEKLY_RANK'>;
  /** The streamer's position, 1 is the first, 0 when not on the list. */
  readonly rank: Integer;
  /** The streamer's points. */
  readonly score?: Integer;
  /** Until the list starts anew, seconds. */
  readonly countdownSeconds?: Integer;
  /** What TikTok shows. */
  readonly text?: LocalizedText;
}

/** Places of the streamer. */
export interface RankUpdateData extends WireData {
  /** One entry for each list. */
  readonly updates: readonly RankChange[];
  /** Which group of lists. */
  readonly group?: OpenEnum<'GIFT' | 'E_COMMERCE' | 'ENTRANCE_GROUP_TYPE_GAME'>;
}

/** A change of somebody's place, in words. */
export interface RankTextData extends WireData {
  /** On which occasion. */
  readonly scene: OpenEnum<'RANK_TEST_MESSAGE_SCENE_ONLINE_AUDIENCE_TOP_N_UPDATE_PUBLIC_SCREEN'>;
  /** Position before, 1 is the first. */
  readonly before: Integer;
  /** Position after, 1 is the first. */
  readonly after: Integer;
  /** TikTok user id of whose position changed. */
  readonly userId?: DecimalString;
  /** Which list. */
  readonly rankType?: OpenEnum<'PROFIT_RANK_TYPE_TYPE_HOURLY_RANK' | 'PROFIT_RANK_TYPE_TYPE_WEEKLY_RANK'>;
  /** What TikTok shows. */
  readonly content?: LocalizedText;
  /** What TikTok shows to the person. */
  readonly selfText?: LocalizedText;
  /** What TikTok shows to everybody else. */
  readonly othersText?: LocalizedText;
  /** Picture beside the text. */
  readonly iconUrl?: HttpsUrl;
}

/** A campaign that is shown as a banner. */
export interface RoomBanner {
  /** TikTok's name of the campaign, for example `op_component-open-2-7229923605669252192`. */
  readonly activity: string;
  /** When the campaign begins. */
  readonly startsAt?: Timestamp;
  /** When the campaign ends. */
  readonly endsAt?: Timestamp;
  /** The banner stays until then. */
  readonly shownUntil?: Timestamp;
}

/** Of the text for the app's scripts only the campaigns: the rest is about people (names, ranks, audience groups). */
export interface InRoomBannerData extends WireData {
  /** The campaigns. */
  readonly banners: readonly RoomBanner[];
  /** Place on the screen, TikTok's number. */
  readonly position?: Integer;
  /** What a tap does, TikTok's number. */
  readonly actionType?: Integer;
  /** What TikTok shows. */
  readonly text?: LocalizedText;
}

/** Messages were deleted. */
export interface ImDeleteData extends WireData {
  /** Ids of the deleted messages: the `id` of their events. */
  readonly messageIds: readonly DecimalString[];
  /** TikTok user ids of those of whom every message is deleted. */
  readonly userIds: readonly DecimalString[];
}
