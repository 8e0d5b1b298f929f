import type { ImDeleteData, InRoomBannerData, RoomBanner } from '@livetap/contracts';
import type { WebcastImDeleteMessage, WebcastInRoomBannerMessage } from '@livetap/connector';
import { localizedText, type Loose, nonZero, wireTimestamp } from './values.js';

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
