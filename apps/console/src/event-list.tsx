import type { LiveEvent } from './api.js';
import { describe, shortType } from './event-line.js';

interface Properties {
  events: LiveEvent[];
  open: boolean;
  held: boolean;
  streamer: string | undefined;
  onHold: () => void;
  onClear: () => void;
}

const clock = (time: string): string => new Date(time).toLocaleTimeString([], { hour12: false });

export function EventList({ events, open, held, streamer, onHold, onClear }: Properties) {
  return (
    <section class="panel" aria-labelledby="events-title">
      <div class="panel-head">
        <h1 id="events-title">Events{streamer === undefined ? '' : ` of @${streamer}`}</h1>
        <span class={open ? 'link good' : 'link'} role="status">
          {open ? 'connected' : 'connecting …'}
        </span>
        {streamer !== undefined && (
          <button type="button" onClick={onClear}>
            All streamers
          </button>
        )}
        <button type="button" aria-pressed={held} onClick={onHold}>
          {held ? 'Go on' : 'Hold'}
        </button>
      </div>
      {events.length === 0 && (
        <p class="empty">{open ? 'Waiting for the next event.' : 'Connecting to the live tail.'}</p>
      )}
      <ol class="events" aria-live="off">
        {events.map(({ event, cursor }) => {
          const { who, what, kind } = describe(event);
          return (
            <li key={`${cursor}${event.source}${event.id}`} class={`event ${kind}`}>
              <time dateTime={event.time}>{clock(event.time)}</time>
              <span class="type">{shortType(event.type)}</span>
              <span class="room">@{event.subject}</span>
              <span class="line">
                {who !== '' && <b>{who}</b>} {what}
              </span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
