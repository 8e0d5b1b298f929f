import type { DecimalString, HttpsUrl, LocalizedText, OpenEnum, Timestamp, User, WireData } from './values.js';

export interface GiftRef {
  readonly id: DecimalString;
  readonly name?: string;
  /** Price of one, in diamonds. */
  readonly diamondsEach?: number;
  readonly imageUrl?: HttpsUrl;
}

export interface GiftStreak {
  /** `<userId>-<giftId>-<groupId>`, or the event's id for a gift without a group. */
  readonly id: string;
  /** Highest repeat count seen in the streak so far. */
  readonly count: number;
}

/**
 * One gift message. Exact total: the sum over `streak.id` of the highest `streak.count` × `gift.diamondsEach`; the sum of
 * `diamonds` after removing repeats by (`source`, `id`) is the same.
 */
export interface GiftData extends WireData {
  readonly user?: User;
  /** The guest who received it; absent: the host. */
  readonly to?: User;
  readonly gift: GiftRef;
  /** As sent: how often the gift was repeated in its streak. */
  readonly repeatCount: number;
  /** The streak's last frame. */
  readonly end: boolean;
  /** New gifts in this message. */
  readonly count: number;
  /** `count` × `gift.diamondsEach`; absent when the price is not known. */
  readonly diamonds?: number;
  readonly streak: GiftStreak;
}

/** A streak is over. */
export interface GiftCompletedData {
  readonly user?: User;
  readonly to?: User;
  readonly gift: GiftRef;
  readonly count: number;
  readonly diamonds?: number;
  readonly streak: GiftStreak;
  readonly reason: OpenEnum<'end' | 'timeout' | 'roomEnded'>;
}

/** A treasure box; `superFanBox` has the same shape. */
export interface EnvelopeData extends WireData {
  readonly id: string;
  readonly businessType: OpenEnum<'BusinessTypeUserDiamond' | 'BusinessTypePlatformDiamond' | 'BusinessTypeSuperFanBox'>;
  readonly display: OpenEnum<'ENVELOPE_DISPLAY_NEW' | 'ENVELOPE_DISPLAY_HIDE'>;
  /** Who gave it; absent when it is the platform's. */
  readonly sender?: User;
  readonly diamonds: number;
  /** How many people share it. */
  readonly people: number;
  /** When it opens. */
  readonly opensAt?: Timestamp;
  readonly text?: LocalizedText;
}
