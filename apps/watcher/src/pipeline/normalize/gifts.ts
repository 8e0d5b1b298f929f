import type { GiftData, GiftRef, User } from '@livetap/contracts';
import type { Gift, WebcastGiftMessage } from '@livetap/connector';
import type { CountedGift } from '../gift-fold.js';
import { personFrom, user } from './people.js';
import { imageUrl, type Loose, nonEmpty, price } from './values.js';

/** Only gifts of this type are sent in streaks. */
export const STREAK_TYPE = 1;

/** What a gift message says, before it is counted. */
export interface GiftParts {
  readonly user: User | undefined;
  /** A guest who received it. */
  readonly to: User | undefined;
  readonly gift: Loose<GiftRef>;
  readonly repeatCount: number;
  readonly end: boolean;
  /** `<userId>-<giftId>-<groupId>`; undefined without a group. */
  readonly streakId: string | undefined;
  /** True when more frames of the streak may follow. */
  readonly open: boolean;
}

/** Parts of a gift message; `hostId` is the streamer's user id where it is known. */
export function giftParts(message: WebcastGiftMessage, hostId: string | undefined): GiftParts {
  const details = message.giftDetails;
  const giftId = message.giftId > 0 ? String(message.giftId) : (details?.id ?? '0');
  const sender = user(message.user, message.userIdentity);
  const grouped = message.groupId !== '0';
  const end = message.repeatEnd !== 0;
  return {
    user: sender,
    to: receiver(message, hostId),
    gift: giftRef(giftId, details),
    repeatCount: message.repeatCount,
    end,
    streakId: grouped ? streakIdOf(sender?.id ?? '0', giftId, message.groupId) : undefined,
    open: grouped && !end && (details === undefined || details.giftType === STREAK_TYPE),
  };
}

export function streakIdOf(senderId: string, giftId: string, groupId: string): string {
  return `${senderId}-${giftId}-${groupId}`;
}

/** The data of a gift that was counted; `gift` with its price. */
export function giftData(parts: GiftParts, gift: Loose<GiftRef>, counted: CountedGift): Loose<GiftData> {
  return {
    user: parts.user,
    to: parts.to,
    gift,
    repeatCount: parts.repeatCount,
    end: parts.end,
    count: counted.count,
    diamonds: counted.diamonds,
    streak: { id: counted.streakId, count: counted.streakCount },
  };
}

export function giftRef(id: string, details: Gift | undefined): Loose<GiftRef> {
  return {
    id,
    name: nonEmpty(details?.giftName ?? ''),
    diamondsEach: price(details?.diamondCount ?? 0),
    imageUrl: imageUrl(details?.giftImage) ?? imageUrl(details?.icon),
  };
}

function receiver(message: WebcastGiftMessage, hostId: string | undefined): User | undefined {
  const guest =
    user(message.toUser) ??
    personFrom({ id: message.toMemberIdInt, idText: message.toMemberId, nickname: message.toMemberNickname });
  return guest?.id === hostId ? undefined : guest;
}
