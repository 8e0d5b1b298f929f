import {
  WebcastBarrageMessage,
  WebcastCaptionMessage,
  WebcastEnvelopeMessage,
  WebcastGoalUpdateMessage,
  WebcastImDeleteMessage,
  WebcastInRoomBannerMessage,
  WebcastQuestionNewMessage,
  WebcastRankTextMessage,
  WebcastRankUpdateMessage,
  WebcastRoomMessage,
  WebcastRoomPinMessage,
  WebcastSystemMessage,
} from '@livetap/connector';
import { questions, sentences } from '../world/words.js';
import { draft, plainText, userText } from './draft.js';
import type { Draft } from './draft.js';
import type { RoomState } from './room-state.js';

const envelopeOf = (room: RoomState, businessType: number, displayType?: string): Draft => {
  const user = room.viewer();
  const at = Math.floor(room.random.int(1_700_000_000, 1_799_999_999));
  return draft(
    WebcastEnvelopeMessage,
    {
      envelopeInfo: {
        envelopeId: room.id(),
        businessType,
        envelopeIdc: 'useast2a',
        sendUserName: user.nickname ?? '',
        sendUserId: user.userId ?? '0',
        diamondCount: room.random.int(10, 500),
        peopleCount: room.random.int(1, 50),
        unpackAt: at,
        createAt: String(at - 180),
        roomId: room.roomId,
      },
      display: room.random.chance(0.6) ? 1 : 2,
    },
    {
      header: {
        isShowMsg: true,
        ...(displayType === undefined ? {} : { displayText: userText(displayType, '{0:user} sent a box', user) }),
      },
    },
  );
};

export const envelope = (room: RoomState): Draft => envelopeOf(room, 1);

export const superFanBox = (room: RoomState): Draft =>
  room.random.chance(0.5) ? envelopeOf(room, 19) : envelopeOf(room, 1, 'ttlive_superFanBox_sent');

const barrageOf = (room: RoomState, msgType: number, displayType: string, pattern: string): Draft => {
  const user = room.viewer();
  return draft(
    WebcastBarrageMessage,
    {
      msgType,
      content: userText(displayType, pattern, user),
      duration: '4000',
      user,
      ...(msgType === 11 ? { fansLevelParam: { currentGrade: room.random.int(1, 30), user } } : {}),
    },
    { header: { isShowMsg: true } },
  );
};

export const barrage = (room: RoomState): Draft =>
  room.random.chance(0.5)
    ? barrageOf(room, 11, 'pm_mt_fan_live_join', '{0:user} joined')
    : barrageOf(room, 9, 'ttlive_gift_userLevelEntrance', '{0:user} joined');
export const superFan = (room: RoomState): Draft =>
  barrageOf(room, 100, 'ttlive_superfan_commentnotif_someonebecamesuperfan', '{0:user} became a Super Fan');
export const superFanJoin = (room: RoomState): Draft =>
  barrageOf(room, 100, 'ttlive_superFan_commentNotif_superFanJoined', 'Super Fan {0:user} joined');

export const question = (room: RoomState): Draft =>
  draft(
    WebcastQuestionNewMessage,
    { details: { questionId: room.id(), questionText: questions(room.random), answerStatus: 1, user: room.viewer() } },
    { header: { isShowMsg: true } },
  );

export const goalUpdate = (room: RoomState): Draft => {
  room.goal += room.random.int(1, 20);
  const goalId = `7${String(room.streamer.userId).slice(1)}`;
  return draft(WebcastGoalUpdateMessage, {
    goal: {
      id: goalId,
      idStr: goalId,
      type: 1,
      status: 1,
      description: 'Roses for the garden',
      subGoals: [{ type: 1, id: '1', progress: String(room.goal), target: '1000' }],
    },
    contributorId: room.viewer().userId,
    contributeCount: '1',
    contributeScore: '1',
    updateSource: 2,
  });
};

export const caption = (room: RoomState, now: number): Draft => {
  room.sentence += 1;
  return draft(WebcastCaptionMessage, {
    timestampMs: String(now),
    durationMs: String(room.random.int(800, 7000)),
    content: [{ lang: 'en', content: sentences(room.random) }],
    sentenceId: String(room.sentence),
    sequenceId: '1',
    definite: true,
  });
};

export const rankUpdate = (room: RoomState): Draft =>
  draft(WebcastRankUpdateMessage, {
    updatesList: [
      {
        rankType: 1,
        ownerRank: String(room.random.int(1, 99)),
        defaultContent: plainText('pm_mt_Live_WR', 'Weekly Ranking'),
        countdown: String(room.random.int(1000, 600_000)),
        supportedVersion: '290100',
      },
    ],
    groupType: 1,
    priority: '10',
  });

export const rankText = (room: RoomState): Draft =>
  draft(WebcastRankTextMessage, {
    scene: 1,
    ownerIdxBeforeUpdate: String(room.random.int(1, 50)),
    ownerIdxAfterUpdate: String(room.random.int(1, 50)),
    curUserId: room.viewer().userId,
    content: plainText('pm_mt_Live_WR_text', 'The host has risen'),
  });

export const roomMessage = (room: RoomState): Draft =>
  draft(
    WebcastRoomMessage,
    {
      content: 'Welcome! Be kind to one another.',
      supportLandscape: true,
      scene: 'welcome',
      isWelcome: room.random.chance(0.5),
      showDurationMs: '5000',
    },
    { method: room.random.chance(0.2) ? 'RoomMessage' : 'WebcastRoomMessage' },
  );

export const system = (): Draft =>
  draft(WebcastSystemMessage, { message: 'Livestreams are watched over by the community rules.' });

export const inRoomBanner = (room: RoomState): Draft =>
  draft(WebcastInRoomBannerMessage, {
    jsonData: JSON.stringify({
      'op_component-open-2-7300000000000000042': {
        activity_time: { start_time: 1_760_000_000, end_time: 1_760_600_000, show_time: 1_760_700_000 },
        banner_data: { rank_lists: [{ nickname: 'Somebody', rank: 3, role_type: 1 }] },
      },
      user: room.roomId,
    }),
    position: 1,
    actionType: 1,
  });

/** Deletes a chat, or all of somebody, as moderators do. */
export const imDelete = (room: RoomState): Draft => {
  const target = room.recentChat;
  return target === undefined || room.random.chance(0.4)
    ? draft(WebcastImDeleteMessage, { deleteUserIdsList: [room.viewer().userId ?? '1'] })
    : draft(WebcastImDeleteMessage, { deleteMsgIdsList: [target.msgId] });
};

/** Pins a recent chat. */
export const roomPin = (room: RoomState, now: number): Draft => {
  const target = room.recentChat;
  const user = target?.user ?? room.viewer();
  return draft(WebcastRoomPinMessage, {
    chatMessage: {
      common: { method: 'WebcastChatMessage', msgId: target?.msgId ?? room.id(), roomId: room.roomId },
      user,
      comment: target?.comment ?? 'hello',
    },
    method: 'WebcastChatMessage',
    pinTime: String(now),
    operator: room.host,
    action: room.random.chance(0.8) ? 1 : 2,
    displayDuration: '60',
    pinId: room.id(),
  });
};
