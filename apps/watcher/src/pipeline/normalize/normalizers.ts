import type { EventName } from '@livetap/contracts';
import { linkMicArmies, linkMicBattle } from './battles.js';
import { envelope } from './gifts.js';
import { goalUpdate, pollMessage, rankText, rankUpdate, roomPin } from './goals.js';
import {
  captionMessage,
  controlMessage,
  imDelete,
  inRoomBanner,
  liveIntro,
  roomMessage,
  roomUser,
  system,
} from './room.js';
import { barrage, chat, emote, follow, member, questionNew, share, social, subNotify } from './viewers.js';

/** Makes the data of an event of the decoded message. Pure; takes the message type that belongs to the event. */
export type Normalizer = (message: never) => object;

/** Events with a shape of their own but for `gift` and `like`, which also need what came before. */
export const NORMALIZERS: ReadonlyMap<EventName, Normalizer> = new Map<EventName, Normalizer>([
  ['barrage', barrage],
  ['captionMessage', captionMessage],
  ['chat', chat],
  ['controlMessage', controlMessage],
  ['emote', emote],
  ['envelope', envelope],
  ['follow', follow],
  ['goalUpdate', goalUpdate],
  ['imDelete', imDelete],
  ['inRoomBanner', inRoomBanner],
  ['linkMicArmies', linkMicArmies],
  ['linkMicBattle', linkMicBattle],
  ['liveIntro', liveIntro],
  ['member', member],
  ['pollMessage', pollMessage],
  ['questionNew', questionNew],
  ['rankText', rankText],
  ['rankUpdate', rankUpdate],
  ['roomMessage', roomMessage],
  ['roomPin', roomPin],
  ['roomUser', roomUser],
  ['share', share],
  ['social', social],
  ['streamEnd', controlMessage],
  ['subNotify', subNotify],
  ['superFan', barrage],
  ['superFanBox', envelope],
  ['superFanJoin', barrage],
  ['system', system],
]);
