import { describe, expect, it } from 'vitest';
import type { Streamer } from '../api/types.js';
import { countStates, labelsOf, select, type Selection } from './streamer-selection.js';

const streamer = (uniqueId: string, more: Partial<Streamer> = {}): Streamer => ({
  uniqueId,
  aliases: [],
  state: 'offline',
  paused: false,
  labels: [],
  priority: 50,
  settings: {},
  hasProxy: false,
  hasSession: false,
  createdAt: '2026-01-01T00:00:00.000Z',
  ...more,
});

const ALL = [
  streamer('zoe', { state: 'live', labels: ['vip'], priority: 90 }),
  streamer('ann', { nickname: 'مريم', lastLiveAt: '2026-01-30T00:00:00.000Z' }),
  streamer('bob', { paused: true, state: 'live', aliases: ['robert'] }),
  streamer('cat', { state: 'live', lastLiveAt: '2026-01-31T00:00:00.000Z' }),
];
const NONE: Selection = { search: '', state: '', label: '', sort: 'state' };
const names = (selection: Partial<Selection>): string[] =>
  select(ALL, { ...NONE, ...selection }).map(({ uniqueId }) => uniqueId);

describe('select', () => {
  it('puts who is live first and who is not watched last', () => {
    expect(names({})).toEqual(['cat', 'zoe', 'ann', 'bob']);
  });

  it('sorts by what is asked for', () => {
    expect(names({ sort: 'name' })).toEqual(['ann', 'bob', 'cat', 'zoe']);
    expect(names({ sort: 'lastLive' })).toEqual(['cat', 'ann', 'bob', 'zoe']);
    expect(names({ sort: 'priority' })).toEqual(['zoe', 'ann', 'bob', 'cat']);
  });

  it('finds by name, nickname, earlier name and label', () => {
    expect(names({ search: '@ZO' })).toEqual(['zoe']);
    expect(names({ search: 'مر' })).toEqual(['ann']);
    expect(names({ search: 'robert' })).toEqual(['bob']);
    expect(names({ search: 'vip' })).toEqual(['zoe']);
    expect(names({ label: 'vip' })).toEqual(['zoe']);
    expect(names({ state: 'notWatched' })).toEqual(['bob']);
  });

  it('counts states and collects labels', () => {
    expect(countStates(ALL)).toMatchObject({ live: 2, offline: 1, notWatched: 1, restricted: 0 });
    expect(labelsOf(ALL)).toEqual(['vip']);
  });
});
