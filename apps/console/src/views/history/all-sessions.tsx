import { SESSION_SORTS, type SessionSort } from '../../api/leaderboard-types.js';
import type { Session, SessionPage } from '../../api/types.js';
import { historyFile, HISTORY_FORMATS } from '../../data/exports.js';
import {
  boundsOf,
  periodFault,
  PERIODS_OR_ANY,
  readPeriod,
  writePeriod,
  type PeriodChoice,
} from '../../data/period.js';
import { usePages } from '../../data/use-pages.js';
import { placeTo, replacePlace, type Place } from '../../router.js';
import { Card, Empty, Failure } from '../../ui/card.js';
import { Downloads } from '../../ui/downloads.js';
import { Choice } from '../../ui/field.js';
import { MoreRows } from '../../ui/more-rows.js';
import { PeriodPicker } from '../../ui/period-picker.js';
import { SortSelect } from '../../ui/sort-select.js';
import { SessionTable } from './session-table.js';

const REFRESH_MS = 10_000;
const PAGE = 50;
const LIVE = { '': 'All', true: 'Live now', false: 'Over' } as const;
type Live = keyof typeof LIVE;

interface Filter {
  readonly period: PeriodChoice;
  readonly live: Live;
  readonly sort: SessionSort;
}

function filterOf({ query }: Place): Filter {
  return {
    period: readPeriod(query, PERIODS_OR_ANY, 'any'),
    live: (Object.keys(LIVE) as Live[]).find((one) => one === query.get('live')) ?? '',
    sort: (Object.keys(SESSION_SORTS) as SessionSort[]).find((one) => one === query.get('sort')) ?? 'joinedAt',
  };
}

/** The sessions of all streamers: which ones, and in which order. */
export function AllSessions({ place, now }: { place: Place; now: number }) {
  const filter = filterOf(place);
  const { period, live, sort } = filter;
  const change = (part: Partial<Filter>): void => {
    const after = { ...filter, ...part };
    replacePlace(
      placeTo(['history'], {
        ...writePeriod(after.period, 'any'),
        live: after.live,
        sort: after.sort === 'joinedAt' ? '' : after.sort,
      }),
    );
  };
  const fault = periodFault(period);
  return (
    <Card
      title="Sessions of all streamers"
      aside={
        <Downloads
          what="the sessions of this period"
          formats={HISTORY_FORMATS}
          fileOf={(format) => historyFile('sessions', format, boundsOf(period, Date.now()))}
        />
      }
    >
      <div class="filters">
        <PeriodPicker periods={PERIODS_OR_ANY} value={period} onChange={(value) => change({ period: value })} />
        <Choice label="Which sessions" options={LIVE} value={live} onChange={(value) => change({ live: value })} />
        <SortSelect sorts={SESSION_SORTS} value={sort} onChange={(value) => change({ sort: value })} />
      </div>
      {fault === undefined ? (
        <Found filter={filter} now={now} onSort={(by) => change({ sort: by })} onAll={() => change(EVERYTHING)} />
      ) : (
        <Failure problem={fault} />
      )}
    </Card>
  );
}

const EVERYTHING: Partial<Filter> = { period: { name: 'any', from: '', to: '' }, live: '' };

interface FoundProperties {
  filter: Filter;
  now: number;
  onSort: (sort: SessionSort) => void;
  onAll: () => void;
}

function Found({ filter: { period, live, sort }, now, onSort, onAll }: FoundProperties) {
  const list = usePages<Session>(
    async (api, signal, cursor, at) => {
      const query = new URLSearchParams({
        limit: String(PAGE),
        sort,
        ...boundsOf(period, at),
        ...(live === '' ? {} : { live }),
        ...(cursor === undefined ? {} : { cursor }),
      });
      const page = await api.call<SessionPage>(`/v1/sessions?${query.toString()}`, { signal });
      return { items: page.sessions, nextCursor: page.nextCursor };
    },
    ({ id }) => id,
    REFRESH_MS,
    [period.name, period.from, period.to, live, sort],
  );
  const { items, problem } = list;
  const narrowed = period.name !== 'any' || live !== '';
  return (
    <>
      <Failure problem={problem} />
      {items === undefined ? (
        problem === undefined && <p class="loading">Loading …</p>
      ) : items.length > 0 ? (
        <SessionTable sessions={items} now={now} ofMany sort={sort} onSort={onSort} />
      ) : narrowed ? (
        <Empty title="No LIVE fits">
          <button type="button" onClick={onAll}>
            Show all
          </button>
        </Empty>
      ) : (
        <Empty title="No LIVE recorded yet">
          Sessions are recorded as soon as a streamer that you added goes live.
        </Empty>
      )}
      <MoreRows list={list} things="sessions" beyond="A shorter period or the download has the others." />
      {narrowed && (
        <p class="note">
          The download has every session that was seen in the period, live or over, also those that began before it.
        </p>
      )}
    </>
  );
}
