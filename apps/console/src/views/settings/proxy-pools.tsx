import { useState } from 'preact/hooks';
import type { ProxyPool, ProxyPoolList } from '../../api/types.js';
import { useApi, useNow, usePoll } from '../../data/use-api.js';
import { counted, relative } from '../../format.js';
import { Badge } from '../../ui/badge.js';
import { Card, Empty, Failure } from '../../ui/card.js';
import { Confirm, FormDialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { formText } from '../../ui/form-text.js';
import { Icon } from '../../ui/icon.js';
import { useAction } from '../../ui/use-action.js';

const REFRESH_MS = 8_000;
const TONES: Readonly<Record<string, 'good' | 'warn' | 'bad'>> = {
  healthy: 'good',
  resting: 'bad',
  probing: 'warn',
  unreadable: 'bad',
};
const poolPath = (name: string): string => `/v1/proxy-pools/${encodeURIComponent(name)}`;

/** Pools of proxies through which streamers can be reached. Addresses are never shown with user and password. */
export function ProxyPools() {
  const now = useNow(REFRESH_MS);
  const { data, problem, reload } = usePoll(
    (api, signal) => api.call<ProxyPoolList>('/v1/proxy-pools', { signal }),
    REFRESH_MS,
  );
  const [adding, setAdding] = useState<{ to?: string }>();
  const [removing, setRemoving] = useState<{ words: string; path: string }>();
  const pools = data?.proxyPools ?? [];
  return (
    <Card
      title="Proxy pools"
      aside={
        <button type="button" class="small" onClick={() => setAdding({})}>
          <Icon name="plus" size={14} /> Add pool
        </button>
      }
    >
      <Failure problem={problem} />
      {data !== undefined && pools.length === 0 && (
        <Empty title="No pool">Without one, rooms are reached from this machine’s own address.</Empty>
      )}
      <ul class="pools">
        {pools.map((pool) => (
          <li key={pool.name}>
            <PoolHead
              pool={pool}
              onAdd={() => setAdding({ to: pool.name })}
              onRemove={() => setRemoving({ words: `the pool ${pool.name}`, path: poolPath(pool.name) })}
            />
            <ul class="proxies">
              {pool.proxies.map(({ id, address, health }) => (
                <li key={id}>
                  <code>{address}</code>
                  <Badge tone={TONES[health.state] ?? 'warn'}>{health.state}</Badge>
                  <span class="note">
                    {health.lastFailure}
                    {health.retryAt !== undefined && `, again ${relative(health.retryAt, now)}`}
                  </span>
                  <button
                    type="button"
                    class="plain square"
                    aria-label={`Remove the proxy ${address}`}
                    onClick={() =>
                      setRemoving({
                        words: `the proxy ${address}`,
                        path: `${poolPath(pool.name)}/proxies/${encodeURIComponent(id)}`,
                      })
                    }
                  >
                    <Icon name="remove" size={16} />
                  </button>
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {adding !== undefined && (
        <AddProxies to={adding.to} onClose={() => setAdding(undefined)} onDone={() => void reload()} />
      )}
      {removing !== undefined && (
        <RemovePart {...removing} onClose={() => setRemoving(undefined)} onDone={() => void reload()} />
      )}
    </Card>
  );
}

function PoolHead({
  pool: { name, description, healthy, proxies },
  onAdd,
  onRemove,
}: {
  pool: ProxyPool;
  onAdd: () => void;
  onRemove: () => void;
}) {
  return (
    <div class="pool-head">
      <h3>{name}</h3>
      <Badge tone={healthy === 0 ? 'bad' : healthy < proxies.length ? 'warn' : 'good'} dot>
        {`${healthy} of ${counted(proxies.length, 'proxy', 'proxies')} healthy`}
      </Badge>
      <span class="note">
        <bdi>{description}</bdi>
      </span>
      <span class="spread" />
      <button type="button" class="small" aria-label={`Add proxies to ${name}`} onClick={onAdd}>
        Add proxies
      </button>
      <button type="button" class="plain square" aria-label={`Remove the pool ${name}`} onClick={onRemove}>
        <Icon name="remove" size={16} />
      </button>
    </div>
  );
}

function AddProxies({ to, onClose, onDone }: { to: string | undefined; onClose: () => void; onDone: () => void }) {
  const api = useApi();
  const action = useAction();
  const add = async (form: HTMLFormElement): Promise<void> => {
    const text = formText(form);
    const proxies = text('proxies')
      .split(/\s+/)
      .filter((line) => line !== '');
    const done = await action.run(async () => {
      if (to === undefined) {
        await api.call('/v1/proxy-pools', {
          method: 'POST',
          body: { name: text('name'), description: text('description'), proxies },
        });
      } else {
        await api.call(`${poolPath(to)}/proxies`, { method: 'POST', body: { proxies } });
      }
      onDone();
      return to === undefined ? 'The pool is added.' : `${counted(proxies.length, 'proxy', 'proxies')} added.`;
    });
    if (done) onClose();
  };
  return (
    <FormDialog
      title={to === undefined ? 'Add a proxy pool' : `Add proxies to ${to}`}
      action="Add"
      busy={action.busy}
      problem={action.problem}
      onSubmit={(form) => void add(form)}
      onClose={onClose}
    >
      {to === undefined && (
        <>
          <Field label="Name" hint="Small letters, digits, dots, dashes and underscores.">
            {(ids) => (
              <input
                {...ids}
                name="name"
                required
                pattern="[a-z0-9][a-z0-9._\-]{0,63}"
                autocomplete="off"
                spellcheck={false}
              />
            )}
          </Field>
          <Field label="Description">{(ids) => <input {...ids} name="description" maxLength={500} />}</Field>
        </>
      )}
      <Field
        label="Proxies"
        hint="One a line: http://, https:// or socks5://, with user and password if need be. Those are stored encrypted and never shown again."
      >
        {(ids) => (
          <textarea
            {...ids}
            name="proxies"
            rows={5}
            required={to !== undefined}
            autocomplete="off"
            spellcheck={false}
          />
        )}
      </Field>
    </FormDialog>
  );
}

function RemovePart({
  words,
  path,
  onClose,
  onDone,
}: {
  words: string;
  path: string;
  onClose: () => void;
  onDone: () => void;
}) {
  const api = useApi();
  const action = useAction();
  const remove = async (): Promise<void> => {
    const done = await action.run(async () => {
      await api.call(path, { method: 'DELETE' });
      onDone();
      return 'Removed.';
    });
    if (done) onClose();
  };
  return (
    <Confirm
      title={`Remove ${words}?`}
      action="Remove"
      busy={action.busy}
      problem={action.problem}
      onConfirm={() => void remove()}
      onClose={onClose}
    >
      <p>Streamers that use it are reached another way from their next socket on.</p>
    </Confirm>
  );
}
