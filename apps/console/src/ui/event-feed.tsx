import { useMemo, useState } from 'preact/hooks';
import type { Envelope } from '../api/types.js';
import { describeEvent, EVENT_KINDS, type EventKind } from '../data/event-words.js';
import { useTail } from '../data/use-tail.js';
import { clock, shortType, whole } from '../format.js';
import { toStreamer } from '../router.js';
import { Badge } from './badge.js';
import { Card, Empty } from './card.js';
import { Icon } from './icon.js';
import { Name } from './name.js';

interface Properties {
  title: string;
  streamer?: string;
  types?: readonly string[];
  /** Whether lines name the streamer, and kinds can be chosen. */
  ofMany?: boolean;
  /** What is said while nothing has come. */
  waiting: string;
  onEvent?: (event: Envelope) => void;
  /** Which of them are shown; absent: all. */
  accepts?: (event: Envelope) => boolean;
}

/** Events as they come, newest first. */
export function EventFeed({ title, streamer, types, ofMany = false, waiting, onEvent, accepts }: Properties) {
  const [held, setHeld] = useState(false);
  const [kind, setKind] = useState<EventKind | ''>('');
  const filters = { ...(streamer === undefined ? {} : { streamer }), ...(types === undefined ? {} : { types }) };
  const { events, open, heldBack, missed } = useTail(filters, held, onEvent, accepts);
  const lines = useMemo(
    () =>
      events
        .map(({ number, event }) => ({ number, event, line: describeEvent(event) }))
        .filter(({ line }) => kind === '' || line.kind === kind),
    [events, kind],
  );
  const aside = (
    <div class="card-aside">
      <Badge tone={open ? 'good' : 'warn'} dot>
        {open ? 'Connected' : 'Connecting'}
      </Badge>
      <button type="button" class="small" aria-pressed={held} onClick={() => setHeld(!held)}>
        <Icon name={held ? 'play' : 'pause'} size={14} />
        {held ? `Go on${heldBack > 0 ? ` (${whole(heldBack)} new)` : ''}` : 'Hold'}
      </button>
    </div>
  );
  return (
    <Card title={title} aside={aside} class="feed">
      {!ofMany && (
        <div class="chips" role="group" aria-label="Kinds of events">
          {(['', ...Object.keys(EVENT_KINDS)] as (EventKind | '')[]).map((key) => (
            <button key={key} type="button" class="chip" aria-pressed={kind === key} onClick={() => setKind(key)}>
              {key === '' ? 'All' : EVENT_KINDS[key]}
            </button>
          ))}
        </div>
      )}
      {missed && (
        <p class="note-line">Some events before this moment were missed: the connection was away for too long.</p>
      )}
      {lines.length === 0 ? (
        <Empty title={open ? 'Quiet so far' : 'Connecting'}>
          {open ? waiting : 'The live tail opens in a moment.'}
        </Empty>
      ) : (
        // It can be scrolled by keyboard, so it must be reachable by it.
        <ol class="events" tabIndex={0} aria-label={`${title}, newest first`}>
          {lines.map(({ number, event, line }) => (
            <li key={number} class={`event kind-${line.kind} ${line.weight ?? ''}`}>
              <time dateTime={event.time}>{clock(event.time)}</time>
              {ofMany && (
                <a class="event-room" href={toStreamer(event.subject)}>
                  @{event.subject}
                </a>
              )}
              <span class="event-text" title={shortType(event.type)}>
                {line.who !== '' && <Name text={line.who} />}{' '}
                <bdi class={line.kind === 'chat' ? 'said' : ''}>{line.what}</bdi>
              </span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
