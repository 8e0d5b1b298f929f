import type { EventName } from '@livetap/contracts';
import { linkMicArmies, linkMicBattle } from './battles.js';
import { goalUpdate, pollMessage, roomPin } from './goals.js';
import { imDelete, inRoomBanner } from './room.js';
import { barrage } from './viewers.js';

/** Makes the data of an event of the decoded message. Pure; takes the message type that belongs to the event. */
export type Normalizer = (message: never) => object;

/** Events whose data is more than fields of the message, one by one: what a shape cannot say. */
export const NORMALIZERS: ReadonlyMap<EventName, Normalizer> = new Map<EventName, Normalizer>([
  ['barrage', barrage],
  ['goalUpdate', goalUpdate],
  ['imDelete', imDelete],
  ['inRoomBanner', inRoomBanner],
  ['linkMicArmies', linkMicArmies],
  ['linkMicBattle', linkMicBattle],
  ['pollMessage', pollMessage],
  ['roomPin', roomPin],
  ['superFan', barrage],
  ['superFanJoin', barrage],
]);
