import { WebcastEvent } from '@livetap/connector';
import type { Fields } from './stage.js';

/** A documented listener: its file in samples/, a message of the room, and what it writes then. */
export interface SampleCase {
  readonly sample: string;
  readonly event: WebcastEvent;
  readonly method: string;
  readonly fields: Fields;
  readonly lines: readonly string[];
}

const user = { userId: '11', uniqueId: 'ann', nickname: 'Ann' };
const USER_LINES = ['User uniqueId: ann', 'User nickname: Ann'];

const of = (event: WebcastEvent, method: string, fields: Fields, ...lines: string[]): SampleCase => ({
  sample: `event-${event.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  event,
  method,
  fields,
  lines,
});

const text = (displayType: string, defaultPattern: string): Fields => ({ displayType, defaultPattern });

export const SAMPLE_CASES: readonly SampleCase[] = [
  of(
    WebcastEvent.MEMBER,
    'WebcastMemberMessage',
    { user, memberCount: 7 },
    ...USER_LINES,
    'User joined the stream!',
    'Viewers: 7',
  ),
  of(WebcastEvent.CHAT, 'WebcastChatMessage', { user, comment: 'hello' }, ...USER_LINES, 'Comment: hello'),
  of(
    WebcastEvent.GIFT,
    'WebcastGiftMessage',
    { user, giftId: 5655, repeatCount: 3, repeatEnd: 0, giftDetails: { giftType: 1, giftName: 'Rose' } },
    'Gift streak in progress',
    ...USER_LINES,
    'GiftId: 5655, repeatCount: 3',
    'Gift name: Rose',
  ),
  of(
    WebcastEvent.ROOM_USER,
    'WebcastRoomUserSeqMessage',
    { viewerCount: 42, ranksList: [{ user, coinCount: 9 }] },
    'Viewer Count: 42',
    'Top gifter uniqueId: ann (9)',
    'Top gifter nickname: Ann (9)',
  ),
  of(
    WebcastEvent.LIKE,
    'WebcastLikeMessage',
    { user, likeCount: 15, totalLikeCount: 3000000000 },
    ...USER_LINES,
    'Likes: 15, total likes: 3000000000',
  ),
  of(
    WebcastEvent.SOCIAL,
    'WebcastSocialMessage',
    {
      user,
      action: '4',
      shareType: '1',
      shareTarget: 'friends',
      common: { displayText: text('pm_mt_msg_viewer', '') },
    },
    'Social action: 4',
    ...USER_LINES,
    'Share type: 1, share target: friends',
  ),
  of(
    WebcastEvent.EMOTE,
    'WebcastEmoteChatMessage',
    { user, emoteList: [{ emoteId: 'e1' }] },
    ...USER_LINES,
    'Emote id: e1',
  ),
  of(
    WebcastEvent.ENVELOPE,
    'WebcastEnvelopeMessage',
    { envelopeInfo: { envelopeId: 'v1', sendUserName: 'Ann', diamondCount: 20, peopleCount: 5 } },
    'Envelope v1',
    'From: Ann',
    'Diamonds: 20, People: 5',
  ),
  of(
    WebcastEvent.QUESTION_NEW,
    'WebcastQuestionNewMessage',
    { details: { questionText: 'Why?', user } },
    'Question: Why?',
    'Asked by (uniqueId): ann',
    'Asked by (nickname): Ann',
  ),
  of(
    WebcastEvent.LINK_MIC_BATTLE,
    'WebcastLinkMicBattle',
    { battleId: '71', anchorInfo: { '1': { user: { displayId: 'ann' } }, '2': { user: { nickName: 'Bob' } } } },
    'New Battle 71',
    'Participants: ann VS Bob',
  ),
  of(
    WebcastEvent.LINK_MIC_ARMIES,
    'WebcastLinkMicArmies',
    { battleId: '71', giftId: '5655', giftCount: 2, totalDiamondCount: 8 },
    'Battle 71: gift 5655 x2',
    'Total diamonds: 8',
  ),
  of(
    WebcastEvent.LIVE_INTRO,
    'WebcastLiveIntroMessage',
    { host: user, description: 'Welcome' },
    'Host uniqueId: ann',
    'Host nickname: Ann',
    'Description: Welcome',
  ),
  of(
    WebcastEvent.SUPER_FAN,
    'WebcastBarrageMessage',
    { content: text('ttlive_superFan_someone', 'is a fan'), commonBarrageContent: text('', 'a fan!') },
    'is a fan',
    'a fan!',
  ),
  of(
    WebcastEvent.SUPER_FAN_JOIN,
    'WebcastBarrageMessage',
    {
      content: text('ttlive_superFan_commentNotif_superFanJoined', 'has joined'),
      commonBarrageContent: text('', 'joined!'),
    },
    'has joined',
    'joined!',
  ),
  of(
    WebcastEvent.FOLLOW,
    'WebcastSocialMessage',
    { user, common: { displayText: text('pm_main_follow_message_viewer_2', '') } },
    'ann followed!',
    'Ann followed!',
  ),
  of(
    WebcastEvent.SHARE,
    'WebcastSocialMessage',
    { user, common: { displayText: text('pm_mt_guidance_share', '') } },
    'ann shared the stream!',
    'Ann shared the stream!',
  ),
  of(
    WebcastEvent.GOAL_UPDATE,
    'WebcastGoalUpdateMessage',
    { goal: { description: '100 roses' }, contributorDisplayId: 'ann', contributeCount: '3', contributeScore: '30' },
    'Goal update: 100 roses',
    'Contributor: ann, count: 3, score: 30',
  ),
  of(
    WebcastEvent.ROOM_MESSAGE,
    'WebcastRoomMessage',
    { content: 'Be kind', source: '2', scene: 's1' },
    'Room message: Be kind',
    'Source: 2',
    'Scene: s1',
  ),
  of(
    WebcastEvent.CAPTION_MESSAGE,
    'WebcastCaptionMessage',
    {
      timestampMs: '1700000000000',
      content: [
        { lang: 'en', content: 'hi' },
        { lang: 'de', content: 'hallo' },
      ],
    },
    'Caption (1700000000000): [en] hi [de] hallo',
  ),
  of(
    WebcastEvent.IM_DELETE,
    'WebcastImDeleteMessage',
    { deleteMsgIdsList: ['7000000000000000001', '2'], deleteUserIdsList: ['3'] },
    'Deleted messages: 7000000000000000001, 2',
    'Deleted users: 3',
  ),
  of(WebcastEvent.IN_ROOM_BANNER, 'WebcastInRoomBannerMessage', { jsonData: '{"a":1}' }, 'Banner payload: {"a":1}'),
  of(
    WebcastEvent.RANK_UPDATE,
    'WebcastRankUpdateMessage',
    { updatesList: [{ rankType: 1, ownerRank: '4' }] },
    'Rank updates: 1',
    'Rank type: 1, owner rank: 4',
  ),
  of(
    WebcastEvent.POLL_MESSAGE,
    'WebcastPollMessage',
    { pollBasicInfo: { title: 'Tea?', timeRemain: '60' } },
    'Poll: Tea?',
    'Time remaining: 60',
  ),
  of(
    WebcastEvent.RANK_TEXT,
    'WebcastRankTextMessage',
    { ownerIdxBeforeUpdate: '5', ownerIdxAfterUpdate: '3', selfGetBadgeMsg: text('', 'A badge') },
    'Rank change: 5 -> 3',
    'Self badge text: A badge',
  ),
  of(
    WebcastEvent.LINK_MIC_BATTLE_PUNISH_FINISH,
    'WebcastLinkMicBattlePunishFinish',
    { battleId: '71', reason: 1, channelId: '8' },
    'Battle punish finished: 71',
    'Reason: 1, channel: 8',
  ),
  of(
    WebcastEvent.LINK_MIC_BATTLE_TASK,
    'WebcastLinkmicBattleTaskMessage',
    { battleId: '71', battleTaskMessageType: 2, taskUpdate: { taskProgress: '50' }, taskSettle: { taskResult: 1 } },
    'Battle task (71) type: 2',
    'Progress: 50',
    'Result: 1',
  ),
  of(
    WebcastEvent.LINK_MIC_FAN_TICKET_METHOD,
    'WebcastLinkMicFanTicketMethod',
    { FanTicketRoomNotice: { TotalLinkMicFanTicket: '12', UserFanTicketList: [{}, {}] } },
    'Total fan tickets: 12',
    'Users in notice: 2',
  ),
  of(
    WebcastEvent.LINK_MIC_METHOD,
    'WebcastLinkMicMethod',
    { messageType: 2, channelId: '8', userId: '11', toUserId: '12' },
    'LinkMic messageType: 2',
    'Channel: 8, user: 11, toUser: 12',
  ),
  of(
    WebcastEvent.UNAUTHORIZED_MEMBER,
    'WebcastUnauthorizedMemberMessage',
    { action: 1, nickName: 'Ann', enterText: text('', 'came in') },
    'Unauthorized member action: 1',
    'Nickname: Ann',
    'Enter text: came in',
  ),
  of(
    WebcastEvent.OEC_LIVE_SHOPPING,
    'WebcastOecLiveShoppingMessage',
    { shopData: { title: 'Mug', priceString: '$5', shopName: 'Mugs', shopUrl: 'https://shop.example' } },
    'Product: Mug ($5)',
    'Shop: Mugs, URL: https://shop.example',
  ),
  of(
    WebcastEvent.MSG_DETECT,
    'WebcastMsgDetectMessage',
    {
      detectType: 1,
      triggerBy: 2,
      triggerCondition: { uplinkDetectWebSocket: true },
      timeInfo: { apiRecvTimeMs: '99' },
    },
    'Detect type: 1, triggerBy: 2',
    'WebSocket detect: true',
    'API recv time: 99',
  ),
  of(
    WebcastEvent.LINK_MESSAGE,
    'WebcastLinkMessage',
    {
      MessageType: 2,
      Scene: 1,
      InviteContent: { fromUserId: '11', actionId: '5' },
      ReplyContent: { replyStatus: '1', fromUserId: '12', toUserId: '11' },
    },
    'Link message type: 2, scene: 1',
    'Invite from 11',
    'Action: 5',
    'Reply status: 1',
    'From 12 to 11',
  ),
  of(
    WebcastEvent.ROOM_VERIFY,
    'WebcastRoomVerifyMessage',
    { noticeType: '3', action: 1, closeRoom: true, content: 'Verify' },
    'Room verify: 3',
    'Action: 1, closeRoom: true',
    'Content: Verify',
  ),
  of(
    WebcastEvent.LINK_LAYER,
    'WebcastLinkLayerMessage',
    {
      messageType: 2,
      channelId: '8',
      scene: 1,
      inviteContent: { inviteeLinkMicId: 'i1' },
      createChannelContent: { ownerLinkMicId: 'o1' },
    },
    'LinkLayer type: 2, channel: 8, scene: 1',
    'Invite linkMicId: i1',
    'Owner linkMicId: o1',
  ),
  of(
    WebcastEvent.ROOM_PIN,
    'WebcastRoomPinMessage',
    { operator: user, method: 'WebcastChatMessage', chatMessage: { comment: 'pin me' } },
    'Pinned by (uniqueId): ann',
    'Pinned by (nickname): Ann',
    'Pin method: WebcastChatMessage',
    'Pinned chat: pin me',
  ),
];
