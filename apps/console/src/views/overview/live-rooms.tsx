import type { StreamerPage } from '../../api/types.js';
import { compact, duration, relative, whole } from '../../format.js';
import { placeTo } from '../../router.js';
import { stateWords } from '../../ui/badge.js';
import { Card, Empty } from '../../ui/card.js';
import { StreamerLink } from '../../ui/name.js';

const SHOWN = 12;

/** Who is live, the busiest of the first ones first. */
export function LiveRooms({
  page,
  live,
  now,
}: {
  page: StreamerPage | undefined;
  live: number | undefined;
  now: number;
}) {
  const rooms = [...(page?.streamers ?? [])]
    .filter(({ paused }) => !paused)
    .sort((a, b) => (b.room?.events ?? -1) - (a.room?.events ?? -1))
    .slice(0, SHOWN);
  const all = live ?? rooms.length;
  return (
    <Card
      title="Live now"
      aside={all > rooms.length && <a href={placeTo(['streamers'], { state: 'live' })}>{`All ${whole(all)}`}</a>}
    >
      {rooms.length === 0 ? (
        <Empty title={page === undefined ? 'Looking' : 'Nobody is live'}>
          {page === undefined ? 'One moment.' : 'Rooms show up here as soon as one of your streamers goes live.'}
        </Empty>
      ) : (
        <ul class="rooms">
          {rooms.map((streamer) => {
            const { uniqueId, nickname, room } = streamer;
            const { words, tone } = stateWords(streamer);
            return (
              <li key={uniqueId}>
                <StreamerLink uniqueId={uniqueId} nickname={nickname} />
                <span class="room-figures">
                  {room === undefined ? (
                    <span class="note">at another replica</span>
                  ) : (
                    <>
                      <b>{compact(room.events)}</b>{' '}
                      <span class="note">events in {duration(now - Date.parse(room.since))}</span>
                    </>
                  )}
                </span>
                <span class={`room-beat ${tone}`}>
                  {tone === 'good'
                    ? room?.lastFrameAt === undefined
                      ? 'live'
                      : relative(room.lastFrameAt, now)
                    : words}
                </span>
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}
