import type { EnvelopeData, GiftRef, User } from '@livetap/contracts';
import type { Gift, WebcastEnvelopeMessage, WebcastGiftMessage } from '@livetap/connector';
import { personFrom, user } from './people.js';
import { enumName, imageUrl, localizedText, type Loose, nonEmpty, price, wireTimestamp } from './values.js';

/** Only gifts of this type are sent in streaks. */
const STREAK_TYPE = 1;

/** What the fold of gifts needs of one gift message. */
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
    streakId: grouped ? `${sender?.id ?? '0'}-${giftId}-${message.groupId}` : undefined,
    open: grouped && !end && (details === undefined || details.giftType === STREAK_TYPE),
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

export function envelope(message: WebcastEnvelopeMessage): Loose<EnvelopeData> {
  const box = message.envelopeInfo;
  return {
    id: box?.envelopeId ?? '',
    businessType: enumName('EnvelopeBusinessType', box?.businessType ?? 0),
    display: enumName('EnvelopeDisplay', message.display),
    sender:
      box === undefined
        ? undefined
        : personFrom({ id: box.sendUserId, nickname: box.sendUserName, avatar: box.sendUserAvatar }),
    diamonds: box?.diamondCount ?? 0,
    people: box?.peopleCount ?? 0,
    opensAt: wireTimestamp(box?.unpackAt ?? 0),
    text: localizedText(message.common?.displayText),
  };
}
