import { STREAMER_STATES, type Streamer } from '../api/types.js';

/** The state as the page shows it: what nobody watches is one state of its own. */
export const SHOWN_STATES = [...STREAMER_STATES, 'notWatched'] as const;
export type ShownState = (typeof SHOWN_STATES)[number];

export const STATE_WORDS: Readonly<Record<ShownState, string>> = {
  live: 'Live',
  paused: 'Stream paused',
  restricted: 'Restricted',
  unknown: 'Unknown',
  pending: 'First check',
  offline: 'Offline',
  notFound: 'Not found',
  notWatched: 'Not watched',
};

export const SORTS = { state: 'State', name: 'Name', lastLive: 'Last live', added: 'Newest', priority: 'Priority' };
export type Sort = keyof typeof SORTS;

export interface Selection {
  readonly search: string;
  readonly state: ShownState | '';
  readonly label: string;
  readonly sort: Sort;
}

export const shownState = (streamer: Pick<Streamer, 'paused' | 'state'>): ShownState =>
  streamer.paused ? 'notWatched' : streamer.state;

const rank = new Map(SHOWN_STATES.map((state, index) => [state, index]));
const byName = (a: Streamer, b: Streamer): number => (a.uniqueId < b.uniqueId ? -1 : 1);
const newestFirst = (a: string | undefined, b: string | undefined): number => (b ?? '').localeCompare(a ?? '');

const ORDERS: Readonly<Record<Sort, (a: Streamer, b: Streamer) => number>> = {
  state: (a, b) => (rank.get(shownState(a)) ?? 0) - (rank.get(shownState(b)) ?? 0),
  name: () => 0,
  lastLive: (a, b) => newestFirst(a.lastLiveAt, b.lastLiveAt),
  added: (a, b) => newestFirst(a.createdAt, b.createdAt),
  priority: (a, b) => b.priority - a.priority,
};

/** The streamers to show, in the order asked for, then by name. The given list stays as it is. */
export function select(streamers: readonly Streamer[], { search, state, label, sort }: Selection): Streamer[] {
  const needle = search.trim().toLowerCase().replace(/^@/, '');
  return streamers
    .filter(
      (streamer) =>
        (state === '' || shownState(streamer) === state) &&
        (label === '' || streamer.labels.includes(label)) &&
        (needle === '' || textOf(streamer).includes(needle)),
    )
    .sort((a, b) => ORDERS[sort](a, b) || byName(a, b));
}

function textOf({ uniqueId, nickname, aliases, labels }: Streamer): string {
  return [uniqueId, nickname ?? '', ...aliases, ...labels].join('\n').toLowerCase();
}

export function countStates(streamers: readonly Streamer[]): Readonly<Record<ShownState, number>> {
  const counts = Object.fromEntries(SHOWN_STATES.map((state) => [state, 0])) as Record<ShownState, number>;
  for (const streamer of streamers) counts[shownState(streamer)] += 1;
  return counts;
}

/** All labels in use, in alphabetical order. */
export function labelsOf(streamers: readonly Streamer[]): string[] {
  return [...new Set(streamers.flatMap(({ labels }) => labels))].sort();
}
