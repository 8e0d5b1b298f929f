import { type PartialMessage, WebcastLinkMicArmies, WebcastLinkMicBattle } from '@livetap/connector';
import { describe, expect, it } from 'vitest';
import { linkMicArmies, linkMicBattle } from './battles.js';

const battle = (message: PartialMessage<WebcastLinkMicBattle>) =>
  linkMicBattle(WebcastLinkMicBattle.decode(WebcastLinkMicBattle.encode(message).finish()));

describe('a battle', () => {
  it('names its phase, and none before it began', () => {
    expect(battle({ battleSetting: { status: 3, duration: 300 } }).settings).toMatchObject({
      status: 'BATTLE_PUNISH_STARTED',
      durationSeconds: 300,
    });
    expect(battle({ battleSetting: { status: 0, duration: 300 } }).settings?.status).toBeUndefined();
    expect(battle({ battleSetting: { status: 77 as never } }).settings?.status).toBe('UNKNOWN_77');
  });

  it('says which hosts are in which team, from the points or from the list of teams', () => {
    const { teams } = battle({
      teamUsers: [
        { teamId: '1', userIds: ['11', '12'] },
        { teamId: '2', userIds: ['21', '0'] },
        { teamId: '3', userIds: [] },
      ],
      teamArmies: [
        { teamId: '1', teamTotalScore: '50', teamUsers: [{ userId: '11' }, { userId: '0', userIdStr: '13' }] },
        { teamId: '4', teamTotalScore: '7' },
      ],
    });
    expect(teams).toEqual([
      { teamId: '1', hostIds: ['11', '13'], score: 50, supporters: [] },
      { teamId: '4', hostIds: undefined, score: 7, supporters: [] },
      { teamId: '2', hostIds: ['21'], score: 0, supporters: [] },
      { teamId: '3', hostIds: undefined, score: 0, supporters: [] },
    ]);
    expect(battle({}).teams).toBeUndefined();
  });

  it('has no points above what a double can count', () => {
    const message = { battleItems: { '1': { hostScore: '9223372036854775807' } } };
    const data = linkMicArmies(WebcastLinkMicArmies.decode(WebcastLinkMicArmies.encode(message).finish()));
    expect(data.armies).toEqual([{ hostId: '1', score: Number.MAX_SAFE_INTEGER, supporters: [] }]);
  });
});
