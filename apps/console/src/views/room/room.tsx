import { useState } from 'preact/hooks';
import { streamerPath } from '../../api/resources.js';
import type { Envelope, Session, SessionPage, Streamer } from '../../api/types.js';
import { useNow, usePoll } from '../../data/use-api.js';
import { dayAndTime, relative } from '../../format.js';
import { placeTo, type Place } from '../../router.js';
import { Card, Empty, Failure } from '../../ui/card.js';
import { EventFeed } from '../../ui/event-feed.js';
import { SessionPanel } from '../history/session-panel.js';
import { SessionTable } from '../history/session-table.js';
import { RoomHead } from './room-head.js';
import '../history/history.css';

const STREAMER_MS = 3_000;
const SESSIONS_MS = 8_000;
const SESSIONS_SHOWN = 8;

/** The session that goes on now, or the one before. */
function currentOf(streamer: Streamer | undefined, sessions: readonly Session[]): Session | undefined {
  return sessions.find(({ id }) => id === streamer?.room?.sessionId) ?? sessions[0];
}

/** One streamer: what happens in the room now, and what happened before. */
export function RoomView({ place }: { place: Place }) {
  const uniqueId = place.path[1] ?? '';
  const now = useNow();
  const streamer = usePoll((api, signal) => api.call<Streamer>(streamerPath(uniqueId), { signal }), STREAMER_MS, [
    uniqueId,
  ]);
  const sessions = usePoll(
    (api, signal) =>
      api.call<SessionPage>(`${streamerPath(uniqueId)}/sessions?limit=${SESSIONS_SHOWN + 1}`, { signal }),
    SESSIONS_MS,
    [uniqueId],
  );
  const [gaps, setGaps] = useState<readonly Envelope[]>([]);
  const list = sessions.data?.sessions ?? [];
  const current = currentOf(streamer.data, list);
  const live = current !== undefined && current.endedAt === undefined;

  return (
    <>
      <RoomHead
        uniqueId={uniqueId}
        streamer={streamer.data}
        title={live ? current.title : undefined}
        now={now}
        onChanged={() => void streamer.reload()}
      />
      <Failure problem={streamer.problem} />
      <div class="columns wide-left">
        <div class="column">
          {current === undefined ? (
            <Card title="This LIVE">
              <Empty title={sessions.data === undefined ? 'Loading' : 'No LIVE recorded yet'}>
                {sessions.data !== undefined &&
                  'As soon as this streamer goes live, viewers, diamonds, gifters and battles show up here.'}
              </Empty>
            </Card>
          ) : (
            <>
              <p class="session-line">
                {live ? 'Live' : 'Last LIVE'} <SessionTimes session={current} now={now} />
              </p>
              <SessionPanel key={current.id} sessionId={current.id} live={live} gapsSeen={gaps} />
            </>
          )}
        </div>
        <EventFeed
          title="Events"
          streamer={uniqueId}
          waiting="Events show up here as they come."
          onEvent={(event) => {
            if (event.type === 'livetap.room.gap.v1') setGaps((before) => [...before, event].slice(-50));
          }}
        />
      </div>
      <Card title="Sessions" aside={<a href={placeTo(['history', uniqueId])}>Charts and comparison</a>}>
        <Failure problem={sessions.problem} />
        {sessions.data === undefined ? (
          <p class="note">Loading …</p>
        ) : (
          <SessionTable sessions={list.slice(0, SESSIONS_SHOWN)} now={now} />
        )}
      </Card>
    </>
  );
}

function SessionTimes({
  session: { startedAt, joinedAt, endedAt, endReason },
  now,
}: {
  session: Session;
  now: number;
}) {
  const start = startedAt ?? joinedAt;
  return (
    <>
      since <time dateTime={start}>{dayAndTime(start)}</time>
      {endedAt !== undefined && `, over ${relative(endedAt, now)}${endReason === undefined ? '' : ` (${endReason})`}`}
    </>
  );
}
