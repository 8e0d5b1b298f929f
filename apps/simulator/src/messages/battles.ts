import {
  WebcastLinkMessage,
  WebcastLinkLayerMessage,
  WebcastLinkMicArmies,
  WebcastLinkMicBattle,
  WebcastLinkMicFanTicketMethod,
  WebcastLinkMicMethod,
  WebcastPollMessage,
} from '@livetap/connector';
import type {
  BattleSetting,
  BattleUserArmies,
  PollOptionInfo,
  WebcastLinkMicBattle_BattleUserInfo,
} from '@livetap/connector';
import type { MessageFacts } from '../ledger/entry.js';
import type { PartialMessage } from '../wire/proto.js';
import { draft } from './draft.js';
import type { Draft } from './draft.js';
import type { OpenBattle, RoomState } from './room-state.js';

const BATTLE_SECONDS = 300;

const setting = (battle: OpenBattle, status: number): PartialMessage<BattleSetting> => ({
  battleId: battle.battleId,
  startTimeMs: String(battle.startedAt),
  duration: BATTLE_SECONDS,
  channelId: battle.channelId,
  status,
  inviteType: 1,
  battleType: 1,
});

const armies = (room: RoomState, battle: OpenBattle): Record<string, PartialMessage<BattleUserArmies>> => {
  const supporter = room.viewersPool.get(1);
  return {
    [room.streamer.userId]: {
      userArmy: [
        {
          userId: supporter.userId ?? '1',
          score: String(battle.own),
          nickname: supporter.nickname ?? '',
          diamondScore: String(battle.own),
        },
      ],
      hostScore: String(battle.own),
      anchorIdStr: room.streamer.userId,
    },
    [battle.rival.userId ?? '2']: {
      userArmy: [],
      hostScore: String(battle.other),
      anchorIdStr: battle.rival.userId ?? '2',
    },
  };
};

const anchors = (
  room: RoomState,
  battle: OpenBattle,
): Record<string, PartialMessage<WebcastLinkMicBattle_BattleUserInfo>> =>
  Object.fromEntries(
    [room.host, battle.rival].map((host) => [
      host.userId ?? '0',
      { user: { userId: host.userId ?? '0', nickName: host.nickname ?? '', displayId: host.uniqueId ?? '' } },
    ]),
  );

const factsOf = (battle: OpenBattle, finished: boolean): MessageFacts => ({
  kind: 'battle',
  battleId: battle.battleId,
  rivalId: battle.rival.userId ?? '2',
  own: battle.own,
  other: battle.other,
  finished,
});

/** A battle: opened, scored a few times, finished with its result. */
export const battle = (room: RoomState, now: number): Draft => {
  const current = room.battle;
  if (current === undefined) {
    const opened: OpenBattle = {
      battleId: room.id(),
      channelId: room.id(),
      rival: room.viewersPool.get(3),
      startedAt: now,
      own: 0,
      other: 0,
      left: room.random.int(3, 10),
    };
    room.battle = opened;
    return draft(
      WebcastLinkMicBattle,
      {
        battleId: opened.battleId,
        battleSetting: setting(opened, 1),
        action: 4,
        armies: armies(room, opened),
        anchorInfo: anchors(room, opened),
      },
      { facts: factsOf(opened, false) },
    );
  }
  if (current.left > 0) {
    current.left -= 1;
    current.own += room.random.int(0, 400);
    current.other += room.random.int(0, 400);
    return draft(
      WebcastLinkMicArmies,
      {
        battleId: current.battleId,
        battleItems: armies(room, current),
        channelId: current.channelId,
        scoreUpdateTime: String(now),
        battleStatus: 1,
        fromUserId: room.viewer().userId,
        battleSettings: setting(current, 1),
      },
      { facts: factsOf(current, false) },
    );
  }
  room.battle = undefined;
  const [won, lost] = current.own >= current.other ? [0, 1] : [1, 0];
  return draft(
    WebcastLinkMicBattle,
    {
      battleId: current.battleId,
      battleSetting: setting(current, 3),
      action: 5,
      armies: armies(room, current),
      anchorInfo: anchors(room, current),
      battleResult: {
        [room.streamer.userId]: { userId: room.streamer.userId, result: won ?? 0, score: String(current.own) },
        [current.rival.userId ?? '2']: {
          userId: current.rival.userId ?? '2',
          result: lost ?? 1,
          score: String(current.other),
        },
      },
    },
    { facts: factsOf(current, true) },
  );
};

/** A poll: begun, voted in, ended. */
export const poll = (room: RoomState, now: number): Draft => {
  const current = room.poll;
  const list = (options: readonly { text: string; votes: number }[]): PartialMessage<PollOptionInfo>[] =>
    options.map((option, index) => ({ Votes: option.votes, DisplayContent: option.text, OptionIdx: index }));
  if (current === undefined) {
    const opened = {
      pollId: room.id(),
      options: ['yes', 'no', 'later'].slice(0, room.random.int(2, 3)).map((text) => ({ text, votes: 0 })),
      left: room.random.int(2, 5),
    };
    room.poll = opened;
    return draft(WebcastPollMessage, {
      messageType: '0',
      pollId: opened.pollId,
      startContent: {
        StartTime: String(now),
        EndTime: String(now + 60_000),
        OptionList: list(opened.options),
        Title: 'One more round?',
        Operator: room.host,
      },
      pollKind: 0,
    });
  }
  if (current.left > 0) {
    current.left -= 1;
    for (const option of current.options) option.votes += room.random.int(0, 9);
    return draft(WebcastPollMessage, {
      messageType: '2',
      pollId: current.pollId,
      updateContent: { OptionList: list(current.options) },
    });
  }
  room.poll = undefined;
  return draft(WebcastPollMessage, {
    messageType: '1',
    pollId: current.pollId,
    endContent: { EndType: 0, OptionList: list(current.options), Operator: room.host },
  });
};

export const fanTicket = (room: RoomState, now: number): Draft => {
  const tickets = room.random.int(1, 5000);
  return draft(WebcastLinkMicFanTicketMethod, {
    FanTicketRoomNotice: {
      UserFanTicketList: [
        { UserId: room.streamer.userId, FanTicket: String(tickets), MatchTotalScore: String(tickets), MatchRank: 1 },
      ],
      TotalLinkMicFanTicket: String(tickets),
      EventTime: String(now),
    },
  });
};

export const linkMicMethod = (room: RoomState): Draft =>
  draft(
    WebcastLinkMicMethod,
    {
      messageType: room.random.int(1, 10),
      channelId: room.id(),
      userId: room.streamer.userId,
      layout: '1',
      vendor: '4',
      startTimeMs: '0',
      rivalAnchorId: room.viewersPool.get(3).userId,
    },
    { method: room.random.chance(0.2) ? 'LinkMicMethod' : 'WebcastLinkMicMethod' },
  );

export const linkLayer = (room: RoomState): Draft =>
  draft(WebcastLinkLayerMessage, {
    messageType: 18,
    channelId: room.id(),
    scene: 4,
    source: 'guest',
    centerizedIdc: 'useast2a',
    rtcRoomId: room.id(),
    version: '3',
  });

export const linkMessage = (room: RoomState): Draft =>
  draft(WebcastLinkMessage, {
    MessageType: 7,
    LinkerId: room.id(),
    Scene: 4,
    LeaveContent: { userId: room.viewer().userId },
    extra: '',
    version: '1',
  });
