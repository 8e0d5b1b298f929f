import { useState } from 'preact/hooks';
import type { Access, Key, KeyList, KeyWithSecret } from '../../api/types.js';
import { useApi, useNow, usePoll } from '../../data/use-api.js';
import { dayAndTime, relative, whole } from '../../format.js';
import { Badge, type Tone } from '../../ui/badge.js';
import { Card, Empty, Failure } from '../../ui/card.js';
import { Confirm } from '../../ui/dialog.js';
import { Icon } from '../../ui/icon.js';
import { SecretDialog } from '../../ui/secret-dialog.js';
import { useAction } from '../../ui/use-action.js';
import { AuditCard } from './audit-card.js';
import { KeyForm } from './key-form.js';
import { TableBox } from '../../ui/table-box.js';

const REFRESH_MS = 8_000;
const ROLE_TONES: Readonly<Record<string, Tone>> = { read: 'quiet', operate: 'info', admin: 'warn' };
const pathOf = ({ id }: Key): string => `/v1/keys/${encodeURIComponent(id)}`;

/** Keys of the API, and who changed what with them. */
export function Keys() {
  const api = useApi();
  const now = useNow(5_000);
  const action = useAction();
  const access = usePoll((asked, signal) => asked.call<Access>('/v1/access', { signal }), 0);
  const keys = usePoll((asked, signal) => asked.call<KeyList>('/v1/keys', { signal }), REFRESH_MS);
  const [adding, setAdding] = useState(false);
  const [revoking, setRevoking] = useState<Key>();
  const [shown, setShown] = useState<KeyWithSecret>();
  const all = keys.data?.keys ?? [];
  const ofSettings = keys.data?.settingsKeys ?? [];

  const rotate = (key: Key): void => {
    void action.run(async () => {
      setShown(await api.call<KeyWithSecret>(`${pathOf(key)}/rotate`, { method: 'POST', body: {} }));
      await keys.reload();
      return `The secret before counts for one more day.`;
    });
  };
  const revoke = async (key: Key): Promise<void> => {
    const done = await action.run(async () => {
      await api.call(pathOf(key), { method: 'DELETE' });
      await keys.reload();
      return `The key ${key.name} is revoked.`;
    });
    if (done) setRevoking(undefined);
  };

  return (
    <>
      <div class="view-head">
        <h1>Keys</h1>
        <button type="button" class="primary" onClick={() => setAdding(true)}>
          <Icon name="plus" /> Make a key
        </button>
      </div>
      {access.data !== undefined && <p class="lead">{accessWords(access.data)}</p>}
      <Failure problem={keys.problem ?? (revoking === undefined ? action.problem : undefined)} />
      {keys.data !== undefined && (
        <Card title="Keys">
          {all.length + ofSettings.length === 0 ? (
            <Empty title="No key yet">Make one for each program and person, with the smallest role that does.</Empty>
          ) : (
            <TableBox label="Table of keys">
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">Role</th>
                  <th scope="col">Begins with</th>
                  <th scope="col">Last used</th>
                  <th scope="col">Expires</th>
                  <th scope="col">Made by</th>
                  <th scope="col">
                    <span class="hidden">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {all.map((key) => (
                  <tr key={key.id}>
                    <th scope="row">{key.name}</th>
                    <td>
                      <Badge tone={ROLE_TONES[key.role] ?? 'quiet'}>{key.role}</Badge>
                      {key.requestsPerMinute !== undefined && (
                        <span class="note">
                          {' '}
                          {key.requestsPerMinute === 0 ? 'no limit' : `${whole(key.requestsPerMinute)} a minute`}
                        </span>
                      )}
                    </td>
                    <td>
                      <code>{key.prefix}…</code>
                    </td>
                    <td>{key.lastUsedAt === undefined ? 'not yet' : relative(key.lastUsedAt, now)}</td>
                    <td>{key.expiresAt === undefined ? 'never' : dayAndTime(key.expiresAt)}</td>
                    <td>{key.createdBy}</td>
                    <td class="number">
                      <button
                        type="button"
                        class="small"
                        disabled={action.busy}
                        aria-label={`New secret for ${key.name}`}
                        onClick={() => rotate(key)}
                      >
                        New secret
                      </button>{' '}
                      <button
                        type="button"
                        class="small danger"
                        aria-label={`Revoke ${key.name}`}
                        onClick={() => setRevoking(key)}
                      >
                        Revoke
                      </button>
                    </td>
                  </tr>
                ))}
                {ofSettings.map(({ name, role }) => (
                  <tr key={`settings ${name}`}>
                    <th scope="row">{name}</th>
                    <td>
                      <Badge tone={ROLE_TONES[role] ?? 'quiet'}>{role}</Badge>
                    </td>
                    <td colSpan={5} class="note">
                      of LIVETAP_API_KEYS, changed there
                    </td>
                  </tr>
                ))}
              </tbody>
            </TableBox>
          )}
        </Card>
      )}
      <AuditCard now={now} />
      {adding && (
        <KeyForm
          onClose={() => setAdding(false)}
          onDone={(key) => {
            setAdding(false);
            setShown(key);
            void keys.reload();
          }}
        />
      )}
      {revoking !== undefined && (
        <Confirm
          title={`Revoke the key ${revoking.name}?`}
          action="Revoke"
          busy={action.busy}
          problem={action.problem}
          onConfirm={() => void revoke(revoking)}
          onClose={() => setRevoking(undefined)}
        >
          <p>Whoever uses it is refused from now on, at other replicas within seconds. This cannot be taken back.</p>
        </Confirm>
      )}
      {shown !== undefined && (
        <SecretDialog
          title={`Secret of ${shown.name}`}
          about="This goes into the header “Authorization: Bearer …”."
          secret={shown.secret}
          onClose={() => setShown(undefined)}
        />
      )}
    </>
  );
}

function accessWords({ name, role, source, keyRequired }: Access): string {
  if (source === 'local')
    return 'You are on this machine, where no key is needed. Keys count all the same for whoever shows one.';
  return `This tab uses the key “${name}” with the role ${role}${keyRequired ? '' : ', though none is needed'}.`;
}
