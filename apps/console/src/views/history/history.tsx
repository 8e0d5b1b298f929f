import { useState } from 'preact/hooks';
import { streamerPath } from '../../api/resources.js';
import type { GifterPage, Session, SessionPage } from '../../api/types.js';
import { historyFile, HISTORY_FORMATS } from '../../data/exports.js';
import { useNow, usePoll } from '../../data/use-api.js';
import { usePages } from '../../data/use-pages.js';
import { clock, counted, day, dayAndTime, duration, whole } from '../../format.js';
import { placeTo, replacePlace, toSession, toStreamer, type Place } from '../../router.js';
import { BarChart } from '../../ui/bar-chart.js';
import { Card, Empty, Failure } from '../../ui/card.js';
import { Downloads } from '../../ui/downloads.js';
import { Choice } from '../../ui/field.js';
import { MoreRows } from '../../ui/more-rows.js';
import { WayBack } from '../../ui/way-back.js';
import { Comparison, MOST_COMPARED } from './comparison.js';
import { GifterCard } from './gifter-cards.js';
import { lengthOf, SessionTable } from './session-table.js';
import { Whose } from './whose.js';
import './history.css';

/** What happened before: the sessions of all, or of one. */
export function HistoryView({ place }: { place: Place }) {
  const uniqueId = place.path[1];
  return uniqueId === undefined ? (
    <Whose place={place} />
  ) : (
    <StreamerHistory key={uniqueId} uniqueId={uniqueId} place={place} />
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

function StreamerHistory({ uniqueId, place }: { uniqueId: string; place: Place }) {
  const now = useNow(5_000);
  const [metric, setMetric] = useState<BarMetric>('diamonds');
  const list = usePages<Session>(
    async (api, signal, cursor) => {
      const query = new URLSearchParams({ limit: String(PAGE), ...(cursor === undefined ? {} : { cursor }) });
      const page = await api.call<SessionPage>(`${streamerPath(uniqueId)}/sessions?${query.toString()}`, { signal });
      return { items: page.sessions, nextCursor: page.nextCursor };
    },
    ({ id }) => id,
    REFRESH_MS,
    [uniqueId],
  );
  const gifters = usePoll(
    (api, signal) => api.call<GifterPage>(`${streamerPath(uniqueId)}/gifters?limit=10`, { signal }),
    REFRESH_MS,
    [uniqueId],
  );
  const sessions = list.items ?? [];
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
      <Failure problem={list.problem} />
      {list.items === undefined ? (
        list.problem === undefined && <p class="loading">Loading …</p>
      ) : sessions.length === 0 ? (
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
            <GifterCard
              title="Top gifters of all LIVEs"
              gifters={gifters.data?.gifters}
              aside={
                <a href={placeTo(['leaderboards'], { board: 'gifters', streamer: uniqueId })}>Gifters of a period</a>
              }
            />
          </div>
          {compared.length > 0 && <Comparison ids={compared} now={now} onRemove={choose} />}
          <Card
            title="Sessions"
            aside={
              <Downloads
                what={`the sessions of @${uniqueId}`}
                formats={HISTORY_FORMATS}
                fileOf={(format) => historyFile('sessions', format, { streamer: uniqueId })}
              />
            }
          >
            <p class="note">{`Choose up to ${MOST_COMPARED} to compare.`}</p>
            <SessionTable sessions={sessions} now={now} chosen={compared} onChoose={choose} />
            <MoreRows list={list} things="sessions" beyond="The download has all of them." />
          </Card>
        </>
      )}
    </>
  );
}
