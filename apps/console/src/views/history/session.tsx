import { sessionPath } from '../../api/resources.js';
import type { Session } from '../../api/types.js';
import { useNow, usePoll } from '../../data/use-api.js';
import { dayAndTime, duration } from '../../format.js';
import { placeTo, toStreamer, type Place } from '../../router.js';
import { Badge } from '../../ui/badge.js';
import { Failure } from '../../ui/card.js';
import { lengthOf } from './session-table.js';
import { SessionPanel } from './session-panel.js';
import './history.css';
import { WayBack } from '../../ui/way-back.js';

const REFRESH_MS = 10_000;

/** One session by itself. */
export function SessionView({ place }: { place: Place }) {
  const id = place.path[1] ?? '';
  const now = useNow();
  const { data: session, problem } = usePoll(
    (api, signal) => api.call<Session>(sessionPath(id), { signal }),
    (known) => (known?.endedAt === undefined ? REFRESH_MS : 0),
    [id],
  );
  if (session === undefined) {
    return (
      <>
        <h1>Session</h1>
        <Failure problem={problem} />
        {problem === undefined && <p class="loading">Loading …</p>}
      </>
    );
  }
  const { uniqueId, title, startedAt, joinedAt, endedAt, endReason } = session;
  const started = startedAt ?? joinedAt;
  return (
    <>
      <WayBack to={placeTo(['history', uniqueId])}>History of @{uniqueId}</WayBack>
      <div class="view-head">
        <div>
          <h1>{dayAndTime(started)}</h1>
          <p class="room-line">
            <a href={toStreamer(uniqueId)}>@{uniqueId}</a>
            <Badge tone={endedAt === undefined ? 'good' : 'quiet'} dot>
              {endedAt === undefined ? 'Live' : `Over (${endReason ?? 'ended'})`}
            </Badge>
            <span>{duration(lengthOf(session, now))}</span>
          </p>
          {title !== undefined && (
            <p class="room-title">
              <bdi>{title}</bdi>
            </p>
          )}
        </div>
      </div>
      <SessionPanel key={id} sessionId={id} live={endedAt === undefined} />
    </>
  );
}
