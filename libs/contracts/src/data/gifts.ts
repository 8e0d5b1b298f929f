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

/** A gift of TikTok's catalogue. */
export interface GiftRef {
  /** TikTok's id of the gift. */
  readonly id: DecimalString;
  /** Name of the gift in the language of the room. */
  readonly name?: string;
  /** Price of one, in diamonds; absent when neither the message nor the catalogue says it. */
  readonly diamondsEach?: Count;
  /** Picture of the gift. */
  readonly imageUrl?: HttpsUrl;
}

/** Gifts of one kind that one viewer sent in a row. */
export interface GiftStreak {
  /** `<userId>-<giftId>-<groupId>`, or the event's id for a gift without a group. */
  readonly id: string;
  /** Highest repeat count seen in the streak so far: gifts. */
  readonly count: Count;
}

/**
 * One gift message. Exact total: the sum over `streak.id` of the highest `streak.count` × `gift.diamondsEach`; the sum of
 * `diamonds` after removing repeats by (`source`, `id`) is the same.
 */
export interface GiftData extends WireData {
  /** Who sent it. */
  readonly user?: User;
  /** The guest who received it; absent: the host. */
  readonly to?: User;
  /** What was sent. */
  readonly gift: GiftRef;
  /** As sent: how often the gift was repeated in its streak. */
  readonly repeatCount: Integer;
  /** True when TikTok marks the message as the streak's last. */
  readonly end: boolean;
  /** New gifts in this message: by how much it raises the streak's highest repeat count. */
  readonly count: Count;
  /** Diamonds: `count` × `gift.diamondsEach`; absent when the price is not known. */
  readonly diamonds?: Count;
  /** The streak that the message belongs to. */
  readonly streak: GiftStreak;
}

/** A streak is over. */
export interface GiftCompletedData {
  /** Who sent it. */
  readonly user?: User;
  /** The guest who received it; absent: the host. */
  readonly to?: User;
  /** What was sent. */
  readonly gift: GiftRef;
  /** Gifts of the whole streak. */
  readonly count: Count;
  /** Diamonds of the whole streak: `count` × `gift.diamondsEach`; absent when the price is not known. */
  readonly diamonds?: Count;
  /** The streak as it was when it was over. */
  readonly streak: GiftStreak;
  /** Why it is over: its last message (`end`), 30 seconds without one (`timeout`), or the end of the live (`roomEnded`). */
  readonly reason: OpenEnum<'end' | 'timeout' | 'roomEnded'>;
}

/** A treasure box; `superFanBox` has the same shape. */
export interface EnvelopeData extends WireData {
  /** TikTok's id of the box, `""` when there is none. */
  readonly id: string;
  /** Whose box it is: a viewer's, the platform's, or one for super fans. */
  readonly businessType: OpenEnum<
    'BusinessTypeUserDiamond' | 'BusinessTypePlatformDiamond' | 'BusinessTypeSuperFanBox'
  >;
  /** Whether the box appeared or is hidden. */
  readonly display: OpenEnum<'ENVELOPE_DISPLAY_NEW' | 'ENVELOPE_DISPLAY_HIDE'>;
  /** Who gave it; absent when it is the platform's. */
  readonly sender?: User;
  /** Diamonds in the box. */
  readonly diamonds: Integer;
  /** How many people share it. */
  readonly people: Integer;
  /** When it opens. */
  readonly opensAt?: Timestamp;
  /** What TikTok shows of it. */
  readonly text?: LocalizedText;
}
