import type { DecimalString, OpenEnum, Timestamp, User, WireData } from './values.js';

export interface BattleSupporter {
  readonly user?: User;
  readonly score: number;
}

export interface BattleArmy {
  /** User id of the host whose side it is. */
  readonly hostId: DecimalString;
  readonly score: number;
  readonly supporters: readonly BattleSupporter[];
}

export interface BattleTeam {
  readonly teamId: DecimalString;
  readonly score: number;
  readonly supporters: readonly BattleSupporter[];
}

export interface BattleSettings {
  readonly startedAt?: Timestamp;
  readonly endsAt?: Timestamp;
  readonly durationSeconds?: number;
  readonly channelId?: DecimalString;
  readonly type?: OpenEnum<'BATTLE_TYPE_NORMAL_BATTLE' | 'BATTLE_TYPE_TEAM_BATTLE' | 'BATTLE_TYPE_1_V_N'>;
  readonly status?: number;
}

export interface BattleHost {
  readonly user: User;
  readonly score?: number;
  readonly result?: OpenEnum<'RESULT_WIN' | 'RESULT_LOSE' | 'RESULT_DRAW'>;
}

export interface LinkMicBattleData extends WireData {
  readonly battleId: DecimalString;
  readonly action: OpenEnum<
    | 'BATTLE_ACTION_INVITE'
    | 'BATTLE_ACTION_ACCEPT'
    | 'BATTLE_ACTION_OPEN'
    | 'BATTLE_ACTION_FINISH'
    | 'BATTLE_ACTION_CUT_SHORT'
  >;
  readonly settings?: BattleSettings;
  readonly hosts: readonly BattleHost[];
  readonly armies: readonly BattleArmy[];
  readonly teams?: readonly BattleTeam[];
}

export interface LinkMicArmiesData extends WireData {
  readonly battleId: DecimalString;
  readonly reason: OpenEnum<'TRIGGER_REASON_SCORE_UPDATE' | 'TRIGGER_REASON_BATTLE_END' | 'TRIGGER_REASON_KEEP_ALIVE'>;
  readonly channelId?: DecimalString;
  readonly settings?: BattleSettings;
  readonly armies: readonly BattleArmy[];
  readonly teams?: readonly BattleTeam[];
  /** Who sent the gift that moved the score. */
  readonly fromUserId?: DecimalString;
  readonly giftId?: DecimalString;
  readonly giftCount?: number;
  readonly repeatCount?: number;
  readonly totalDiamonds?: number;
}
