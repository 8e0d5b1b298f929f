import { EnvelopeBusinessType, WebcastEvent, WebcastEventMap } from '@livetap/connector';
import type { Fields } from './stage.js';

/** A message that leads to an event. */
export interface EventMessage {
  readonly method: string;
  /** What of the content makes it this event. */
  readonly fields: Fields;
  /** All events of this message, in order. */
  readonly events: readonly WebcastEvent[];
}

const social = (displayType: string): Fields => ({ common: { displayText: { displayType } } });

/** Events that the content decides on. */
const DERIVED: Partial<Record<WebcastEvent, EventMessage>> = {
  [WebcastEvent.GIFT]: { method: 'WebcastGiftMessage', fields: {}, events: [WebcastEvent.GIFT] },
  [WebcastEvent.SOCIAL]: {
    method: 'WebcastSocialMessage',
    fields: social('pm_mt_msg_viewer'),
    events: [WebcastEvent.SOCIAL],
  },
  [WebcastEvent.FOLLOW]: {
    method: 'WebcastSocialMessage',
    fields: social('pm_main_follow_message_viewer_2'),
    events: [WebcastEvent.FOLLOW],
  },
  [WebcastEvent.SHARE]: {
    method: 'WebcastSocialMessage',
    fields: social('pm_mt_guidance_share'),
    events: [WebcastEvent.SHARE],
  },
  [WebcastEvent.SUPER_FAN]: {
    method: 'WebcastBarrageMessage',
    fields: { content: { displayType: 'ttlive_superFan_commentNotif_someoneBecameSuperFan' } },
    events: [WebcastEvent.SUPER_FAN, WebcastEvent.BARRAGE],
  },
  [WebcastEvent.SUPER_FAN_JOIN]: {
    method: 'WebcastBarrageMessage',
    fields: { commonBarrageContent: { displayType: 'ttlive_superFan_commentNotif_superFanJoined' } },
    events: [WebcastEvent.SUPER_FAN_JOIN, WebcastEvent.BARRAGE],
  },
  [WebcastEvent.SUPER_FAN_BOX]: {
    method: 'WebcastEnvelopeMessage',
    fields: { envelopeInfo: { businessType: EnvelopeBusinessType.BusinessTypeSuperFanBox } },
    events: [WebcastEvent.SUPER_FAN_BOX, WebcastEvent.ENVELOPE],
  },
  [WebcastEvent.CONTROL_MESSAGE]: {
    method: 'WebcastControlMessage',
    fields: { action: 1 },
    events: [WebcastEvent.CONTROL_MESSAGE],
  },
  [WebcastEvent.STREAM_END]: {
    method: 'WebcastControlMessage',
    fields: { action: 3 },
    events: [WebcastEvent.CONTROL_MESSAGE, WebcastEvent.STREAM_END],
  },
};

/** A message for an event. */
export function messageFor(event: WebcastEvent): EventMessage {
  const derived = DERIVED[event];
  if (derived) return derived;
  const method = Object.keys(WebcastEventMap).find((name) => WebcastEventMap[name] === event);
  if (method === undefined) throw new Error(`no method leads to ${event}`);
  return { method, fields: {}, events: [event] };
}

/** `b` laid over `a`, objects at any depth merged. */
export function merged(a: Fields, b: Fields): Fields {
  const result: Record<string, unknown> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    const both = [result[key], value].every(
      (item) => typeof item === 'object' && item !== null && !Array.isArray(item),
    );
    result[key] = both ? merged(result[key] as Fields, value as Fields) : value;
  }
  return result;
}
