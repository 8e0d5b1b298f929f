import {
  WebcastChatMessage,
  WebcastControlMessage,
  WebcastGiftMessage,
  WebcastLikeMessage,
  WebcastLinkMicArmies,
  WebcastLinkMicBattle,
  WebcastMemberMessage,
  WebcastRoomUserSeqMessage,
  WebcastSocialMessage,
} from '@livetap/connector';
import type { BattleUserArmies } from '@livetap/connector';
import type { MessageFacts } from '../ledger/entry.js';

/** `BattleAction` of a battle that is over. */
const FINISH = 5;

/** Of a battle of two hosts; the room's own comes first. */
const battleFacts = (
  battleId: string,
  armies: Readonly<Record<string, BattleUserArmies>>,
  finished: boolean,
): MessageFacts | undefined => {
  const [own, rival] = Object.entries(armies);
  if (own === undefined || rival === undefined) return undefined;
  return {
    kind: 'battle',
    battleId,
    rivalId: rival[0],
    own: Number(own[1].hostScore),
    other: Number(rival[1].hostScore),
    finished,
  };
};

/** The facts of a message that came as bytes (recorded, or given by a test); undefined when it has none or cannot be read. */
export const factsOf = (method: string, payload: Uint8Array): MessageFacts | undefined => {
  try {
    switch (method) {
      case 'WebcastChatMessage':
        return { kind: 'chat', userId: WebcastChatMessage.decode(payload).user?.userId ?? '0' };
      case 'WebcastMemberMessage':
        return { kind: 'member', userId: WebcastMemberMessage.decode(payload).user?.userId ?? '0' };
      case 'WebcastGiftMessage': {
        const gift = WebcastGiftMessage.decode(payload);
        return {
          kind: 'gift',
          userId: gift.user?.userId ?? '0',
          giftId: gift.giftId,
          groupId: gift.groupId,
          repeatCount: gift.repeatCount,
          diamondCount: gift.giftDetails?.diamondCount ?? 0,
          repeatEnd: gift.repeatEnd === 1,
          giftType: gift.giftDetails?.giftType ?? 0,
        };
      }
      case 'WebcastLikeMessage': {
        const like = WebcastLikeMessage.decode(payload);
        return { kind: 'like', userId: like.user?.userId ?? '0', count: like.likeCount, total: like.totalLikeCount };
      }
      case 'WebcastRoomUserSeqMessage': {
        const viewers = WebcastRoomUserSeqMessage.decode(payload);
        return { kind: 'viewers', viewers: viewers.viewerCount, totalUser: viewers.totalUser };
      }
      case 'WebcastSocialMessage': {
        const social = WebcastSocialMessage.decode(payload);
        const key = social.common?.displayText?.displayType ?? '';
        return {
          kind: 'social',
          userId: social.user?.userId ?? '0',
          followCount: social.followCount,
          social: key.includes('follow') ? 'follow' : key.includes('share') ? 'share' : 'other',
        };
      }
      case 'WebcastLinkMicBattle': {
        const battle = WebcastLinkMicBattle.decode(payload);
        return battleFacts(battle.battleId, battle.armies, Number(battle.action) === FINISH);
      }
      case 'WebcastLinkMicArmies': {
        const armies = WebcastLinkMicArmies.decode(payload);
        return battleFacts(armies.battleId, armies.battleItems, false);
      }
      case 'WebcastControlMessage':
        return { kind: 'control', action: WebcastControlMessage.decode(payload).action };
      default:
        return undefined;
    }
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
};
