import { Random } from '../../apps/simulator/src/common/random.js';
import { plainText } from '../../apps/simulator/src/messages/draft.js';
import { fill } from '../../apps/simulator/src/messages/filler.js';
import { giftImage } from '../../apps/simulator/src/messages/gift-catalogue.js';
import type { GivenMessage } from '../../apps/simulator/src/messages/given.js';
import { RARE_METHODS } from '../../apps/simulator/src/messages/rare.js';
import { codecForType } from '../../apps/simulator/src/wire/proto.js';
import type { Streamer } from '../../apps/simulator/src/world/streamer.js';

const HOUR_MS = 3_600_000;
/** How often a message of a rare method is made up; the example is the one that says most. */
const ATTEMPTS = 40;

const picture = (name: string) => ({ url: [`https://p16-webcast.tiktokcdn.com/webcast-va/${name}.png`] });
const emoteImage = (name: string) => ({ imageUrl: [`https://p16-webcast.tiktokcdn.com/webcast-va/${name}.png`] });
const artwork = (scene: number, name: string, level = '0') => ({
  displayType: 4,
  badgeScene: scene,
  display: true,
  logExtra: { level },
  combine: { badgeDisplayType: 4, icon: { ...picture(name), mUri: `webcast-va/${name}.png` } },
});

/** A viewer with everything that the contract says about one. */
const FAN = {
  userId: '6812345678901234567',
  uniqueId: 'a.viewer',
  nickname: 'A viewer',
  profilePicture: picture('avatar_a_viewer'),
  verified: true,
  isSubscribe: true,
  userAttr: { isAdmin: true },
  followInfo: { followStatus: '2' },
  badges: [
    artwork(1, 'moderator'),
    artwork(4, 'super_fan_badge'),
    artwork(6, 'ranklist_top_gifter_1.'),
    artwork(8, 'grade_badge_icon_lite_lv25', '27'),
    artwork(10, 'fans_badge_icon_lv10', '12'),
  ],
};
const GUEST = {
  userId: '6823456789012345678',
  uniqueId: 'a.guest',
  nickname: 'A guest',
  profilePicture: picture('avatar_a_guest'),
};

const text = (key: string, pattern: string) => ({
  displayType: key,
  defaultPattern: pattern,
  piecesList: [{ type: 11, userValue: { user: FAN } }],
});
const shown = (key: string, pattern: string) => ({ common: { displayText: text(key, pattern) } });

/** How TikTok says that a stream is over. */
export const STREAM_END = {
  action: 3,
  tips: 'The LIVE has ended',
  floatText: plainText('pm_mt_live_end', 'The LIVE has ended'),
};

/** Messages with the optional fields that the simulator's own live leaves empty. `now`: milliseconds since the epoch. */
export function richMessages(streamer: Streamer, now: number): readonly GivenMessage[] {
  const seconds = Math.floor(now / 1000);
  const host = {
    userId: streamer.userId,
    uniqueId: streamer.uniqueId,
    nickname: streamer.nickname,
    profilePicture: { url: [streamer.avatarUrl] },
  };
  const rose = { id: '5655', giftName: 'Rose', diamondCount: 1, giftType: 1, icon: { url: [giftImage(5655)] } };
  const box = (businessType: number, key: string) => ({
    ...shown(key, '{0:user} sent a box'),
    envelopeInfo: {
      envelopeId: '7601234567890000001',
      businessType,
      sendUserName: FAN.nickname,
      sendUserId: FAN.userId,
      sendUserAvatar: FAN.profilePicture,
      diamondCount: 100,
      peopleCount: 10,
      unpackAt: seconds + 180,
    },
    display: 1,
  });
  const announcement = (msgType: number, key: string, pattern: string) => ({
    msgType,
    content: text(key, pattern),
    commonBarrageContent: plainText('pm_mt_common', 'Welcome'),
    icon: { mUrls: ['https://p16-webcast.tiktokcdn.com/webcast-va/announcement.png'] },
    duration: '4000',
    scene: 'super_fan',
    subType: 'join',
    user: FAN,
    fansLevelParam: { currentGrade: 12, user: FAN },
  });
  const battle = {
    battleId: '7601234567890000002',
    startTimeMs: String(now - 60_000),
    endTimeMs: String(now + 240_000),
    duration: 300,
    channelId: '7601234567890000003',
    battleType: 2,
    status: 1,
  };
  const supporter = {
    userId: FAN.userId,
    userIdStr: FAN.userId,
    nickname: FAN.nickname,
    avatarThumb: FAN.profilePicture,
    score: '1200',
  };
  const armies = {
    [streamer.userId]: { userArmy: [supporter], hostScore: '1200' },
    [GUEST.userId]: { userArmy: [{ ...supporter, score: '300' }], hostScore: '300' },
  };
  const teamArmies = [
    {
      teamId: '1',
      teamUsers: [{ userId: streamer.userId, score: '1200' }],
      teamTotalScore: '1200',
      userArmies: { userArmy: [supporter] },
    },
    {
      teamId: '2',
      teamUsers: [{ userId: GUEST.userId, score: '300' }],
      teamTotalScore: '300',
      userArmies: { userArmy: [] },
    },
  ];
  const fighter = ({ userId, nickname, uniqueId, profilePicture }: typeof GUEST) => ({
    user: { userId, nickName: nickname, displayId: uniqueId, avatarThumb: profilePicture },
  });

  const fields: readonly (readonly [method: string, fields: Record<string, unknown>])[] = [
    [
      'WebcastChatMessage',
      {
        user: FAN,
        comment: '@a.guest hello there',
        contentLanguage: 'en',
        atUser: GUEST,
        mentionUsers: [GUEST],
        emotes: [{ placeInComment: 20, emote: { emoteId: '7601234567890000004', image: emoteImage('emote_1') } }],
      },
    ],
    [
      'WebcastEmoteChatMessage',
      { user: FAN, emoteList: [{ emoteId: '7601234567890000004', image: picture('emote_1') }] },
    ],
    [
      'WebcastGiftMessage',
      { giftId: 5655, user: FAN, toUser: GUEST, repeatCount: 3, groupId: '1769886000123', giftDetails: rose },
    ],
    [
      'WebcastGiftMessage',
      {
        giftId: 5655,
        user: FAN,
        toUser: GUEST,
        repeatCount: 5,
        repeatEnd: 1,
        groupId: '1769886000123',
        giftDetails: rose,
      },
    ],
    ['WebcastLikeMessage', { user: FAN, likeCount: 15, totalLikeCount: 1_000_000 }],
    [
      'WebcastMemberMessage',
      {
        ...shown('live_room_enter_toast', '{0:user} joined'),
        user: FAN,
        operator: host,
        action: 1,
        memberCount: 180,
        clientEnterSource: 'homepage_hot-live_cell',
        clientEnterType: 'click',
      },
    ],
    [
      'WebcastSocialMessage',
      {
        ...shown('pm_main_follow_message_viewer_2', '{0:user} followed the LIVE creator'),
        user: FAN,
        action: '1',
        followCount: 5120,
      },
    ],
    [
      'WebcastSocialMessage',
      {
        ...shown('pm_mt_guidance_viewer_5_share', '{0:user} shared with 5 people'),
        user: FAN,
        action: '3',
        shareType: '1',
        shareTarget: '2',
        shareCount: 5,
      },
    ],
    [
      'WebcastSocialMessage',
      {
        ...shown('pm_mt_join_message_other_viewer', '{0:user} joined through a friend'),
        user: FAN,
        action: '5',
        shareType: '1',
        shareTarget: '2',
        followCount: 5120,
        shareCount: 1,
      },
    ],
    ['WebcastEnvelopeMessage', box(1, 'pm_mt_envelope')],
    ['WebcastEnvelopeMessage', box(19, 'ttlive_superFanBox_sent')],
    [
      'WebcastQuestionNewMessage',
      {
        details: {
          questionId: '7601234567890000005',
          questionText: 'Which song comes next?',
          createTime: String(seconds - 5),
          user: FAN,
        },
      },
    ],
    [
      'WebcastLinkMicBattle',
      {
        battleId: battle.battleId,
        battleSetting: { ...battle, status: 2 },
        action: 5,
        armies,
        anchorInfo: { [streamer.userId]: fighter(host), [GUEST.userId]: fighter(GUEST) },
        battleResult: {
          [streamer.userId]: { userId: streamer.userId, result: 0, score: '1200' },
          [GUEST.userId]: { userId: GUEST.userId, result: 1, score: '300' },
        },
        teamArmies,
      },
    ],
    [
      'WebcastLinkMicArmies',
      {
        battleId: battle.battleId,
        battleItems: armies,
        channelId: battle.channelId,
        battleStatus: 1,
        battleSettings: battle,
        fromUserId: FAN.userId,
        giftId: '5655',
        giftCount: 1,
        repeatCount: 3,
        totalDiamondCount: 3,
        teamArmies,
      },
    ],
    ['WebcastLiveIntroMessage', { description: 'Singing every evening', host, language: 'en', auditStatus: 1 }],
    [
      'WebcastBarrageMessage',
      announcement(100, 'ttlive_superfan_commentnotif_someonebecamesuperfan', '{0:user} became a Super Fan'),
    ],
    [
      'WebcastBarrageMessage',
      announcement(100, 'ttlive_superFan_commentNotif_superFanJoined', 'Super Fan {0:user} joined'),
    ],
    ['WebcastBarrageMessage', announcement(11, 'pm_mt_fan_live_join', '{0:user} joined')],
    [
      'WebcastRoomUserSeqMessage',
      {
        ranksList: [
          { rank: 1, coinCount: 1200, user: FAN },
          { rank: 2, coinCount: 300, user: GUEST },
        ],
        viewerCount: 180,
        totalUser: 5120,
        popularity: '180',
        anonymous: '12',
      },
    ],
    [
      'WebcastGoalUpdateMessage',
      {
        goal: {
          id: '7601234567890000006',
          type: 1,
          status: 2,
          description: 'Roses for the garden',
          startTime: String(seconds - 600),
          expireTime: String(seconds + 3000),
          subGoals: [
            {
              id: '5655',
              type: 1,
              progress: '120',
              target: '1000',
              gift: { name: 'Rose', diamondCount: '1', icon: { url: [giftImage(5655)] } },
            },
          ],
        },
        contributorId: FAN.userId,
        contributorDisplayId: FAN.uniqueId,
        contributorAvatar: FAN.profilePicture,
        contributeCount: '3',
        contributeScore: '3',
        giftRepeatCount: '3',
        pin: true,
        updateSource: 2,
      },
    ],
    [
      'WebcastRoomMessage',
      {
        ...shown('pm_mt_welcome', 'Welcome to the LIVE'),
        content: 'Welcome! Be kind to one another.',
        source: '1',
        scene: 'welcome',
        subScene: 'first',
        isWelcome: true,
        showDurationMs: '5000',
        icon: picture('welcome'),
      },
    ],
    [
      'WebcastImDeleteMessage',
      { deleteMsgIdsList: ['7601234567890000007'], deleteUserIdsList: ['6834567890123456789'] },
    ],
    [
      'WebcastInRoomBannerMessage',
      {
        ...shown('pm_mt_campaign', 'The winter campaign has begun'),
        jsonData: JSON.stringify({
          'op_component-open-2-7300000000000000042': {
            activity_time: { start_time: seconds - 3600, end_time: seconds + 3600, show_time: seconds + 7200 },
          },
        }),
        position: 1,
        actionType: 1,
      },
    ],
    [
      'WebcastRankUpdateMessage',
      {
        updatesList: [
          {
            rankType: 1,
            ownerRank: '12',
            currentScore: '34560',
            countdown: '3412',
            defaultContent: plainText('pm_mt_Live_HR', 'Hourly ranking'),
          },
        ],
        groupType: 1,
      },
    ],
    [
      'WebcastRankTextMessage',
      {
        scene: 1,
        ownerIdxBeforeUpdate: '12',
        ownerIdxAfterUpdate: '2',
        curUserId: FAN.userId,
        rankType: 1,
        content: text('pm_mt_rank', '{0:user} is second now'),
        selfGetBadgeMsg: plainText('pm_mt_rank_self', 'You are second now'),
        otherGetBadgeMsg: text('pm_mt_rank_other', '{0:user} is second now'),
        leftIcon: picture('rank_2'),
      },
    ],
    [
      'WebcastRoomPinMessage',
      {
        chatMessage: {
          common: { method: 'WebcastChatMessage', msgId: '7601234567890000007', roomId: streamer.roomId },
          user: FAN,
          comment: 'hello there',
        },
        method: 'WebcastChatMessage',
        pinTime: String(now),
        operator: host,
        action: 1,
        displayDuration: '60',
        pinId: '7601234567890000008',
      },
    ],
    [
      'WebcastSubNotifyMessage',
      {
        user: FAN,
        subMonth: '3',
        subscribeType: 1,
        oldSubscribeStatus: 1,
        messageType: 0,
        subscribingStatus: 1,
        giftSource: 1,
        packageId: '7601234567890000009',
      },
    ],
    [
      'WebcastControlMessage',
      { action: 1, tips: 'The host will be back soon', floatText: plainText('pm_mt_pause', 'Back soon') },
    ],
  ];
  return [...fields.map(([method, body]) => ({ method, fields: body })), ...rareMessages(now)];
}

/** Messages of the rare methods, made up by the simulator's filler. */
function rareMessages(now: number): GivenMessage[] {
  const random = new Random('examples of rare methods');
  return [...RARE_METHODS, ...SIGNALS]
    .filter(([method]) => !MADE.has(method))
    .flatMap(([method, type]) =>
      Array.from({ length: ATTEMPTS }, (_, attempt) => {
        const common = {
          method,
          msgId: `76012345678${String(now % HOUR_MS).padStart(7, '0')}${attempt}`,
          createTime: String(now),
          displayText: plainText('pm_mt_notice', 'A notice'),
        };
        const body = { ...fill(random, type, new Set(['common'])), common };
        return { method, payload: Buffer.from(codecForType(type)?.encode(body).finish() ?? []).toString('base64') };
      }),
    );
}

/** Frequent methods of which the simulator's live fills few fields. */
const SIGNALS: readonly (readonly [method: string, type: string])[] = [
  ['WebcastLinkLayerMessage', 'WebcastLinkLayerMessage'],
  ['WebcastLinkMessage', 'WebcastLinkMessage'],
  ['WebcastLinkMicMethod', 'WebcastLinkMicMethod'],
  ['WebcastLinkMicFanTicketMethod', 'WebcastLinkMicFanTicketMethod'],
];

/** Rare methods with a message of their own above. */
const MADE: ReadonlySet<string> = new Set(['WebcastLiveIntroMessage', 'WebcastSubNotifyMessage']);
