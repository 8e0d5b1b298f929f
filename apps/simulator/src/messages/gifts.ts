import { WebcastGiftMessage } from '@livetap/connector';
import { WeightedChoice } from '../common/random.js';
import { draft } from './draft.js';
import type { Draft, UserBody } from './draft.js';
import { giftImage, GIFTS } from './gift-catalogue.js';
import type { CatalogueGift } from './gift-catalogue.js';
import type { OpenStreak, RoomState } from './room-state.js';

const CHOICE = new WeightedChoice<number>(GIFTS.map((gift, index) => [index, gift.weight]));

const giftDraft = (
  room: RoomState,
  facts: {
    user: UserBody;
    gift: CatalogueGift;
    repeatCount: number;
    repeatEnd: boolean;
    groupId: string;
    toGuest: boolean;
  },
): Draft => {
  const { user, gift, repeatCount, repeatEnd, groupId } = facts;
  const text = {
    displayType: 'webcast_aweme_gift_send_message',
    defaultPattern: '{0:user} sent {1:gift} {2:string}',
    piecesList: [
      { type: 11, userValue: { user, withColon: true } },
      {
        type: 12,
        giftValue: { giftId: gift.id, nameRef: { key: `live_gift_copywriting_${gift.id}`, defaultPattern: gift.name } },
      },
      { type: 1, stringValue: `x${repeatCount}` },
    ],
  };
  return draft(
    WebcastGiftMessage,
    {
      giftId: gift.id,
      fanTicketCount: String(gift.diamonds * repeatCount),
      groupCount: 1,
      repeatCount,
      comboCount: repeatCount,
      user,
      ...(facts.toGuest ? { toUser: room.viewersPool.get(7) } : {}),
      repeatEnd: repeatEnd ? 1 : 0,
      groupId,
      giftDetails: {
        giftImage: { url: [giftImage(gift.id)], mUri: `webcast-va/gift_${gift.id}` },
        describe: `sent ${gift.name}`,
        duration: 1000,
        id: String(gift.id),
        forLinkMic: true,
        combo: gift.type === 1,
        giftType: gift.type,
        diamondCount: gift.diamonds,
        isDisplayedOnPanel: true,
        giftName: gift.name,
        icon: { url: [giftImage(gift.id)] },
      },
      sendType: '1',
      orderId: room.id(),
      isFirstSent: repeatCount === 1 && !repeatEnd,
    },
    {
      header: {
        isShowMsg: true,
        describe: `${user.nickname ?? ''}: gifted the host ${repeatCount} ${gift.name}`,
        displayText: text,
        foldType: '1',
        anchorFoldType: '2',
      },
      facts: {
        kind: 'gift',
        userId: user.userId ?? '0',
        giftId: gift.id,
        groupId,
        repeatCount,
        diamondCount: gift.diamonds,
        repeatEnd,
        giftType: gift.type,
      },
    },
  );
};

const goOn = (room: RoomState, streak: OpenStreak): Draft | undefined => {
  const gift = GIFTS[streak.gift];
  if (gift === undefined) return undefined;
  const over = streak.left <= 0;
  if (over) room.streaks.splice(room.streaks.indexOf(streak), 1);
  else {
    const step = Math.min(streak.left, room.random.int(1, 3));
    streak.count += step;
    streak.left -= step;
    // A streak whose end is not told ends with its last gift.
    if (streak.left <= 0 && !streak.ends) room.streaks.splice(room.streaks.indexOf(streak), 1);
  }
  return giftDraft(room, {
    user: streak.user,
    gift,
    repeatCount: streak.count,
    repeatEnd: over,
    groupId: streak.groupId,
    toGuest: false,
  });
};

/** A gift: a further frame of a streak, the first of a new one, or a gift that comes alone. */
export const gift = (room: RoomState): Draft => {
  const { random } = room;
  if (room.streaks.length > 0 && random.chance(0.75)) {
    const further = goOn(room, random.pick(room.streaks));
    if (further !== undefined) return further;
  }
  const index = CHOICE.pick(random);
  const chosen = GIFTS[index] ?? { id: 5655, name: 'Rose', diamonds: 1, type: 1, weight: 1 };
  const user = room.viewer();
  if (chosen.type !== 1) {
    const groupId = random.chance(0.5) ? '0' : String(random.int(1_700_000_000, 1_799_999_999));
    return giftDraft(room, {
      user,
      gift: chosen,
      repeatCount: 1,
      repeatEnd: false,
      groupId,
      toGuest: random.chance(0.15),
    });
  }
  const groupId = `${random.int(1_700_000_000, 1_799_999_999)}${random.digits(3)}`;
  const length = Math.min(500, 1 + Math.floor(random.exponential(6)));
  const streak: OpenStreak = { user, gift: index, groupId, count: 1, left: length - 1, ends: random.chance(0.75) };
  if (streak.left > 0 || streak.ends) room.openStreak(streak);
  return giftDraft(room, { user, gift: chosen, repeatCount: 1, repeatEnd: false, groupId, toGuest: false });
};
