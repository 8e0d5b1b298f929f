import { useState } from 'preact/hooks';
import { useApi } from '../../data/use-api.js';
import { counted } from '../../format.js';
import { Failure } from '../../ui/card.js';
import { changeStreamer } from '../../ui/streamer-dialogs.js';
import { useAction } from '../../ui/use-action.js';

interface Properties {
  chosen: ReadonlySet<string>;
  /** How many the filters leave. */
  shown: number;
  onAll: () => void;
  onNone: () => void;
  onRemove: () => void;
  onChanged: () => void;
}

/** What can be done with several streamers at once; nothing while none is chosen. */
export function ChosenBar({ chosen, shown, onAll, onNone, onRemove, onChanged }: Properties) {
  const api = useApi();
  const action = useAction();
  const [done, setDone] = useState(0);
  if (chosen.size === 0) return null;
  const setPaused = (paused: boolean): void => {
    setDone(0);
    void action.run(async () => {
      for (const uniqueId of chosen) {
        await changeStreamer(api, uniqueId, { paused });
        setDone((before) => before + 1);
      }
      onChanged();
      onNone();
      return `${counted(chosen.size, 'streamer')} ${paused ? 'no longer watched' : 'watched again'}.`;
    });
  };
  return (
    <>
      <div class="chosen-bar" role="group" aria-label="Chosen streamers">
        <b>{`${counted(chosen.size, 'streamer')} chosen`}</b>
        {chosen.size < shown && <button type="button" class="small" onClick={onAll}>{`Choose all ${shown}`}</button>}
        <button type="button" class="small" onClick={onNone}>
          None
        </button>
        <span class="spread" />
        {action.busy && <progress max={chosen.size} value={done} aria-label="Changed" />}
        <button type="button" class="small" disabled={action.busy} onClick={() => setPaused(false)}>
          Watch
        </button>
        <button type="button" class="small" disabled={action.busy} onClick={() => setPaused(true)}>
          Stop watching
        </button>
        <button type="button" class="small danger" disabled={action.busy} onClick={onRemove}>
          Remove …
        </button>
      </div>
      <Failure problem={action.problem} />
    </>
  );
}
