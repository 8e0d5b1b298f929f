import type { NewWebhook, Webhook } from '../../api/types.js';
import { typedLabels } from '../../data/names.js';
import { useApi } from '../../data/use-api.js';
import { shortType } from '../../format.js';
import { FormDialog } from '../../ui/dialog.js';
import { Field } from '../../ui/field.js';
import { formText } from '../../ui/form-text.js';
import { useAction } from '../../ui/use-action.js';

interface Properties {
  /** What is to be changed; absent: a new one. */
  webhook?: Webhook;
  onClose: () => void;
  /** With the service's answer: for a new one that holds the signing secret. */
  onDone: (webhook: Webhook) => void;
}

const words = (text: string): string[] => text.split(/[\s,]+/).filter((word) => word !== '');

/** Address and filters of a webhook. */
export function WebhookForm({ webhook, onClose, onDone }: Properties) {
  const api = useApi();
  const action = useAction();
  const save = (form: HTMLFormElement): void => {
    const text = formText(form);
    const types = words(text('types'));
    const body: Partial<NewWebhook> = {
      ...(text('url') === '' ? {} : { url: text('url') }),
      ...(types.length === 0 ? {} : { types }),
      streamers: words(text('streamers')),
      labels: typedLabels(text('labels')),
      description: text('description'),
    };
    void action.run(async () => {
      const path = webhook === undefined ? '/v1/webhooks' : `/v1/webhooks/${encodeURIComponent(webhook.id)}`;
      onDone(await api.call<Webhook>(path, { method: webhook === undefined ? 'POST' : 'PATCH', body }));
    });
  };
  return (
    <FormDialog
      title={webhook === undefined ? 'Add webhook' : 'Change webhook'}
      action={webhook === undefined ? 'Add' : 'Save'}
      busy={action.busy}
      problem={action.problem}
      onSubmit={save}
      onClose={onClose}
    >
      <Field
        label="Address"
        hint={webhook === undefined ? 'Where events are sent, https://' : 'Empty: stays as it is.'}
      >
        {(ids) => (
          <input
            {...ids}
            name="url"
            type="url"
            defaultValue={webhook?.url ?? ''}
            placeholder="https://example.com/livetap"
            autocomplete="off"
            required={webhook === undefined}
          />
        )}
      </Field>
      <Field
        label="Events"
        hint="Names such as gift.completed, separated by commas; * for all. Empty: LIVEs that begin and end, and gaps."
      >
        {(ids) => (
          <input
            {...ids}
            name="types"
            defaultValue={webhook?.types.map(shortType).join(', ') ?? ''}
            autocomplete="off"
            spellcheck={false}
          />
        )}
      </Field>
      <Field label="Streamers" hint="Names, separated by commas; empty: all.">
        {(ids) => (
          <input
            {...ids}
            name="streamers"
            defaultValue={webhook?.streamers.join(', ') ?? ''}
            autocomplete="off"
            spellcheck={false}
          />
        )}
      </Field>
      <Field label="Labels" hint="Only streamers with one of these; empty: all.">
        {(ids) => <input {...ids} name="labels" defaultValue={webhook?.labels.join(', ') ?? ''} autocomplete="off" />}
      </Field>
      <Field label="Description">
        {(ids) => <input {...ids} name="description" defaultValue={webhook?.description ?? ''} maxLength={500} />}
      </Field>
    </FormDialog>
  );
}
