import { useState } from 'preact/hooks';
import type { Api } from '../api/api.js';
import { streamerPath } from '../api/resources.js';
import type { ProxyPoolList, Streamer, StreamerChange } from '../api/types.js';
import { typedLabels } from '../data/names.js';
import { useApi, usePoll } from '../data/use-api.js';
import { counted } from '../format.js';
import { Confirm, FormDialog } from './dialog.js';
import { Field } from './field.js';
import { formText } from './form-text.js';
import { useAction } from './use-action.js';

export async function changeStreamer(api: Api, uniqueId: string, change: StreamerChange): Promise<void> {
  await api.call(streamerPath(uniqueId), { method: 'PATCH', body: change });
}

interface EditProperties {
  streamer: Streamer;
  onClose: () => void;
  onChanged: () => void;
}

/** Labels, priority and proxy pool of a streamer. What is left empty comes from its labels, then from the service. */
export function EditDialog({ streamer, onClose, onChanged }: EditProperties) {
  const api = useApi();
  const action = useAction();
  const pools = usePoll((asked, signal) => asked.call<ProxyPoolList>('/v1/proxy-pools', { signal }), 0);
  const { priority, proxyPool } = streamer.settings;
  const ownPriority = priority?.from === 'streamer' ? String(priority.value) : '';
  const ownPool = proxyPool?.from === 'streamer' ? String(proxyPool.value) : '';
  const names = pools.data?.proxyPools.map(({ name }) => name) ?? (ownPool === '' ? [] : [ownPool]);

  const save = async (form: HTMLFormElement): Promise<void> => {
    const text = formText(form);
    const change: StreamerChange = {
      labels: typedLabels(text('labels')),
      priority: text('priority') === '' ? null : Number(text('priority')),
      ...(text('proxyPool') === ownPool ? {} : { proxyPool: text('proxyPool') === '' ? null : text('proxyPool') }),
    };
    const done = await action.run(async () => {
      await changeStreamer(api, streamer.uniqueId, change);
      onChanged();
      return `@${streamer.uniqueId} is changed.`;
    });
    if (done) onClose();
  };

  return (
    <FormDialog
      title={`Change @${streamer.uniqueId}`}
      action="Save"
      busy={action.busy}
      problem={action.problem}
      onSubmit={(form) => void save(form)}
      onClose={onClose}
    >
      <Field label="Labels" hint="Free words to filter by, separated by commas. Settings can be given to a label.">
        {(ids) => <input {...ids} name="labels" defaultValue={streamer.labels.join(', ')} autocomplete="off" />}
      </Field>
      <Field
        label="Priority"
        hint={`0 to 100: who is served first when something is scarce. Empty: as labels and service say (now ${streamer.priority}).`}
      >
        {(ids) => <input {...ids} name="priority" type="number" min={0} max={100} defaultValue={ownPriority} />}
      </Field>
      <Field label="Proxy pool" hint="Through which the streamer is reached.">
        {(ids) => (
          <select {...ids} name="proxyPool" key={names.join()}>
            <option value="">As labels and service say</option>
            {names.map((name) => (
              <option key={name} value={name} selected={name === ownPool}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
    </FormDialog>
  );
}

interface RemoveProperties {
  /** One or many. */
  uniqueIds: readonly string[];
  onClose: () => void;
  onRemoved: () => void;
}

/** Asks before streamers are removed; their history is kept unless that is asked for as well. */
export function RemoveDialog({ uniqueIds, onClose, onRemoved }: RemoveProperties) {
  const api = useApi();
  const action = useAction();
  const [purge, setPurge] = useState(false);
  const who = uniqueIds.length === 1 ? `@${uniqueIds[0]}` : counted(uniqueIds.length, 'streamer');
  const remove = async (): Promise<void> => {
    const done = await action.run(async () => {
      for (const uniqueId of uniqueIds) {
        await api.call(`${streamerPath(uniqueId)}${purge ? '?purge=true' : ''}`, { method: 'DELETE' });
      }
      return `${who} removed${purge ? ' with all history' : '; the history is kept'}.`;
    });
    onRemoved();
    if (done) onClose();
  };
  return (
    <Confirm
      title={`Remove ${who}?`}
      action={purge ? 'Remove with history' : 'Remove'}
      busy={action.busy}
      problem={action.problem}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      <p>{`${uniqueIds.length === 1 ? 'This streamer is' : 'They are'} no longer watched; a room that is open is left.`}</p>
      <label class="check">
        <input type="checkbox" checked={purge} onChange={(event) => setPurge(event.currentTarget.checked)} />
        Erase all recorded history as well. This cannot be taken back.
      </label>
    </Confirm>
  );
}
