import type {
  RoomVerifyMessage,
  WebcastAccessControlMessage,
  WebcastAccessRecallMessage,
  WebcastBarrageMessage,
  WebcastBoostCardMessage,
  WebcastBottomMessage,
  WebcastCapsuleMessage,
  WebcastCaptionMessage,
  WebcastChatMessage,
  WebcastControlMessage,
  WebcastEmoteChatMessage,
  WebcastEnvelopeMessage,
  WebcastGameRankNotifyMessage,
  WebcastGiftBroadcastMessage,
  WebcastGiftDynamicRestrictionMessage,
  WebcastGiftMessage,
  WebcastGiftPanelUpdateMessage,
  WebcastGiftPromptMessage,
  WebcastGoalUpdateMessage,
  WebcastGuideMessage,
  WebcastHourlyRankRewardMessage,
  WebcastImDeleteMessage,
  WebcastInRoomBannerMessage,
  WebcastLikeMessage,
  WebcastLinkLayerMessage,
  WebcastLinkMessage,
  WebcastLinkMicArmies,
  WebcastLinkMicBattle,
  WebcastLinkMicBattlePunishFinish,
  WebcastLinkMicFanTicketMethod,
  WebcastLinkMicLayoutStateMessage,
  WebcastLinkMicMethod,
  WebcastLinkStateMessage,
  WebcastLinkmicBattleTaskMessage,
  WebcastLiveGameIntroMessage,
  WebcastLiveIntroMessage,
  WebcastMarqueeAnnouncementMessage,
  WebcastMemberMessage,
  WebcastMsgDetectMessage,
  WebcastNoticeMessage,
  WebcastOecLiveShoppingMessage,
  WebcastPartnershipDropsUpdateMessage,
  WebcastPartnershipGameOfflineMessage,
  WebcastPartnershipPunishMessage,
  WebcastPerceptionMessage,
  WebcastPollMessage,
  WebcastQuestionNewMessage,
  WebcastRankTextMessage,
  WebcastRankUpdateMessage,
  WebcastRoomMessage,
  WebcastRoomNotifyMessage,
  WebcastRoomPinMessage,
  WebcastRoomUserSeqMessage,
  WebcastSocialMessage,
  WebcastSpeakerMessage,
  WebcastSubNotifyMessage,
  WebcastSubPinEventMessage,
  WebcastSystemMessage,
  WebcastToastMessage,
  WebcastUnauthorizedMemberMessage,
  WebcastViewerPicksUpdateMessage,
} from '../proto/index.js';
import type { ControlAction, User, WebcastPushFrame } from '../proto/index.js';
import type { WebcastWebSocketClient } from '../socket/webcast-web-socket-client.js';
import type { RoomGiftInfo, TikTokLiveConnectionState } from '../connection/connection-types.js';
import type { SchemaDecodeError } from '../errors/connection-errors.js';
import type { GapEvent, ReconnectingEvent } from '../connection/reconnect-options.js';
import type { CloseKind } from '../socket/close-kind.js';
import type { ControlEvent, WebcastEvent } from './webcast-event.js';

/** A gift, with its entry of the gift list when that is loaded (`enableExtendedGiftInfo`). */
export type WebcastGiftEvent = WebcastGiftMessage & {
  user: User;
  extendedGiftInfo?: RoomGiftInfo[number] | undefined;
};

/** A chat message; `user` is always there, with empty fields when TikTok sent none. */
export type WebcastChatEvent = WebcastChatMessage & { user: User };

/** What comes with each event of the room. */
export interface WebcastEventMessage {
  [WebcastEvent.CHAT]: WebcastChatEvent;
  [WebcastEvent.GIFT]: WebcastGiftEvent;
  [WebcastEvent.MEMBER]: WebcastMemberMessage;
  [WebcastEvent.LIKE]: WebcastLikeMessage;
  [WebcastEvent.SOCIAL]: WebcastSocialMessage;
  [WebcastEvent.ENVELOPE]: WebcastEnvelopeMessage;
  [WebcastEvent.QUESTION_NEW]: WebcastQuestionNewMessage;
  [WebcastEvent.LINK_MIC_BATTLE]: WebcastLinkMicBattle;
  [WebcastEvent.LINK_MIC_ARMIES]: WebcastLinkMicArmies;
  [WebcastEvent.LIVE_INTRO]: WebcastLiveIntroMessage;
  [WebcastEvent.SUPER_FAN]: WebcastBarrageMessage;
  [WebcastEvent.SUPER_FAN_JOIN]: WebcastBarrageMessage;
  [WebcastEvent.FOLLOW]: WebcastSocialMessage;
  [WebcastEvent.SHARE]: WebcastSocialMessage;
  [WebcastEvent.STREAM_END]: { action: ControlAction };
  [WebcastEvent.ROOM_USER]: WebcastRoomUserSeqMessage;
  [WebcastEvent.EMOTE]: WebcastEmoteChatMessage;
  [WebcastEvent.GOAL_UPDATE]: WebcastGoalUpdateMessage;
  [WebcastEvent.ROOM_MESSAGE]: WebcastRoomMessage;
  [WebcastEvent.CAPTION_MESSAGE]: WebcastCaptionMessage;
  [WebcastEvent.IM_DELETE]: WebcastImDeleteMessage;
  [WebcastEvent.IN_ROOM_BANNER]: WebcastInRoomBannerMessage;
  [WebcastEvent.RANK_UPDATE]: WebcastRankUpdateMessage;
  [WebcastEvent.POLL_MESSAGE]: WebcastPollMessage;
  [WebcastEvent.RANK_TEXT]: WebcastRankTextMessage;
  [WebcastEvent.LINK_MIC_BATTLE_PUNISH_FINISH]: WebcastLinkMicBattlePunishFinish;
  [WebcastEvent.LINK_MIC_BATTLE_TASK]: WebcastLinkmicBattleTaskMessage;
  [WebcastEvent.LINK_MIC_FAN_TICKET_METHOD]: WebcastLinkMicFanTicketMethod;
  [WebcastEvent.LINK_MIC_METHOD]: WebcastLinkMicMethod;
  [WebcastEvent.UNAUTHORIZED_MEMBER]: WebcastUnauthorizedMemberMessage;
  [WebcastEvent.OEC_LIVE_SHOPPING]: WebcastOecLiveShoppingMessage;
  [WebcastEvent.MSG_DETECT]: WebcastMsgDetectMessage;
  [WebcastEvent.LINK_MESSAGE]: WebcastLinkMessage;
  [WebcastEvent.ROOM_VERIFY]: RoomVerifyMessage;
  [WebcastEvent.LINK_LAYER]: WebcastLinkLayerMessage;
  [WebcastEvent.ROOM_PIN]: WebcastRoomPinMessage;
  [WebcastEvent.SUPER_FAN_BOX]: WebcastEnvelopeMessage;
  [WebcastEvent.ACCESS_CONTROL]: WebcastAccessControlMessage;
  [WebcastEvent.ACCESS_RECALL]: WebcastAccessRecallMessage;
  [WebcastEvent.BOOST_CARD]: WebcastBoostCardMessage;
  [WebcastEvent.BOTTOM_MESSAGE]: WebcastBottomMessage;
  [WebcastEvent.CAPSULE]: WebcastCapsuleMessage;
  [WebcastEvent.GAME_RANK_NOTIFY]: WebcastGameRankNotifyMessage;
  [WebcastEvent.GIFT_BROADCAST]: WebcastGiftBroadcastMessage;
  [WebcastEvent.GIFT_DYNAMIC_RESTRICTION]: WebcastGiftDynamicRestrictionMessage;
  [WebcastEvent.GIFT_PANEL_UPDATE]: WebcastGiftPanelUpdateMessage;
  [WebcastEvent.GIFT_PROMPT]: WebcastGiftPromptMessage;
  [WebcastEvent.GUIDE]: WebcastGuideMessage;
  [WebcastEvent.HOURLY_RANK]: WebcastHourlyRankRewardMessage;
  [WebcastEvent.LINK_MIC_LAYOUT_STATE]: WebcastLinkMicLayoutStateMessage;
  [WebcastEvent.LINK_STATE]: WebcastLinkStateMessage;
  [WebcastEvent.LIVE_GAME_INTRO]: WebcastLiveGameIntroMessage;
  [WebcastEvent.MARQUEE_ANNOUNCEMENT]: WebcastMarqueeAnnouncementMessage;
  [WebcastEvent.NOTICE]: WebcastNoticeMessage;
  [WebcastEvent.PARTNERSHIP_DROPS_UPDATE]: WebcastPartnershipDropsUpdateMessage;
  [WebcastEvent.PARTNERSHIP_GAME_OFFLINE]: WebcastPartnershipGameOfflineMessage;
  [WebcastEvent.PARTNERSHIP_PUNISH]: WebcastPartnershipPunishMessage;
  [WebcastEvent.PERCEPTION]: WebcastPerceptionMessage;
  [WebcastEvent.ROOM_NOTIFY]: WebcastRoomNotifyMessage;
  [WebcastEvent.SPEAKER]: WebcastSpeakerMessage;
  [WebcastEvent.SUB_NOTIFY]: WebcastSubNotifyMessage;
  [WebcastEvent.SUB_PIN_EVENT]: WebcastSubPinEventMessage;
  [WebcastEvent.TOAST]: WebcastToastMessage;
  [WebcastEvent.VIEWER_PICKS_UPDATE]: WebcastViewerPicksUpdateMessage;
  [WebcastEvent.CONTROL_MESSAGE]: WebcastControlMessage;
  [WebcastEvent.BARRAGE]: WebcastBarrageMessage;
  [WebcastEvent.SYSTEM]: WebcastSystemMessage;
}

/** A message with its type name. */
export interface DecodedData {
  /** Name of the message type in proto/webcast. */
  readonly type: string;
  readonly data: unknown;
}

/** A message that no event of its own comes for. */
export interface UndecodedData {
  /** Wire method, for example `WebcastChatMessage`. */
  readonly method: string;
  readonly payload: Uint8Array;
  /** `unknownMethod`: the schema has no type for it. `undecodable`: the bytes are damaged; `error` says how. */
  readonly reason: 'unknownMethod' | 'undecodable';
  readonly error?: SchemaDecodeError;
}

/** What comes with each event of the connection. */
export interface ControlEventArguments {
  [ControlEvent.CONNECTED]: [state: TikTokLiveConnectionState];
  /** Comes once for each connection that was open; nothing comes after it. */
  [ControlEvent.DISCONNECTED]: [closed: { code: number; reason?: string; kind: CloseKind }];
  [ControlEvent.ERROR]: [error: { info: string; exception: unknown }];
  /** Every message of every batch, before `decodedData`; also those that cannot be decoded. */
  [ControlEvent.RAW_DATA]: [messageTypeName: string, binary: Uint8Array];
  [ControlEvent.DECODED_DATA]: [event: string, decodedData: DecodedData, binary: Uint8Array];
  [ControlEvent.WEBSOCKET_CONNECTED]: [client: WebcastWebSocketClient];
  [ControlEvent.WEBSOCKET_DATA]: [data: Uint8Array];
  [ControlEvent.ENTER_ROOM]: [frame: WebcastPushFrame];
  [ControlEvent.RECONNECTING]: [event: ReconnectingEvent];
  [ControlEvent.RECONNECTED]: [state: TikTokLiveConnectionState];
  [ControlEvent.GAP]: [gap: GapEvent];
  /** Every message that `decodedData` cannot come for, after its `rawData`. */
  [ControlEvent.UNDECODED_DATA]: [message: UndecodedData];
}

/** The arguments of each event. */
export type EventArguments = ControlEventArguments & { [E in WebcastEvent]: [data: WebcastEventMessage[E]] };

/** The listener of each event, by the event's name. */
export type ClientEventMap = { [E in keyof EventArguments as `${E}`]: (...args: EventArguments[E]) => void };
