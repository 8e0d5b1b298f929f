import { useMemo, useState } from 'preact/hooks';
import type { Api } from '../../api/api.js';
import { allStreamers, streamerPath } from '../../api/resources.js';
import type { GifterPage, Session, SessionPage } from '../../api/types.js';
import { select } from '../../data/streamer-selection.js';
import { useNow, usePoll } from '../../data/use-api.js';
import { clock, counted, day, dayAndTime, duration, relative, whole } from '../../format.js';
import { placeTo, replacePlace, toSession, toStreamer, type Place } from '../../router.js';
import { BarChart } from '../../ui/bar-chart.js';
import { Card, Empty, Failure } from '../../ui/card.js';
import { Choice } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';
import { Avatar, Name } from '../../ui/name.js';
import { Comparison, MOST_COMPARED } from './comparison.js';
import { GifterCard } from './gifter-cards.js';
import { lengthOf, SessionTable } from './session-table.js';
import './history.css';
import { WayBack } from '../../ui/way-back.js';

/** What happened before: of whom, then all sessions of one. */
export function HistoryView({ place }: { place: Place }) {
  const uniqueId = place.path[1];
  return uniqueId === undefined ? <Whose /> : <StreamerHistory key={uniqueId} uniqueId={uniqueId} place={place} />;
}

const SHOWN_STREAMERS = 60;

function Whose() {
  const now = useNow(10_000);
  const [search, setSearch] = useState('');
  const { data, problem } = usePoll(allStreamers, 0);
  const found = useMemo(() => select(data ?? [], { search, state: '', label: '', sort: 'lastLive' }), [data, search]);
  return (
    <>
      <div class="view-head">
        <h1>History</h1>
      </div>
      <Failure problem={problem} />
      <form
        class="toolbar"
        onSubmit={(event) => {
          event.preventDefault();
          // A name that is no longer watched has a history, too.
          const name = found[0]?.uniqueId ?? search.trim().replace(/^@/, '');
          if (name !== '') location.hash = placeTo(['history', name]);
        }}
      >
        <label class="search">
          <span class="hidden">Whose history</span>
          <Icon name="search" />
          <input
            type="search"
            placeholder="Whose history? Also of streamers that were removed"
            value={search}
            onInput={(event) => setSearch(event.currentTarget.value)}
          />
        </label>
        <button type="submit">Open</button>
      </form>
      {data !== undefined && found.length === 0 ? (
        <Empty title={data.length === 0 ? 'No streamers yet' : 'Nobody of this name is watched'}>
          {data.length === 0
            ? 'Sessions are recorded as soon as a streamer that you added goes live.'
            : 'Press Open to look for the history of a streamer that was removed.'}
        </Empty>
      ) : (
        <ul class="people">
          {found.slice(0, SHOWN_STREAMERS).map(({ uniqueId, nickname, lastLiveAt }) => (
            <li key={uniqueId}>
              <a class="who" href={placeTo(['history', uniqueId])}>
                <Avatar name={nickname ?? uniqueId} of={uniqueId} />
                <span class="who-text">
                  <Name text={nickname ?? uniqueId} />
                  <span class="handle">@{uniqueId}</span>
                </span>
                <span class="note">{lastLiveAt === undefined ? 'never live' : relative(lastLiveAt, now)}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
      {found.length > SHOWN_STREAMERS && (
        <p class="note-line">{`${whole(found.length - SHOWN_STREAMERS)} more: search by name.`}</p>
      )}
    </>
  );
}

const BAR_METRICS = {
  diamonds: 'Diamonds',
  peakViewers: 'Peak viewers',
  chats: 'Chats',
  newFollowers: 'New followers',
  minutes: 'Length',
} as const;
type BarMetric = keyof typeof BAR_METRICS;
const REFRESH_MS = 10_000;
const PAGE = 60;
const MINUTE_MS = 60_000;

/** The newest sessions, as many pages as asked for. */
async function sessionsOf(api: Api, uniqueId: string, pages: number, signal: AbortSignal): Promise<SessionPage> {
  const sessions: Session[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < pages; page += 1) {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor === undefined ? {} : { cursor }) });
    const answer: SessionPage = await api.call(`${streamerPath(uniqueId)}/sessions?${query.toString()}`, { signal });
    sessions.push(...answer.sessions);
    cursor = answer.nextCursor;
    if (cursor === undefined) break;
  }
  return { sessions, ...(cursor === undefined ? {} : { nextCursor: cursor }) };
}

function StreamerHistory({ uniqueId, place }: { uniqueId: string; place: Place }) {
  const now = useNow(5_000);
  const [pages, setPages] = useState(1);
  const [metric, setMetric] = useState<BarMetric>('diamonds');
  const { data, problem } = usePoll((api, signal) => sessionsOf(api, uniqueId, pages, signal), REFRESH_MS, [
    uniqueId,
    pages,
  ]);
  const gifters = usePoll(
    (api, signal) => api.call<GifterPage>(`${streamerPath(uniqueId)}/gifters?limit=10`, { signal }),
    REFRESH_MS,
    [uniqueId],
  );
  const sessions = data?.sessions ?? [];
  const compared = (place.query.get('compare') ?? '').split(',').filter((id) => id !== '');

  const choose = (id: string): void => {
    const after = compared.includes(id)
      ? compared.filter((other) => other !== id)
      : [...compared, id].slice(-MOST_COMPARED);
    replacePlace(placeTo(['history', uniqueId], { compare: after.join(',') }));
  };
  const valueOf = (session: Session): number =>
    metric === 'minutes' ? Math.round(lengthOf(session, now) / MINUTE_MS) : session[metric];
  const valueWords = (session: Session): string =>
    metric === 'minutes'
      ? duration(lengthOf(session, now))
      : `${whole(valueOf(session))} ${BAR_METRICS[metric].toLowerCase()}`;

  return (
    <>
      <WayBack to="#/history">History</WayBack>
      <div class="view-head">
        <h1>@{uniqueId}</h1>
        <a class="button" href={toStreamer(uniqueId)}>
          Room
        </a>
      </div>
      <Failure problem={problem} />
      {data !== undefined && sessions.length === 0 ? (
        <Empty title="No LIVE recorded yet">
          As soon as this streamer goes live, the session and its totals show up here.
        </Empty>
      ) : (
        <>
          <div class="columns wide-left">
            <Card
              title="LIVEs"
              aside={<Choice label="Figure of the bars" options={BAR_METRICS} value={metric} onChange={setMetric} />}
            >
              <BarChart
                label={`${BAR_METRICS[metric]} of each LIVE, oldest first`}
                bars={[...sessions].reverse().map((session) => {
                  const at = session.startedAt ?? session.joinedAt;
                  return {
                    key: session.id,
                    value: valueOf(session),
                    to: toSession(session.id),
                    words: `${dayAndTime(at)}: ${valueWords(session)}`,
                    caption: day(at) === day(now) ? clock(at, false) : day(at).replace(/ \d{4}$/, ''),
                  };
                })}
              />
              <p class="note">{`${counted(sessions.length, 'LIVE', 'LIVEs')} shown. Choose a bar to open it.`}</p>
            </Card>
            <GifterCard title="Top gifters of all LIVEs" gifters={gifters.data?.gifters} />
          </div>
          {compared.length > 0 && <Comparison ids={compared} now={now} onRemove={choose} />}
          <Card title="Sessions" aside={<span class="note">{`Choose up to ${MOST_COMPARED} to compare`}</span>}>
            <SessionTable sessions={sessions} now={now} chosen={compared} onChoose={choose} />
            {data?.nextCursor !== undefined && (
              <p class="more">
                <button type="button" onClick={() => setPages(pages + 1)}>
                  Older sessions
                </button>
              </p>
            )}
          </Card>
        </>
      )}
    </>
  );
}
