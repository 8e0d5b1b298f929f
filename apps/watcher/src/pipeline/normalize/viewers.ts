import type {
  BarrageData,
  ChatData,
  ChatEmote,
  EmoteData,
  FollowData,
  MemberData,
  QuestionNewData,
  ShareData,
  SocialData,
  SubNotifyData,
  User,
} from '@livetap/contracts';
import type {
  WebcastBarrageMessage,
  WebcastChatMessage,
  WebcastEmoteChatMessage,
  WebcastMemberMessage,
  WebcastQuestionNewMessage,
  WebcastSocialMessage,
  WebcastSubEmote,
  WebcastSubNotifyMessage,
} from '@livetap/connector';
import { user, users } from './people.js';
import {
  count,
  enumName,
  imageUrl,
  localizedText,
  type Loose,
  nonEmpty,
  nonZero,
  nonZeroEnum,
  nonZeroId,
  wireTimestamp,
} from './values.js';

export function chat(message: WebcastChatMessage): Loose<ChatData> {
  return {
    user: user(message.user, message.userIdentity),
    comment: message.comment,
    language: nonEmpty(message.contentLanguage),
    emotes: message.emotes.length === 0 ? undefined : message.emotes.map(chatEmote),
    replyTo: user(message.atUser),
    mentions: message.mentionUsers.length === 0 ? undefined : users(message.mentionUsers),
  };
}

function chatEmote(placed: WebcastSubEmote): Loose<ChatEmote> {
  return { id: placed.emote?.emoteId ?? '', imageUrl: imageUrl(placed.emote?.image), at: placed.placeInComment };
}

export function emote(message: WebcastEmoteChatMessage): Loose<EmoteData> {
  return {
    user: user(message.user, message.userIdentity),
    emotes: message.emoteList.map((one) => ({ id: one.emoteId, imageUrl: imageUrl(one.image) })),
  };
}

export function questionNew(message: WebcastQuestionNewMessage): Loose<QuestionNewData> {
  const question = message.details;
  return {
    user: user(question?.user),
    question: {
      id: question?.questionId ?? '0',
      text: question?.questionText ?? '',
      createdAt: wireTimestamp(question?.createTime ?? 0),
    },
  };
}

export function member(message: WebcastMemberMessage): Loose<MemberData> {
  return {
    user: user(message.user),
    action: enumName('MemberMessageAction', message.action),
    memberCount: message.memberCount,
    operator: user(message.operator),
    enterSource: nonEmpty(message.clientEnterSource),
    enterType: nonEmpty(message.clientEnterType),
    text: localizedText(message.common?.displayText),
  };
}

export function social(message: WebcastSocialMessage): Loose<SocialData> {
  return {
    user: user(message.user),
    action: message.action,
    shareType: nonZeroId(message.shareType),
    shareTarget: nonEmpty(message.shareTarget),
    followCount: nonZero(message.followCount),
    shareCount: nonZero(message.shareCount),
    text: localizedText(message.common?.displayText),
  };
}

export function follow(message: WebcastSocialMessage): Loose<FollowData> {
  return {
    user: user(message.user),
    followCount: nonZero(message.followCount),
    text: localizedText(message.common?.displayText),
  };
}

/** The number of friends is part of the display key. */
const SHARED_WITH = /_viewer_(\d+)_share/;

export function share(message: WebcastSocialMessage): Loose<ShareData> {
  const friends = SHARED_WITH.exec(message.common?.displayText?.displayType ?? '')?.[1];
  return {
    user: user(message.user),
    shareType: nonZeroId(message.shareType),
    shareTarget: nonEmpty(message.shareTarget),
    shareCount: nonZero(message.shareCount),
    friends: friends === undefined ? undefined : count(friends),
    text: localizedText(message.common?.displayText),
  };
}

export function barrage(message: WebcastBarrageMessage): Loose<BarrageData> {
  return {
    user: barrageUser(message),
    kind: enumName('WebcastBarrageMessage_BarrageType', message.msgType ?? 0),
    content: localizedText(message.content),
    commonContent: localizedText(message.commonBarrageContent),
    iconUrl: imageUrl(message.icon),
    durationMs: nonZero(message.duration),
    level: nonZero(message.userGradeParam?.currentGrade ?? message.fansLevelParam?.currentGrade ?? 0),
    scene: nonEmpty(message.scene),
    subType: nonEmpty(message.subType),
  };
}

/** Which of the places for a user is filled depends on the kind of the announcement. */
function barrageUser(message: WebcastBarrageMessage): User | undefined {
  const direct = user(message.user) ?? user(message.userGradeParam?.user) ?? user(message.fansLevelParam?.user);
  if (direct !== undefined) return direct;
  for (const text of [message.content, message.commonBarrageContent]) {
    for (const piece of text?.piecesList ?? []) {
      const named = user(piece.userValue?.user);
      if (named !== undefined) return named;
    }
  }
  return undefined;
}

export function subNotify(message: WebcastSubNotifyMessage): Loose<SubNotifyData> {
  return {
    user: user(message.user),
    months: count(message.subMonth),
    subscribeType: enumName('SubscribeType', message.subscribeType),
    previous: enumName('OldSubscribeStatus', message.oldSubscribeStatus),
    messageType: enumName('MessageType', message.messageType),
    status: nonZeroEnum('SubscribingStatus', message.subscribingStatus),
    giftSource: nonZeroEnum('GiftSource', message.giftSource),
    packageId: nonEmpty(message.packageId),
  };
}
