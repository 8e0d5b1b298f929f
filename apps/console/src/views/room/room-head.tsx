import { useState } from 'preact/hooks';
import type { Streamer } from '../../api/types.js';
import { useApi } from '../../data/use-api.js';
import { dayAndTime, relative } from '../../format.js';
import { StateBadge } from '../../ui/badge.js';
import { Icon } from '../../ui/icon.js';
import { Avatar, Name } from '../../ui/name.js';
import { changeStreamer, EditDialog, RemoveDialog } from '../../ui/streamer-dialogs.js';
import { useAction } from '../../ui/use-action.js';
import { Failure } from '../../ui/card.js';
import { WayBack } from '../../ui/way-back.js';

interface Properties {
  uniqueId: string;
  streamer: Streamer | undefined;
  /** Of the LIVE that goes on. */
  title: string | undefined;
  now: number;
  onChanged: () => void;
}

/** Who it is, how it is, and what can be done. */
export function RoomHead({ uniqueId, streamer, title, now, onChanged }: Properties) {
  const api = useApi();
  const action = useAction();
  const [open, setOpen] = useState<'edit' | 'remove'>();
  const name = streamer?.nickname ?? uniqueId;
  const pause = (paused: boolean): void => {
    void action.run(async () => {
      await changeStreamer(api, uniqueId, { paused });
      onChanged();
      return paused ? `@${uniqueId} is no longer watched.` : `@${uniqueId} is watched again.`;
    });
  };
  return (
    <>
      <WayBack to="#/streamers">Streamers</WayBack>
      <div class="room-head">
        <Avatar name={name} of={uniqueId} large />
        <div class="room-who">
          <h1>
            <Name text={name} />
          </h1>
          <p class="room-line">
            <span class="handle">@{uniqueId}</span>
            {streamer !== undefined && <StateBadge streamer={streamer} />}
            {streamer?.labels.map((label) => (
              <span key={label} class="tag">
                <bdi>{label}</bdi>
              </span>
            ))}
          </p>
          {title !== undefined && (
            <p class="room-title">
              <bdi>{title}</bdi>
            </p>
          )}
          {streamer !== undefined && <p class="note">{lineOf(streamer, now)}</p>}
        </div>
        {streamer !== undefined && (
          <div class="tool-row">
            <button type="button" disabled={action.busy} onClick={() => pause(!streamer.paused)}>
              <Icon name={streamer.paused ? 'play' : 'pause'} /> {streamer.paused ? 'Watch' : 'Stop watching'}
            </button>
            <button type="button" onClick={() => setOpen('edit')}>
              <Icon name="edit" /> Change
            </button>
            <button type="button" onClick={() => setOpen('remove')}>
              <Icon name="remove" /> Remove
            </button>
          </div>
        )}
      </div>
      <Failure problem={action.problem} />
      {open === 'edit' && streamer !== undefined && (
        <EditDialog streamer={streamer} onClose={() => setOpen(undefined)} onChanged={onChanged} />
      )}
      {open === 'remove' && (
        <RemoveDialog
          uniqueIds={[uniqueId]}
          onClose={() => setOpen(undefined)}
          onRemoved={() => {
            location.hash = '#/streamers';
          }}
        />
      )}
    </>
  );
}

/** How it is, in one line: the room when one is open, else the checks. */
function lineOf(
  { room, state, stateReason, lastCheckedAt, nextCheckAt, lastLiveAt, paused }: Streamer,
  now: number,
): string {
  if (room !== undefined && state === 'live') {
    return [
      `Room ${room.roomId ?? ''}`,
      ...(room.source === undefined ? [] : [`way “${room.source}”`]),
      ...(room.state === 'live' ? [] : [room.reason]),
      ...(room.lastFrameAt === undefined ? [] : [`heard ${relative(room.lastFrameAt, now)}`]),
    ].join(' · ');
  }
  const parts = [
    ...(stateReason === undefined ? [] : [stateReason]),
    ...(lastLiveAt === undefined ? ['Never seen live'] : [`Last live ${dayAndTime(lastLiveAt)}`]),
    ...(lastCheckedAt === undefined ? [] : [`checked ${relative(lastCheckedAt, now)}`]),
    ...(paused || nextCheckAt === undefined ? [] : [`next check ${relative(nextCheckAt, now)}`]),
  ];
  return parts.join(' · ');
}
