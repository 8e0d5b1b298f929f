import type { DecimalString, HttpsUrl, LocalizedText, OpenEnum, Timestamp, User, WireData } from './values.js';

export interface EmoteRef {
  readonly id: string;
  readonly imageUrl?: HttpsUrl;
}

export interface ChatEmote extends EmoteRef {
  /** Position in the comment, in UTF-16 code units. */
  readonly at: number;
}

export interface ChatData extends WireData {
  readonly user?: User;
  readonly comment: string;
  /** Language as TikTok detected it, for example `en`. */
  readonly language?: string;
  readonly emotes?: readonly ChatEmote[];
  /** Whom the comment answers. */
  readonly replyTo?: User;
  readonly mentions?: readonly User[];
}

export interface EmoteData extends WireData {
  readonly user?: User;
  readonly emotes: readonly EmoteRef[];
}

export interface QuestionNewData extends WireData {
  readonly user?: User;
  readonly question: { readonly id: DecimalString; readonly text: string; readonly createdAt?: Timestamp };
}

export interface LikeData extends WireData {
  readonly user?: User;
  /** Likes in this message, as sent. Their sum is not the total: TikTok sends a sample. */
  readonly count: number;
  /** Highest total seen in the session; never falls. */
  readonly total: number;
}

export interface MemberData extends WireData {
  readonly user?: User;
  readonly action: OpenEnum<'JOINED' | 'SUBSCRIBED'>;
  /** Viewers in the room at that moment, as TikTok counts them. */
  readonly memberCount: number;
  /** Who caused it, where it was not the viewer. */
  readonly operator?: User;
  /** How the viewer came, as TikTok's client names it. */
  readonly enterSource?: string;
  readonly enterType?: string;
  readonly text?: LocalizedText;
}

export interface FollowData extends WireData {
  readonly user?: User;
  /** Followers of the streamer after this one. */
  readonly followCount?: number;
  readonly text?: LocalizedText;
}

export interface ShareData extends WireData {
  readonly user?: User;
  readonly shareType?: DecimalString;
  readonly shareTarget?: string;
  readonly shareCount?: number;
  /** With how many friends it was shared, where TikTok says so. */
  readonly friends?: number;
  readonly text?: LocalizedText;
}

export interface SocialData extends WireData {
  readonly user?: User;
  readonly action: DecimalString;
  readonly shareType?: DecimalString;
  readonly shareTarget?: string;
  readonly followCount?: number;
  readonly shareCount?: number;
  readonly text?: LocalizedText;
}

/** A highlighted announcement; `superFan` and `superFanJoin` have the same shape. */
export interface BarrageData extends WireData {
  readonly user?: User;
  readonly kind: OpenEnum<
    | 'BARRAGE_TYPE_NORMAL'
    | 'BARRAGE_TYPE_SUBSCRIBE'
    | 'BARRAGE_TYPE_USER_UPGRADE'
    | 'BARRAGE_TYPE_GRADE_USER_ENTRANCE_NOTIFICATION'
    | 'BARRAGE_TYPE_FANS_LEVEL_UPGRADE'
    | 'BARRAGE_TYPE_FANS_LEVEL_ENTRANCE'
    | 'BARRAGE_TYPE_COMMON_BARRAGE'
  >;
  readonly content?: LocalizedText;
  readonly commonContent?: LocalizedText;
  readonly iconUrl?: HttpsUrl;
  readonly durationMs?: number;
  /** New level, where the announcement is about one. */
  readonly level?: number;
  readonly scene?: string;
  readonly subType?: string;
}

export interface SubNotifyData extends WireData {
  readonly user?: User;
  /** Months of the subscription so far. */
  readonly months: number;
  readonly subscribeType: OpenEnum<'SUBSCRIBETYPE_ONCE' | 'SUBSCRIBETYPE_AUTO' | 'SUBSCRIBETYPE_DEFAULT'>;
  readonly previous: OpenEnum<'OLD_SUBSCRIBE_STATUS_FIRST' | 'OLD_SUBSCRIBE_STATUS_RESUB'>;
  readonly messageType: OpenEnum<'MESSAGE_TYPE_SUB_SUCCESS' | 'MESSAGE_TYPE_ANCHOR_REMINDER'>;
  readonly status?: OpenEnum<'SUBSCRIBING_STATUS_ONCE' | 'SUBSCRIBING_STATUS_CIRCLE'>;
  readonly giftSource?: OpenEnum<'GIFT_SOURCE_PLATFORM' | 'GIFT_SOURCE_USER_BUY_RANDOM'>;
  readonly packageId?: string;
}
