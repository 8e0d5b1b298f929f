import type {
  BattleArmy,
  BattleHost,
  BattleSettings,
  BattleSupporter,
  BattleTeam,
  LinkMicArmiesData,
  LinkMicBattleData,
  User,
} from '@livetap/contracts';
import type {
  BattleSetting,
  BattleTeamUserArmies,
  BattleUserArmies,
  BattleUserArmy,
  WebcastLinkMicArmies,
  WebcastLinkMicBattle,
  WebcastLinkMicBattle_TeamUsersInfo,
} from '@livetap/connector';
import { personFrom } from './people.js';
import { count, enumName, type Loose, nonZero, nonZeroEnum, nonZeroId, wireTimestamp } from './values.js';

export function linkMicBattle(message: WebcastLinkMicBattle): Loose<LinkMicBattleData> {
  return {
    battleId: message.battleId,
    action: enumName('BattleAction', message.action),
    settings: settings(message.battleSetting),
    hosts: hosts(message),
    armies: armies(message.armies),
    teams: teams(message.teamArmies, message.teamUsers),
  };
}

export function linkMicArmies(message: WebcastLinkMicArmies): Loose<LinkMicArmiesData> {
  return {
    battleId: message.battleId,
    reason: enumName('TriggerReason', message.battleStatus),
    channelId: nonZeroId(message.channelId),
    settings: settings(message.battleSettings),
    armies: armies(message.battleItems),
    teams: teams(message.teamArmies),
    fromUserId: nonZeroId(message.fromUserId),
    giftId: nonZeroId(message.giftId),
    giftCount: nonZero(message.giftCount),
    repeatCount: nonZero(message.repeatCount),
    totalDiamonds: nonZero(message.totalDiamondCount),
  };
}

function settings(wire: BattleSetting | undefined): Loose<BattleSettings> | undefined {
  if (wire === undefined) return undefined;
  return {
    startedAt: wireTimestamp(wire.startTimeMs),
    endsAt: wireTimestamp(wire.endTimeMs),
    durationSeconds: nonZero(wire.duration),
    channelId: nonZeroId(wire.channelId),
    type: nonZeroEnum('BattleType', wire.battleType),
    status: nonZeroEnum('BattleSettingsBattleStatus', wire.status),
  };
}

function hosts(message: WebcastLinkMicBattle): Loose<BattleHost>[] {
  const found: Loose<BattleHost>[] = [];
  for (const [id, info] of Object.entries(message.anchorInfo)) {
    const base = info.user;
    const person = hostPerson(id, base);
    if (person === undefined) continue;
    const result = message.battleResult[id];
    found.push({
      user: person,
      score: result === undefined ? undefined : count(result.score),
      result: result === undefined ? undefined : enumName('Result', result.result),
    });
  }
  return found;
}

function hostPerson(id: string, base: WebcastLinkMicBattle['anchorInfo'][string]['user']): User | undefined {
  return personFrom({
    id: base?.userId ?? id,
    idText: id,
    uniqueId: base?.displayId ?? '',
    nickname: base?.nickName ?? '',
    avatar: base?.avatarThumb,
  });
}

function armies(wire: Readonly<Record<string, BattleUserArmies>>): Loose<BattleArmy>[] {
  return Object.entries(wire).map(([hostId, army]) => ({
    hostId,
    score: count(army.hostScore),
    supporters: army.userArmy.map(supporter),
  }));
}

function supporter(army: BattleUserArmy): Loose<BattleSupporter> {
  return {
    user: personFrom({
      id: army.userId,
      idText: army.userIdStr,
      nickname: army.nickname,
      avatar: army.avatarThumb,
    }),
    score: count(army.score),
  };
}

/** The teams of which there are points, then those that are only named. */
function teams(
  wire: readonly BattleTeamUserArmies[],
  named: readonly WebcastLinkMicBattle_TeamUsersInfo[] = [],
): Loose<BattleTeam>[] | undefined {
  const members = new Map(named.map((team) => [team.teamId, team.userIds]));
  const found = wire.map((team) => ({
    teamId: team.teamId,
    hostIds:
      hostIds(team.teamUsers.map((one) => nonZeroId(one.userId) ?? one.userIdStr)) ??
      hostIds(members.get(team.teamId) ?? []),
    score: count(team.teamTotalScore),
    supporters: team.userArmies?.userArmy.map(supporter) ?? [],
  }));
  const scored = new Set(found.map((team) => team.teamId));
  for (const { teamId, userIds } of named) {
    if (!scored.has(teamId)) found.push({ teamId, hostIds: hostIds(userIds), score: 0, supporters: [] });
  }
  return found.length === 0 ? undefined : found;
}

function hostIds(ids: readonly string[]): readonly string[] | undefined {
  const known = ids.filter((id) => /^[1-9]\d*$/.test(id));
  return known.length === 0 ? undefined : known;
}
