import { useState } from 'preact/hooks';
import type { Webhook, WebhookTest, WebhookWithSecret } from '../../api/types.js';
import { useApi, useNow, usePoll } from '../../data/use-api.js';
import { counted, dayAndTime, relative, shortType, whole } from '../../format.js';
import { Badge } from '../../ui/badge.js';
import { Card, Failure, Figure } from '../../ui/card.js';
import { Confirm } from '../../ui/dialog.js';
import { Icon } from '../../ui/icon.js';
import { useAction } from '../../ui/use-action.js';
import { Deliveries } from './deliveries.js';
import { SecretDialog } from '../../ui/secret-dialog.js';
import { WebhookForm } from './webhook-form.js';
import { webhookState } from './webhooks.js';
import { WayBack } from '../../ui/way-back.js';

const REFRESH_MS = 4_000;

/** One webhook: how it is, what can be done, and what became of each event. */
export function WebhookDetail({ id }: { id: string }) {
  const api = useApi();
  const now = useNow();
  const action = useAction();
  const removal = useAction();
  const path = `/v1/webhooks/${encodeURIComponent(id)}`;
  const {
    data: webhook,
    problem,
    reload,
  } = usePoll((asked, signal) => asked.call<Webhook>(path, { signal }), REFRESH_MS, [id]);
  const [open, setOpen] = useState<'edit' | 'remove'>();
  const [secret, setSecret] = useState<string>();

  const test = (): void => {
    void action.run(async () => {
      const { delivered, outcome, status, durationMs, detail } = await api.call<WebhookTest>(`${path}/test`, {
        method: 'POST',
      });
      const answer = status === undefined ? (detail ?? outcome) : `status ${status}`;
      if (!delivered) throw new Error(`The test call failed after ${durationMs} ms: ${answer}.`);
      return `The test call was taken after ${durationMs} ms (${answer}).`;
    });
  };
  const toggle = (): void => {
    void action.run(async () => {
      const enabled = webhook?.enabled !== true;
      await api.call(path, { method: 'PATCH', body: { enabled } });
      await reload();
      return enabled ? 'Switched on: what waits is due at once.' : 'Switched off.';
    });
  };
  const rotate = (): void => {
    void action.run(async () => {
      setSecret((await api.call<WebhookWithSecret>(`${path}/secret`, { method: 'POST', body: {} })).secret);
    });
  };
  const remove = async (): Promise<void> => {
    const done = await removal.run(async () => {
      await api.call(path, { method: 'DELETE' });
      return 'The webhook is removed.';
    });
    if (done) location.hash = '#/webhooks';
  };

  return (
    <>
      <WayBack to="#/webhooks">Webhooks</WayBack>
      <div class="view-head">
        <h1 class="origin">{webhook?.origin ?? 'Webhook'}</h1>
        {webhook !== undefined && (
          <div class="tool-row">
            <button type="button" disabled={action.busy} onClick={test}>
              Send a test call
            </button>
            <button type="button" disabled={action.busy} onClick={toggle}>
              {webhook.enabled ? 'Switch off' : 'Switch on'}
            </button>
            <button type="button" onClick={() => setOpen('edit')}>
              <Icon name="edit" /> Change
            </button>
            <button type="button" disabled={action.busy} onClick={rotate}>
              New secret
            </button>
            <button type="button" onClick={() => setOpen('remove')}>
              <Icon name="remove" /> Remove
            </button>
          </div>
        )}
      </div>
      <Failure problem={problem ?? action.problem} />
      {webhook !== undefined && (
        <Card
          title="How it is"
          aside={
            <Badge tone={webhookState(webhook).tone} dot>
              {webhookState(webhook).words}
            </Badge>
          }
        >
          {webhook.description !== '' && (
            <p>
              <bdi>{webhook.description}</bdi>
            </p>
          )}
          <dl class="figures">
            <Figure
              label="Last delivery"
              value={webhook.lastSuccessAt === undefined ? 'never' : relative(webhook.lastSuccessAt, now)}
            />
            <Figure
              label="Failures in a row"
              value={whole(webhook.consecutiveFailures)}
              note={webhook.failingSince === undefined ? undefined : `since ${dayAndTime(webhook.failingSince)}`}
            />
            <Figure label="Events not taken up" value={whole(webhook.droppedEvents)} />
          </dl>
          <p class="note">
            {`Gets ${webhook.types.map(shortType).join(', ')}`}
            {webhook.streamers.length > 0 && ` of ${counted(webhook.streamers.length, 'streamer')}`}
            {webhook.labels.length > 0 && ` with the labels ${webhook.labels.join(', ')}`}.
          </p>
        </Card>
      )}
      <Deliveries path={path} now={now} />
      {open === 'edit' && webhook !== undefined && (
        <WebhookForm
          webhook={webhook}
          onClose={() => setOpen(undefined)}
          onDone={() => {
            setOpen(undefined);
            void reload();
          }}
        />
      )}
      {open === 'remove' && (
        <Confirm
          title="Remove this webhook?"
          action="Remove"
          busy={removal.busy}
          problem={removal.problem}
          onConfirm={() => void remove()}
          onClose={() => setOpen(undefined)}
        >
          <p>Its deliveries go with it, also those that wait and the dead letters.</p>
        </Confirm>
      )}
      {secret !== undefined && <SecretDialog secret={secret} onClose={() => setSecret(undefined)} />}
    </>
  );
}
