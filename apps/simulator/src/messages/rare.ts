import { WebcastSpeakerMessage } from '@livetap/connector';
import { codecForType } from '../wire/proto.js';
import { fill } from './filler.js';
import type { Draft } from './draft.js';
import type { RoomState } from './room-state.js';

/** Methods that come once in thousands of messages, with the type of each. */
export const RARE_METHODS: readonly (readonly [method: string, type: string])[] = [
  ['WebcastLiveIntroMessage', 'WebcastLiveIntroMessage'],
  ['WebcastLinkMicBattlePunishFinish', 'WebcastLinkMicBattlePunishFinish'],
  ['WebcastLinkmicBattleTaskMessage', 'WebcastLinkmicBattleTaskMessage'],
  ['WebcastUnauthorizedMemberMessage', 'WebcastUnauthorizedMemberMessage'],
  ['WebcastOecLiveShoppingMessage', 'WebcastOecLiveShoppingMessage'],
  ['WebcastMsgDetectMessage', 'WebcastMsgDetectMessage'],
  ['WebcastRoomVerifyMessage', 'RoomVerifyMessage'],
  ['RoomVerifyMessage', 'RoomVerifyMessage'],
  ['WebcastAccessControlMessage', 'WebcastAccessControlMessage'],
  ['WebcastAccessRecallMessage', 'WebcastAccessRecallMessage'],
  ['WebcastBoostCardMessage', 'WebcastBoostCardMessage'],
  ['WebcastBottomMessage', 'WebcastBottomMessage'],
  ['WebcastCapsuleMessage', 'WebcastCapsuleMessage'],
  ['WebcastGameRankNotifyMessage', 'WebcastGameRankNotifyMessage'],
  ['WebcastGiftBroadcastMessage', 'WebcastGiftBroadcastMessage'],
  ['WebcastGiftDynamicRestrictionMessage', 'WebcastGiftDynamicRestrictionMessage'],
  ['WebcastGiftPanelUpdateMessage', 'WebcastGiftPanelUpdateMessage'],
  ['WebcastGiftPromptMessage', 'WebcastGiftPromptMessage'],
  ['WebcastGuideMessage', 'WebcastGuideMessage'],
  ['WebcastHourlyRankRewardMessage', 'WebcastHourlyRankRewardMessage'],
  ['WebcastLinkMicLayoutStateMessage', 'WebcastLinkMicLayoutStateMessage'],
  ['WebcastLinkStateMessage', 'WebcastLinkStateMessage'],
  ['WebcastLiveGameIntroMessage', 'WebcastLiveGameIntroMessage'],
  ['WebcastMarqueeAnnouncementMessage', 'WebcastMarqueeAnnouncementMessage'],
  ['WebcastNoticeMessage', 'WebcastNoticeMessage'],
  ['WebcastPartnershipDropsUpdateMessage', 'WebcastPartnershipDropsUpdateMessage'],
  ['WebcastPartnershipGameOfflineMessage', 'WebcastPartnershipGameOfflineMessage'],
  ['WebcastPartnershipPunishMessage', 'WebcastPartnershipPunishMessage'],
  ['WebcastPerceptionMessage', 'WebcastPerceptionMessage'],
  ['WebcastRoomNotifyMessage', 'WebcastRoomNotifyMessage'],
  ['WebcastSpeakerMessage', 'WebcastSpeakerMessage'],
  ['WebcastSubNotifyMessage', 'WebcastSubNotifyMessage'],
  ['WebcastSubPinEventMessage', 'WebcastSubPinEventMessage'],
  ['WebcastToastMessage', 'WebcastToastMessage'],
  ['WebcastViewerPicksUpdateMessage', 'WebcastViewerPicksUpdateMessage'],
];

/** Methods that TikTok sends and that have no type in the schema. */
export const UNKNOWN_METHODS = [
  'WebcastPictionaryUpdateMessage',
  'WebcastGoodyBagMessage',
  'WebcastSubWaveMessage',
  'WebcastHashtagMessage',
  'WebcastQuestionSelectedMessage',
  'WebcastEnvelopePortalMessage',
] as const;

const KEEP = new Set(['common']);

/** A message of one of the rare methods: one after the other, so that none is missing for long; each room begins elsewhere. */
export const rare = (room: RoomState): Draft => {
  room.rareTurn += 1;
  const [method, type] = RARE_METHODS[room.rareTurn % RARE_METHODS.length] ?? [
    'WebcastSpeakerMessage',
    'WebcastSpeakerMessage',
  ];
  const body = fill(room.random, type, KEEP);
  return {
    method,
    encode: (common) => (codecForType(type) ?? WebcastSpeakerMessage).encode({ ...body, common }).finish(),
  };
};

/** A message of a method without a type: a common header, then fields that nobody knows. */
export const unknown = (room: RoomState): Draft => {
  const extra = Buffer.from(room.random.text(room.random.int(4, 60)), 'utf8');
  return {
    method: room.random.pick(UNKNOWN_METHODS),
    // Field 3, length-delimited, after the common header in field 1.
    encode: (common) =>
      Buffer.concat([WebcastSpeakerMessage.encode({ common }).finish(), Buffer.from([0x1a, extra.length]), extra]),
  };
};
