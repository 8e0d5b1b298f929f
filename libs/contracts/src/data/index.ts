import type { EventName } from '../events.js';
import type { LinkMicArmiesData, LinkMicBattleData } from './battles.js';
import type { EnvelopeData, GiftCompletedData, GiftData } from './gifts.js';
import type {
  CanaryData,
  ControlMessageData,
  LiveEndedData,
  LiveIntroData,
  LiveLeftData,
  LiveStartedData,
  RoomGapData,
  RoomMessageData,
  StreamEndData,
  SystemData,
  UnknownData,
  ViewerErasedData,
} from './lifecycle.js';
import type {
  CaptionMessageData,
  GoalUpdateData,
  ImDeleteData,
  InRoomBannerData,
  PollMessageData,
  RankTextData,
  RankUpdateData,
  RoomPinData,
  RoomUserData,
} from './room.js';
import type {
  BarrageData,
  ChatData,
  EmoteData,
  FollowData,
  LikeData,
  MemberData,
  QuestionNewData,
  ShareData,
  SocialData,
  SubNotifyData,
} from './viewers.js';

/** The events with a shape of their own and their data. */
export interface MadeEventData {
  readonly chat: ChatData;
  readonly gift: GiftData;
  readonly member: MemberData;
  readonly like: LikeData;
  readonly social: SocialData;
  readonly envelope: EnvelopeData;
  readonly questionNew: QuestionNewData;
  readonly linkMicBattle: LinkMicBattleData;
  readonly linkMicArmies: LinkMicArmiesData;
  readonly liveIntro: LiveIntroData;
  readonly superFan: BarrageData;
  readonly superFanJoin: BarrageData;
  readonly follow: FollowData;
  readonly share: ShareData;
  readonly streamEnd: StreamEndData;
  readonly roomUser: RoomUserData;
  readonly emote: EmoteData;
  readonly goalUpdate: GoalUpdateData;
  readonly roomMessage: RoomMessageData;
  readonly captionMessage: CaptionMessageData;
  readonly imDelete: ImDeleteData;
  readonly inRoomBanner: InRoomBannerData;
  readonly rankUpdate: RankUpdateData;
  readonly pollMessage: PollMessageData;
  readonly rankText: RankTextData;
  readonly roomPin: RoomPinData;
  readonly superFanBox: EnvelopeData;
  readonly subNotify: SubNotifyData;
  readonly controlMessage: ControlMessageData;
  readonly barrage: BarrageData;
  readonly system: SystemData;
  readonly unknown: UnknownData;
  readonly 'live.started': LiveStartedData;
  readonly 'live.ended': LiveEndedData;
  readonly 'live.left': LiveLeftData;
  readonly 'room.gap': RoomGapData;
  readonly 'gift.completed': GiftCompletedData;
  readonly 'viewer.erased': ViewerErasedData;
  readonly canary: CanaryData;
}

export type GenericValue =
  string | number | boolean | readonly GenericValue[] | { readonly [name: string]: GenericValue };

/**
 * Data of an event without a shape of its own: the wire's fields in camelCase. 64-bit integers are decimal strings, enums
 * their names, images an https address, texts `{key, pattern, text}`, people the contract's `User`; of the header there is the
 * text that is shown, as `displayText`. Fields at their default, bytes, tracking data and everything else about a person are
 * left out, a name or picture of somebody without an id, and texts that are JSON for the app, too.
 */
export interface GenericData {
  readonly [name: string]: GenericValue;
}

/** The `data` of an event by its name. */
export type EventData<Name extends EventName> = Name extends keyof MadeEventData ? MadeEventData[Name] : GenericData;

export type * from './battles.js';
export type * from './gifts.js';
export type * from './lifecycle.js';
export type * from './room.js';
export type * from './values.js';
export type * from './viewers.js';
