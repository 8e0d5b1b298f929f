import { ROLES, type KeyWithSecret, type NewKey, type Role } from '../../api/types.js';
import { useApi } from '../../data/use-api.js';
import { FormDialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { formText } from '../../ui/form-text.js';
import { useAction } from '../../ui/use-action.js';

const DAY_MS = 86_400_000;
const ROLE_WORDS: Readonly<Record<Role, string>> = {
  read: 'read: looks at everything, changes nothing',
  operate: 'operate: also adds, changes and removes streamers',
  admin: 'admin: everything, also keys and secrets',
};

/** Makes a key; its secret is in the answer alone. */
export function KeyForm({ onClose, onDone }: { onClose: () => void; onDone: (key: KeyWithSecret) => void }) {
  const api = useApi();
  const action = useAction();
  const make = (form: HTMLFormElement): void => {
    const text = formText(form);
    const role = ROLES.find((name) => name === text('role')) ?? 'read';
    const body: NewKey = {
      name: text('name'),
      role,
      ...(text('requests') === '' ? {} : { requestsPerMinute: Number(text('requests')) }),
      ...(text('days') === '' ? {} : { expiresAt: new Date(Date.now() + Number(text('days')) * DAY_MS).toISOString() }),
    };
    void action.run(async () => onDone(await api.call<KeyWithSecret>('/v1/keys', { method: 'POST', body })));
  };
  return (
    <FormDialog
      title="Make a key"
      action="Make"
      busy={action.busy}
      problem={action.problem}
      onSubmit={make}
      onClose={onClose}
    >
      <Field label="Name" hint="Of the program or person that will use it. The audit log names it.">
        {(ids) => <input {...ids} name="name" required maxLength={64} autocomplete="off" spellcheck={false} />}
      </Field>
      <Field label="Role">
        {(ids) => (
          <select {...ids} name="role">
            {ROLES.map((role) => (
              <option key={role} value={role}>
                {ROLE_WORDS[role]}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Valid for days" hint="Empty: until it is revoked.">
        {(ids) => <input {...ids} name="days" type="number" min={1} max={36_500} />}
      </Field>
      <Field label="Requests a minute" hint="Empty: as the settings say; 0: no limit.">
        {(ids) => <input {...ids} name="requests" type="number" min={0} max={1_000_000} />}
      </Field>
    </FormDialog>
  );
}
