import type {
  Count,
  DecimalString,
  HttpsUrl,
  Integer,
  LocalizedText,
  OpenEnum,
  Timestamp,
  User,
  WireData,
} from './values.js';

/** A picture that stands for a feeling. */
export interface EmoteRef {
  /** TikTok's id of the emote. */
  readonly id: string;
  /** The picture. */
  readonly imageUrl?: HttpsUrl;
}

/** An emote within a comment. */
export interface ChatEmote extends EmoteRef {
  /** Position in the comment, UTF-16 code units from 0. */
  readonly at: Integer;
}

/** A comment. */
export interface ChatData extends WireData {
  /** Who wrote it. */
  readonly user?: User;
  /** What was written. */
  readonly comment: string;
  /** Language as TikTok detected it, for example `en`. */
  readonly language?: string;
  /** Emotes within the comment. */
  readonly emotes?: readonly ChatEmote[];
  /** Whom the comment answers. */
  readonly replyTo?: User;
  /** Whom the comment names. */
  readonly mentions?: readonly User[];
}

/** Emotes without a comment. */
export interface EmoteData extends WireData {
  /** Who sent them. */
  readonly user?: User;
  /** The emotes. */
  readonly emotes: readonly EmoteRef[];
}

/** What was asked. */
export interface Question {
  /** TikTok's id of the question; `"0"` when not sent. */
  readonly id: DecimalString;
  /** The question. */
  readonly text: string;
  /** When it was asked. */
  readonly createdAt?: Timestamp;
}

/** A question to the streamer. */
export interface QuestionNewData extends WireData {
  /** Who asked. */
  readonly user?: User;
  /** The question. */
  readonly question: Question;
}

/** Taps on the heart. */
export interface LikeData extends WireData {
  /** Who tapped. */
  readonly user?: User;
  /** Likes in this message, as sent. Their sum is not the total: TikTok sends a sample. */
  readonly count: Integer;
  /** Likes of the session: the highest total seen in it. Never falls. */
  readonly total: Count;
}

/** Somebody came in. */
export interface MemberData extends WireData {
  /** Who. */
  readonly user?: User;
  /** What the viewer did. */
  readonly action: OpenEnum<'JOINED' | 'SUBSCRIBED'>;
  /** Viewers in the room at that moment, as TikTok counts them. */
  readonly memberCount: Integer;
  /** Who caused it, where it was not the viewer. */
  readonly operator?: User;
  /** Where the viewer came from, as TikTok's client names it, for example `homepage_hot-live_cell`. */
  readonly enterSource?: string;
  /** How the viewer came, as TikTok's client names it, for example `click`. */
  readonly enterType?: string;
  /** What TikTok shows. */
  readonly text?: LocalizedText;
}

/** The streamer has a new follower. */
export interface FollowData extends WireData {
  /** Who follows. */
  readonly user?: User;
  /** Followers of the streamer after this one, as TikTok counts them. */
  readonly followCount?: Integer;
  /** What TikTok shows. */
  readonly text?: LocalizedText;
}

/** The stream was shared. */
export interface ShareData extends WireData {
  /** Who shared. */
  readonly user?: User;
  /** Way of sharing, TikTok's number. */
  readonly shareType?: DecimalString;
  /** Where to, as sent. */
  readonly shareTarget?: string;
  /** How often the stream was shared, as TikTok counts. */
  readonly shareCount?: Integer;
  /** With how many friends it was shared, where TikTok says so. */
  readonly friends?: Integer;
  /** What TikTok shows. */
  readonly text?: LocalizedText;
}

/** A social action without an event of its own. */
export interface SocialData extends WireData {
  /** Who. */
  readonly user?: User;
  /** What was done, TikTok's number. */
  readonly action: DecimalString;
  /** Way of sharing, TikTok's number. */
  readonly shareType?: DecimalString;
  /** Where to, as sent. */
  readonly shareTarget?: string;
  /** Followers of the streamer, as TikTok counts them. */
  readonly followCount?: Integer;
  /** How often the stream was shared, as TikTok counts. */
  readonly shareCount?: Integer;
  /** What TikTok shows. */
  readonly text?: LocalizedText;
}

/** A highlighted announcement; `superFan` and `superFanJoin` have the same shape. */
export interface BarrageData extends WireData {
  /** Whom it is about. */
  readonly user?: User;
  /** What it announces. */
  readonly kind: OpenEnum<
    | 'BARRAGE_TYPE_NORMAL'
    | 'BARRAGE_TYPE_SUBSCRIBE'
    | 'BARRAGE_TYPE_USER_UPGRADE'
    | 'BARRAGE_TYPE_GRADE_USER_ENTRANCE_NOTIFICATION'
    | 'BARRAGE_TYPE_FANS_LEVEL_UPGRADE'
    | 'BARRAGE_TYPE_FANS_LEVEL_ENTRANCE'
    | 'BARRAGE_TYPE_COMMON_BARRAGE'
  >;
  /** What TikTok shows. */
  readonly content?: LocalizedText;
  /** What TikTok shows where `content` does not fit. */
  readonly commonContent?: LocalizedText;
  /** Picture beside the text. */
  readonly iconUrl?: HttpsUrl;
  /** How long it is shown, milliseconds. */
  readonly durationMs?: Integer;
  /** New level, where the announcement is about one. */
  readonly level?: Integer;
  /** TikTok's name of the occasion. */
  readonly scene?: string;
  /** TikTok's finer name of the occasion. */
  readonly subType?: string;
}

/** A subscription to the streamer. */
export interface SubNotifyData extends WireData {
  /** Who subscribes. */
  readonly user?: User;
  /** Length of the subscription so far, months. */
  readonly months: Integer;
  /** Once, or renewed by itself. */
  readonly subscribeType: OpenEnum<'SUBSCRIBETYPE_ONCE' | 'SUBSCRIBETYPE_AUTO' | 'SUBSCRIBETYPE_DEFAULT'>;
  /** The first one, or one after another. */
  readonly previous: OpenEnum<'OLD_SUBSCRIBE_STATUS_FIRST' | 'OLD_SUBSCRIBE_STATUS_RESUB'>;
  /** Why the message was sent. */
  readonly messageType: OpenEnum<'MESSAGE_TYPE_SUB_SUCCESS' | 'MESSAGE_TYPE_ANCHOR_REMINDER'>;
  /** How the subscription is paid. */
  readonly status?: OpenEnum<'SUBSCRIBING_STATUS_ONCE' | 'SUBSCRIBING_STATUS_CIRCLE'>;
  /** Who gave it, where it was a present. */
  readonly giftSource?: OpenEnum<'GIFT_SOURCE_PLATFORM' | 'GIFT_SOURCE_USER_BUY_RANDOM'>;
  /** TikTok's id of the package that was bought. */
  readonly packageId?: string;
}
