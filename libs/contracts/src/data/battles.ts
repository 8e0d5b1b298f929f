import type { DecimalString, Integer, OpenEnum, Timestamp, User, WireData } from './values.js';

/** A viewer who supports a side of a battle with gifts. */
export interface BattleSupporter {
  /** Who supports; absent when TikTok hides the person. */
  readonly user?: User;
  /** Points that this viewer has given to the side in the battle so far. */
  readonly score: Integer;
}

/** One host's side of a battle. */
export interface BattleArmy {
  /** User id of the host whose side it is. */
  readonly hostId: DecimalString;
  /** Points of the side so far. */
  readonly score: Integer;
  /** Its top supporters, in TikTok's order. */
  readonly supporters: readonly BattleSupporter[];
}

/** A side of a battle of teams. */
export interface BattleTeam {
  /** TikTok's id of the team within the battle. */
  readonly teamId: DecimalString;
  /** User ids of the hosts of the team, where the message names them. */
  readonly hostIds?: readonly DecimalString[];
  /** Points of the team so far. */
  readonly score: Integer;
  /** Its top supporters, in TikTok's order. */
  readonly supporters: readonly BattleSupporter[];
}

/** The rules and times of a battle. */
export interface BattleSettings {
  /** When the battle began or begins. */
  readonly startedAt?: Timestamp;
  /** When it ends, where TikTok says so; else `startedAt` and `durationSeconds` tell it. */
  readonly endsAt?: Timestamp;
  /** How long it lasts, seconds. */
  readonly durationSeconds?: Integer;
  /** TikTok's id of the channel that links the rooms. */
  readonly channelId?: DecimalString;
  /** Kind of battle. */
  readonly type?: OpenEnum<'BATTLE_TYPE_NORMAL_BATTLE' | 'BATTLE_TYPE_TEAM_BATTLE' | 'BATTLE_TYPE_1_V_N'>;
  /** Phase of the battle; absent before it began. */
  readonly status?: OpenEnum<'BATTLE_STARTED' | 'BATTLE_FINISHED' | 'BATTLE_PUNISH_STARTED' | 'BATTLE_PUNISH_FINISHED'>;
}

/** A host who takes part in a battle. */
export interface BattleHost {
  /** The host. */
  readonly user: User;
  /** Final points, once there is a result. */
  readonly score?: Integer;
  /** The host's result, once there is one. */
  readonly result?: OpenEnum<'RESULT_WIN' | 'RESULT_LOSE' | 'RESULT_DRAW'>;
}

/** A step in the life of a battle. */
export interface LinkMicBattleData extends WireData {
  /** TikTok's id of the battle, the same in all of its events and in all rooms that take part; `"0"` when not sent. */
  readonly battleId: DecimalString;
  /** What happened: invited, accepted, opened, finished, cut short. */
  readonly action: OpenEnum<
    | 'BATTLE_ACTION_INVITE'
    | 'BATTLE_ACTION_ACCEPT'
    | 'BATTLE_ACTION_OPEN'
    | 'BATTLE_ACTION_FINISH'
    | 'BATTLE_ACTION_CUT_SHORT'
  >;
  /** Rules and times. */
  readonly settings?: BattleSettings;
  /** Who takes part, with the results at the end. */
  readonly hosts: readonly BattleHost[];
  /** Points by host. */
  readonly armies: readonly BattleArmy[];
  /** Points by team, in a battle of teams. */
  readonly teams?: readonly BattleTeam[];
}

/** The score of a battle. */
export interface LinkMicArmiesData extends WireData {
  /** TikTok's id of the battle; `"0"` when not sent. */
  readonly battleId: DecimalString;
  /** Why the score is sent. */
  readonly reason: OpenEnum<'TRIGGER_REASON_SCORE_UPDATE' | 'TRIGGER_REASON_BATTLE_END' | 'TRIGGER_REASON_KEEP_ALIVE'>;
  /** TikTok's id of the channel that links the rooms. */
  readonly channelId?: DecimalString;
  /** Rules and times. */
  readonly settings?: BattleSettings;
  /** Points by host. */
  readonly armies: readonly BattleArmy[];
  /** Points by team, in a battle of teams. */
  readonly teams?: readonly BattleTeam[];
  /** User id of who sent the gift that moved the score. */
  readonly fromUserId?: DecimalString;
  /** TikTok's id of that gift. */
  readonly giftId?: DecimalString;
  /** How many of that gift, as sent. */
  readonly giftCount?: Integer;
  /** How often that gift was repeated in its streak, as sent. */
  readonly repeatCount?: Integer;
  /** Diamonds of that gift in all, as sent. */
  readonly totalDiamonds?: Integer;
}
