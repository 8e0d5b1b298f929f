import {
  ControlAction,
  EnvelopeBusinessType,
  type WebcastBarrageMessage,
  type WebcastControlMessage,
  type WebcastEnvelopeMessage,
  type WebcastSocialMessage,
} from '../proto/index.js';
import { WebcastEventMap } from './event-map.js';
import { WebcastEvent } from './webcast-event.js';

const SUPER_FAN_JOINED = 'ttlive_superfan_commentnotif_superfanjoined';
const SUPER_FAN = 'ttlive_superfan';
const SUPER_FAN_BOX_KEY = 'ttlive_superfanbox';

/** What a user of the library gets for each kind of message, most often one event; shared, never to be changed. */
const PLAIN: ReadonlyMap<string, readonly WebcastEvent[]> = new Map(
  Object.entries({ ...WebcastEventMap, WebcastGiftMessage: WebcastEvent.GIFT }).map(([method, event]) => [
    method,
    [event],
  ]),
);
const NONE: readonly WebcastEvent[] = [];
const CONTROL_AND_END = [WebcastEvent.CONTROL_MESSAGE, WebcastEvent.STREAM_END];
const FAN_AND_BARRAGE = [WebcastEvent.SUPER_FAN, WebcastEvent.BARRAGE];
const JOIN_AND_BARRAGE = [WebcastEvent.SUPER_FAN_JOIN, WebcastEvent.BARRAGE];
const BOX_AND_ENVELOPE = [WebcastEvent.SUPER_FAN_BOX, WebcastEvent.ENVELOPE];
const FOLLOW = [WebcastEvent.FOLLOW];
const SHARE = [WebcastEvent.SHARE];

type Derive = (message: unknown) => WebcastEvent | undefined;

/** Events that depend on the content of a message, by the method that carries them. */
const DERIVED: ReadonlyMap<string, Derive> = new Map<string, Derive>([
  ['WebcastSocialMessage', (message) => socialEvent(message as WebcastSocialMessage)],
  ['WebcastBarrageMessage', (message) => barrageEvent(message as WebcastBarrageMessage)],
  ['WebcastEnvelopeMessage', (message) => envelopeEvent(message as WebcastEnvelopeMessage)],
  ['WebcastControlMessage', (message) => controlEvent(message as WebcastControlMessage)],
]);

/** With which others a derived event is emitted to users of the library, and in which order. */
const EMITTED: ReadonlyMap<WebcastEvent, readonly WebcastEvent[]> = new Map([
  [WebcastEvent.FOLLOW, FOLLOW],
  [WebcastEvent.SHARE, SHARE],
  [WebcastEvent.SUPER_FAN, FAN_AND_BARRAGE],
  [WebcastEvent.SUPER_FAN_JOIN, JOIN_AND_BARRAGE],
  [WebcastEvent.SUPER_FAN_BOX, BOX_AND_ENVELOPE],
  [WebcastEvent.STREAM_END, CONTROL_AND_END],
]);

/** True when the event of this method depends on the content, so that it must be decoded to be named. */
export function needsContent(method: string): boolean {
  return DERIVED.has(method);
}

/** The events that this method can lead to; empty for unknown methods. */
export function possibleEvents(method: string): readonly WebcastEvent[] {
  return POSSIBLE.get(method) ?? NONE;
}

const POSSIBLE: ReadonlyMap<string, readonly WebcastEvent[]> = new Map([
  ...PLAIN,
  ['WebcastSocialMessage', [WebcastEvent.FOLLOW, WebcastEvent.SHARE, WebcastEvent.SOCIAL]],
  ['WebcastBarrageMessage', [WebcastEvent.SUPER_FAN_JOIN, WebcastEvent.SUPER_FAN, WebcastEvent.BARRAGE]],
  ['WebcastEnvelopeMessage', BOX_AND_ENVELOPE],
  ['WebcastControlMessage', CONTROL_AND_END],
]);

/**
 * The events to emit for a decoded message, in this order: `follow` and `share` replace `social`; `superFan`,
 * `superFanJoin` and `superFanBox` come before their base event; `streamEnd` after `controlMessage`. Empty for unknown
 * methods. Pure; the list is shared, do not change it.
 * @param decoded the message of this method, as its codec decoded it
 */
export function classifyMessage(method: string, decoded: unknown): readonly WebcastEvent[] {
  const derived = DERIVED.get(method)?.(decoded);
  return (derived === undefined ? undefined : EMITTED.get(derived)) ?? PLAIN.get(method) ?? NONE;
}

/**
 * The one event that says most about a decoded message: `follow`, not `social`; `superFan`, not `barrage`;
 * `superFanBox`, not `envelope`; `streamEnd`, not `controlMessage`. Undefined for unknown methods. Pure.
 * @param decoded the message of this method, as its codec decoded it
 */
export function mostSpecificEvent(method: string, decoded: unknown): WebcastEvent | undefined {
  return DERIVED.get(method)?.(decoded) ?? PLAIN.get(method)?.[0];
}

function socialEvent(message: WebcastSocialMessage): WebcastEvent | undefined {
  const key = message.common?.displayText?.displayType ?? '';
  if (key.includes('follow')) return WebcastEvent.FOLLOW;
  return key.includes('share') ? WebcastEvent.SHARE : undefined;
}

function barrageEvent(message: WebcastBarrageMessage): WebcastEvent | undefined {
  const keys = [message.content?.displayType, message.commonBarrageContent?.displayType].map(
    (key) => key?.toLowerCase() ?? '',
  );
  if (keys.some((key) => key.includes(SUPER_FAN_JOINED))) return WebcastEvent.SUPER_FAN_JOIN;
  return keys.some((key) => key.includes(SUPER_FAN)) ? WebcastEvent.SUPER_FAN : undefined;
}

function envelopeEvent(message: WebcastEnvelopeMessage): WebcastEvent | undefined {
  const key = message.common?.displayText?.displayType.toLowerCase() ?? '';
  const isBox =
    key.includes(SUPER_FAN_BOX_KEY) ||
    message.envelopeInfo?.businessType === EnvelopeBusinessType.BusinessTypeSuperFanBox;
  return isBox ? WebcastEvent.SUPER_FAN_BOX : undefined;
}

function controlEvent(message: WebcastControlMessage): WebcastEvent | undefined {
  const { action } = message;
  const ended =
    action === ControlAction.CONTROL_ACTION_STREAM_ENDED || action === ControlAction.CONTROL_ACTION_STREAM_SUSPENDED;
  return ended ? WebcastEvent.STREAM_END : undefined;
}
