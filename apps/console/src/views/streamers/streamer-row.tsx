import type { Streamer } from '../../api/types.js';
import { useApi } from '../../data/use-api.js';
import { dayAndTime, relative } from '../../format.js';
import { StateBadge } from '../../ui/badge.js';
import { Icon } from '../../ui/icon.js';
import { StreamerLink } from '../../ui/name.js';
import { changeStreamer } from '../../ui/streamer-dialogs.js';
import { useAction, useSay } from '../../ui/use-action.js';

interface Properties {
  streamer: Streamer;
  now: number;
  chosen: boolean;
  onChoose: () => void;
  onEdit: () => void;
  onRemove: () => void;
  onChanged: () => void;
}

const SHOWN_LABELS = 4;

export function StreamerRow({ streamer, now, chosen, onChoose, onEdit, onRemove, onChanged }: Properties) {
  const { uniqueId, nickname, paused, priority } = streamer;
  const api = useApi();
  const action = useAction();
  const say = useSay();
  const pause = async (): Promise<void> => {
    const done = await action.run(async () => {
      await changeStreamer(api, uniqueId, { paused: !paused });
      onChanged();
      return paused ? `@${uniqueId} is watched again.` : `@${uniqueId} is no longer watched.`;
    });
    if (!done) say(`@${uniqueId} could not be changed.`, 'bad');
  };
  return (
    <div class={`streamer${chosen ? ' chosen' : ''}${paused ? ' dim' : ''}`}>
      <label class="choose">
        <input type="checkbox" checked={chosen} onChange={onChoose} />
        <span class="hidden">{`Choose ${uniqueId}`}</span>
      </label>
      <StreamerLink uniqueId={uniqueId} nickname={nickname} />
      <Tags streamer={streamer} />
      <span class="times">
        <LastSeen streamer={streamer} now={now} />
        {priority !== 50 && <span class="note">Priority {priority}</span>}
      </span>
      <span class="streamer-state" title={streamer.room?.reason ?? streamer.stateReason ?? ''}>
        <StateBadge streamer={streamer} />
      </span>
      <span class="tools">
        <button
          type="button"
          class="plain square"
          disabled={action.busy}
          aria-label={`${paused ? 'Watch' : 'Stop watching'} ${uniqueId}`}
          title={paused ? 'Watch' : 'Stop watching'}
          onClick={() => void pause()}
        >
          <Icon name={paused ? 'play' : 'pause'} />
        </button>
        <button type="button" class="plain square" aria-label={`Change ${uniqueId}`} title="Change" onClick={onEdit}>
          <Icon name="edit" />
        </button>
        <button type="button" class="plain square" aria-label={`Remove ${uniqueId}`} title="Remove" onClick={onRemove}>
          <Icon name="remove" />
        </button>
      </span>
    </div>
  );
}

/** How the streamer is reached, whether as an account, and its labels. Proxies and logins themselves are never sent here. */
function Tags({ streamer: { labels, settings, hasProxy, hasSession } }: { streamer: Streamer }) {
  const { proxyPool } = settings;
  const origin = proxyPool?.label === undefined ? '' : ` (label ${proxyPool.label})`;
  const ways = [
    ...(hasProxy ? [proxyPool === undefined ? 'proxy' : `pool ${String(proxyPool.value)}${origin}`] : []),
    ...(hasSession ? ['login'] : []),
  ];
  const hidden = labels.length - SHOWN_LABELS;
  return (
    <span class="tags">
      {ways.map((text) => (
        <span key={text} class="way">
          {text}
        </span>
      ))}
      {labels.slice(0, SHOWN_LABELS).map((text) => (
        <span key={text} title={text}>
          <bdi>{text}</bdi>
        </span>
      ))}
      {hidden > 0 && <span title={labels.slice(SHOWN_LABELS).join(', ')}>+{hidden}</span>}
    </span>
  );
}

function LastSeen({
  streamer: { state, paused, lastLiveAt, nextCheckAt, room },
  now,
}: {
  streamer: Streamer;
  now: number;
}) {
  if (state === 'live' && !paused && room?.lastFrameAt !== undefined)
    return <span>{`Heard ${relative(room.lastFrameAt, now)}`}</span>;
  return (
    <>
      <span title={lastLiveAt === undefined ? '' : dayAndTime(lastLiveAt)}>
        {lastLiveAt === undefined ? 'Never seen live' : `Live ${relative(lastLiveAt, now)}`}
      </span>
      {!paused && nextCheckAt !== undefined && Date.parse(nextCheckAt) > now && (
        <span class="note">{`Check ${relative(nextCheckAt, now)}`}</span>
      )}
    </>
  );
}
