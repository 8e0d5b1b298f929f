import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventFacts } from './event-facts.js';
import { BattleFold } from './fold-battles.js';
import { ViewerFold } from './fold-viewers.js';

const T0 = Date.parse('2026-11-27T12:00:00.000Z');
const iso = (offsetMs: number): string => new Date(T0 + offsetMs).toISOString();

function facts(name: 'linkMicBattle' | 'linkMicArmies', offsetMs: number, data: object): EventFacts {
  return {
    key: `${name} ${offsetMs}`,
    name,
    wire: true,
    id: String(offsetMs),
    roomId: '900',
    sessionId: '900',
    uniqueId: 'anna',
    recordedAt: T0 + offsetMs,
    order: '',
    data: { battleId: '77', ...data },
  };
}

const host = (id: string, more: object = {}) => ({ user: { id, uniqueId: `host${id}` }, ...more });
const army = (hostId: string, score: number, ...supporters: [id: string, score: number][]) => ({
  hostId,
  score,
  supporters: supporters.map(([id, points]) => ({ user: { id, nickname: `N${id}` }, score: points })),
});

function fold(...events: readonly EventFacts[]) {
  const viewers = new ViewerFold();
  const battles = new BattleFold(viewers);
  for (const event of events) battles.add(event);
  return { ...battles.folded(), names: viewers.folded().names };
}

const BATTLE = [
  facts('linkMicBattle', 0, {
    action: 'BATTLE_ACTION_OPEN',
    settings: { startedAt: iso(-1_000), durationSeconds: 300, type: 'BATTLE_TYPE_NORMAL_BATTLE' },
    // Before the end a result of 0 points and RESULT_WIN is none.
    hosts: [host('1', { score: 0, result: 'RESULT_WIN' }), host('2', { score: 0, result: 'RESULT_WIN' })],
    armies: [army('1', 0), army('2', 0)],
  }),
  facts('linkMicArmies', 4_000, { reason: 'TRIGGER_REASON_SCORE_UPDATE', armies: [army('1', 10, ['50', 10])] }),
  facts('linkMicArmies', 4_900, { armies: [army('1', 30, ['50', 30]), army('2', 20, ['51', 20])] }),
  facts('linkMicArmies', 9_000, { armies: [army('1', 30, ['50', 30]), army('2', 90, ['51', 20], ['52', 70])] }),
  facts('linkMicBattle', 300_000, {
    action: 'BATTLE_ACTION_FINISH',
    hosts: [host('1', { score: 31, result: 'RESULT_LOSE' }), host('2', { score: 95, result: 'RESULT_WIN' })],
    armies: [],
  }),
];

describe('BattleFold', () => {
  it('keeps sides, points over time, the result and the supporters of a battle', () => {
    const { battles, sides, scores, contributors, names } = fold(...BATTLE);
    expect(battles).toEqual([
      {
        sessionId: '900',
        battleId: '77',
        type: 'BATTLE_TYPE_NORMAL_BATTLE',
        startedAt: T0 - 1_000,
        durationSeconds: 300,
        firstSeenAt: T0,
        lastSeenAt: T0 + 300_000,
        endedAt: T0 + 300_000,
        cutShort: false,
      },
    ]);
    expect(sides).toMatchObject([
      { kind: 'host', sideId: '1', score: 30, finalScore: 31, result: 'RESULT_LOSE' },
      { kind: 'host', sideId: '2', score: 90, finalScore: 95, result: 'RESULT_WIN' },
    ]);
    expect(scores.map(({ sideId, at, score }) => [sideId, at - T0, score])).toEqual([
      ['1', 0, 30],
      ['2', 0, 20],
      ['1', 5_000, 30],
      ['2', 5_000, 90],
    ]);
    expect(contributors.map(({ sideId, viewerId, score }) => [sideId, viewerId, score])).toEqual([
      ['1', '50', 30],
      ['2', '51', 20],
      ['2', '52', 70],
    ]);
    expect(names.map(({ id, uniqueId, nickname }) => [id, uniqueId?.name ?? nickname?.name]).sort()).toEqual([
      ['1', 'host1'],
      ['2', 'host2'],
      ['50', 'N50'],
      ['51', 'N51'],
      ['52', 'N52'],
    ]);
  });

  it('says the same in whatever order the events come', () => {
    const sorted = (rows: readonly object[]): string[] =>
      rows.map((row) => JSON.stringify(Object.fromEntries(Object.entries(row).sort()))).sort();
    const all = (events: readonly EventFacts[]): string[] => sorted(Object.values(fold(...events)).flat());
    const expected = all(BATTLE);
    fc.assert(
      fc.property(fc.shuffledSubarray(BATTLE, { minLength: BATTLE.length }), (events) => {
        expect(all(events)).toEqual(expected);
      }),
    );
  });

  it('knows which host is of which team', () => {
    const { sides } = fold(
      facts('linkMicArmies', 0, {
        armies: [army('1', 4)],
        teams: [{ teamId: '9', hostIds: ['1', 'x'], score: 11, supporters: [] }],
      }),
    );
    expect(sides).toMatchObject([
      { kind: 'host', sideId: '1', teamId: '9', score: 4 },
      { kind: 'team', sideId: '9', score: 11 },
    ]);
  });

  it('passes over what does not say which battle it is of, and data of another shape', () => {
    const odd = { armies: [7, { hostId: '0', score: 1 }, { hostId: '5', score: -3, supporters: 'x' }], hosts: null };
    expect(fold(facts('linkMicArmies', 0, { battleId: '0' })).battles).toEqual([]);
    const folded = fold(facts('linkMicArmies', 0, { ...odd, teams: {}, settings: 5 }));
    expect(folded.sides).toEqual([{ sessionId: '900', battleId: '77', kind: 'host', sideId: '5', score: 0 }]);
    const huge = fold(facts('linkMicArmies', 0, { armies: [army('5', Number.MAX_SAFE_INTEGER)] }));
    expect(huge.sides[0]?.score).toBe(1_000_000_000_000);
  });
});
