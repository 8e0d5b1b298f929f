import { useState } from 'preact/hooks';
import type { LabelDefaults, LabelDefaultsList, ProxyPoolList } from '../../api/types.js';
import { useApi, usePoll } from '../../data/use-api.js';
import { duration } from '../../format.js';
import { Card, Empty, Failure } from '../../ui/card.js';
import { FormDialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { formText } from '../../ui/form-text.js';
import { Icon } from '../../ui/icon.js';
import { useAction } from '../../ui/use-action.js';

const REFRESH_MS = 15_000;
const SECOND_MS = 1_000;
const pathOf = (label: string): string => `/v1/label-defaults/${encodeURIComponent(label)}`;

/** Settings that streamers take from their labels. */
export function LabelDefaultsCard() {
  const api = useApi();
  const action = useAction();
  const { data, problem, reload } = usePoll(
    (asked, signal) => asked.call<LabelDefaultsList>('/v1/label-defaults', { signal }),
    REFRESH_MS,
  );
  const [open, setOpen] = useState<LabelDefaults | 'new'>();
  const all = data?.labelDefaults ?? [];
  const remove = (label: string): void => {
    void action.run(async () => {
      await api.call(pathOf(label), { method: 'DELETE' });
      await reload();
      return `The label ${label} gives no settings any more.`;
    });
  };
  return (
    <Card
      title="Settings of labels"
      aside={
        <button type="button" class="small" onClick={() => setOpen('new')}>
          <Icon name="plus" size={14} /> Add
        </button>
      }
    >
      <Failure problem={problem ?? action.problem} />
      {data !== undefined && all.length === 0 && (
        <Empty title="No label gives settings">
          Give one a proxy pool or a priority, and all streamers with that label have it.
        </Empty>
      )}
      <ul class="pools">
        {all.map((defaults) => (
          <li key={defaults.label} class="pool-head">
            <h3>
              <bdi>{defaults.label}</bdi>
            </h3>
            <span class="note">{wordsOfDefaults(defaults)}</span>
            <span class="spread" />
            <button
              type="button"
              class="plain square"
              aria-label={`Change the settings of ${defaults.label}`}
              onClick={() => setOpen(defaults)}
            >
              <Icon name="edit" size={16} />
            </button>
            <button
              type="button"
              class="plain square"
              disabled={action.busy}
              aria-label={`Remove the settings of ${defaults.label}`}
              onClick={() => remove(defaults.label)}
            >
              <Icon name="remove" size={16} />
            </button>
          </li>
        ))}
      </ul>
      {open !== undefined && (
        <LabelDialog
          {...(open === 'new' ? {} : { defaults: open })}
          onClose={() => setOpen(undefined)}
          onDone={() => void reload()}
        />
      )}
    </Card>
  );
}

function wordsOfDefaults(defaults: LabelDefaults): string {
  const {
    precedence,
    priority,
    proxyPool,
    language,
    region,
    checkIntervalMs,
    checkIntervalMaxMs,
    silenceMs,
    socketSources,
  } = defaults;
  return [
    ...(priority === undefined ? [] : [`priority ${priority}`]),
    ...(proxyPool === undefined ? [] : [`pool ${proxyPool}`]),
    ...(language === undefined ? [] : [`language ${language}`]),
    ...(region === undefined ? [] : [`country ${region}`]),
    ...(checkIntervalMs === undefined ? [] : [`checked every ${duration(checkIntervalMs)}`]),
    ...(checkIntervalMaxMs === undefined ? [] : [`at least every ${duration(checkIntervalMaxMs)}`]),
    ...(silenceMs === undefined ? [] : [`silent after ${duration(silenceMs)}`]),
    ...(socketSources === undefined ? [] : [`ways ${socketSources.join(', ')}`]),
    ...(precedence === 0 ? [] : [`precedence ${precedence}`]),
  ].join(' · ');
}

function LabelDialog({
  defaults,
  onClose,
  onDone,
}: {
  defaults?: LabelDefaults;
  onClose: () => void;
  onDone: () => void;
}) {
  const api = useApi();
  const action = useAction();
  const pools = usePoll((asked, signal) => asked.call<ProxyPoolList>('/v1/proxy-pools', { signal }), 0);
  const names =
    pools.data?.proxyPools.map(({ name }) => name) ?? (defaults?.proxyPool === undefined ? [] : [defaults.proxyPool]);
  const save = async (form: HTMLFormElement): Promise<void> => {
    const text = formText(form);
    const part = (name: string, value: unknown): object => (text(name) === '' ? {} : { [name]: value });
    const label = defaults?.label ?? text('label');
    // The whole of it is replaced: what this form does not show stays as it was.
    const body = {
      precedence: Number(text('precedence') || '0'),
      ...part('priority', Number(text('priority'))),
      ...part('proxyPool', text('proxyPool')),
      ...part('language', text('language')),
      ...part('region', text('region')),
      ...part('checkIntervalMs', Math.round(Number(text('checkIntervalMs')) * SECOND_MS)),
      ...(defaults?.checkIntervalMaxMs === undefined ? {} : { checkIntervalMaxMs: defaults.checkIntervalMaxMs }),
      ...(defaults?.silenceMs === undefined ? {} : { silenceMs: defaults.silenceMs }),
      ...(defaults?.socketSources === undefined ? {} : { socketSources: defaults.socketSources }),
    };
    const done = await action.run(async () => {
      await api.call(pathOf(label), { method: 'PUT', body });
      onDone();
      return `Streamers with the label ${label} take these settings.`;
    });
    if (done) onClose();
  };
  return (
    <FormDialog
      title={defaults === undefined ? 'Settings of a label' : `Settings of ${defaults.label}`}
      action="Save"
      busy={action.busy}
      problem={action.problem}
      onSubmit={(form) => void save(form)}
      onClose={onClose}
    >
      {defaults === undefined && (
        <Field label="Label">
          {(ids) => <input {...ids} name="label" required maxLength={64} autocomplete="off" />}
        </Field>
      )}
      <Field label="Proxy pool">
        {(ids) => (
          <select {...ids} name="proxyPool" key={names.join()}>
            <option value="">None of its own</option>
            {names.map((name) => (
              <option key={name} value={name} selected={name === defaults?.proxyPool}>
                {name}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div class="two">
        <Field label="Priority" hint="0 to 100">
          {(ids) => (
            <input {...ids} name="priority" type="number" min={0} max={100} defaultValue={defaults?.priority ?? ''} />
          )}
        </Field>
        <Field label="Seconds between checks" hint="At the usual hours">
          {(ids) => (
            <input
              {...ids}
              name="checkIntervalMs"
              type="number"
              min={1}
              step="any"
              defaultValue={defaults?.checkIntervalMs === undefined ? '' : defaults.checkIntervalMs / SECOND_MS}
            />
          )}
        </Field>
        <Field label="Language" hint="As in de">
          {(ids) => <input {...ids} name="language" defaultValue={defaults?.language ?? ''} autocomplete="off" />}
        </Field>
        <Field label="Country" hint="As in DE">
          {(ids) => <input {...ids} name="region" defaultValue={defaults?.region ?? ''} autocomplete="off" />}
        </Field>
      </div>
      <Field label="Precedence" hint="When several labels of a streamer give the same setting, the highest counts.">
        {(ids) => (
          <input {...ids} name="precedence" type="number" min={0} max={100} defaultValue={defaults?.precedence ?? 0} />
        )}
      </Field>
    </FormDialog>
  );
}
