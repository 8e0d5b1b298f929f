import type {
  CaptionMessageData,
  ControlMessageData,
  ImDeleteData,
  InRoomBannerData,
  LiveIntroData,
  RoomBanner,
  RoomMessageData,
  RoomUserData,
  SystemData,
  TopGifter,
} from '@livetap/contracts';
import type {
  WebcastCaptionMessage,
  WebcastControlMessage,
  WebcastImDeleteMessage,
  WebcastInRoomBannerMessage,
  WebcastLiveIntroMessage,
  WebcastRoomMessage,
  WebcastRoomUserSeqMessage,
  WebcastRoomUserSeqMessage_Contributor,
  WebcastSystemMessage,
} from '@livetap/connector';
import { user } from './people.js';
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
  whenTrue,
  wireTimestamp,
} from './values.js';

export function roomUser(message: WebcastRoomUserSeqMessage): Loose<RoomUserData> {
  return {
    viewers: count(message.viewerCount),
    totalViewers: nonZero(message.totalUser),
    popularity: nonZero(message.popularity),
    anonymous: nonZero(message.anonymous),
    topGifters: message.ranksList.map(topGifter),
  };
}

function topGifter(contributor: WebcastRoomUserSeqMessage_Contributor): Loose<TopGifter> {
  return { user: user(contributor.user), rank: count(contributor.rank), diamonds: count(contributor.coinCount) };
}

export function captionMessage(message: WebcastCaptionMessage): Loose<CaptionMessageData> {
  return {
    captions: message.content.map((caption) => ({ language: caption.lang, text: caption.content })),
    startedAt: wireTimestamp(message.timestampMs),
    durationMs: nonZero(message.durationMs),
    sentenceId: nonZeroId(message.sentenceId),
    sequenceId: nonZeroId(message.sequenceId),
    final: message.definite,
  };
}

export function imDelete(message: WebcastImDeleteMessage): Loose<ImDeleteData> {
  return { messageIds: message.deleteMsgIdsList, userIds: message.deleteUserIdsList };
}

/** Keys of the campaigns in the text of a banner; whatever else stands there may be about people. */
const CAMPAIGN = /^op_component[\w-]{1,80}$/;
/** A room shows one or two. */
const MAX_BANNERS = 20;

export function inRoomBanner(message: WebcastInRoomBannerMessage): Loose<InRoomBannerData> {
  return {
    banners: Object.entries(jsonObject(message.jsonData))
      .filter(([activity]) => CAMPAIGN.test(activity))
      .slice(0, MAX_BANNERS)
      .map(([activity, content]) => roomBanner(activity, content)),
    position: nonZero(message.position),
    actionType: nonZero(message.actionType),
    text: localizedText(message.common?.displayText),
  };
}

function roomBanner(activity: string, content: unknown): Loose<RoomBanner> {
  const times = objectOf(objectOf(content)['activity_time']);
  const time = (name: string) => {
    const value = times[name];
    return typeof value === 'number' ? wireTimestamp(value) : undefined;
  };
  return { activity, startsAt: time('start_time'), endsAt: time('end_time'), shownUntil: time('show_time') };
}

/** The object that a text holds; an empty one when it holds none. */
function jsonObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(text));
  } catch {
    return {};
  }
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

export function liveIntro(message: WebcastLiveIntroMessage): Loose<LiveIntroData> {
  return {
    description: message.description,
    host: user(message.host),
    language: nonEmpty(message.language),
    auditStatus: nonZeroEnum('AuditStatus', message.auditStatus),
  };
}

export function roomMessage(message: WebcastRoomMessage): Loose<RoomMessageData> {
  return {
    content: message.content,
    source: nonZeroId(message.source),
    scene: nonEmpty(message.scene),
    subScene: nonEmpty(message.subScene),
    isWelcome: whenTrue(message.isWelcome),
    showDurationMs: nonZero(message.showDurationMs),
    text: localizedText(message.common?.displayText),
    iconUrl: imageUrl(message.icon),
  };
}

export function controlMessage(message: WebcastControlMessage): Loose<ControlMessageData> {
  return {
    action: enumName('ControlAction', message.action),
    tips: nonEmpty(message.tips),
    notice: localizedText(message.floatText) ?? localizedText(message.perceptionAudienceText),
  };
}

export function system(message: WebcastSystemMessage): Loose<SystemData> {
  return { message: message.message };
}
