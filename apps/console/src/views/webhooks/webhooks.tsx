import { useState } from 'preact/hooks';
import type { Webhook, WebhookPage, WebhookWithSecret } from '../../api/types.js';
import { useNow, usePoll } from '../../data/use-api.js';
import { counted, relative, shortType } from '../../format.js';
import { placeTo, type Place } from '../../router.js';
import { Badge, type Tone } from '../../ui/badge.js';
import { Empty, Failure } from '../../ui/card.js';
import { Icon } from '../../ui/icon.js';
import { SecretDialog } from '../../ui/secret-dialog.js';
import { WebhookDetail } from './webhook-detail.js';
import { WebhookForm } from './webhook-form.js';
import './webhooks.css';

const REFRESH_MS = 5_000;

export function webhookState({ enabled, disabledReason, failingSince }: Webhook): { words: string; tone: Tone } {
  if (!enabled) {
    const byPerson = disabledReason === undefined || disabledReason === 'operator';
    return byPerson ? { words: 'Off', tone: 'quiet' } : { words: `Off: ${disabledReason}`, tone: 'bad' };
  }
  return failingSince === undefined ? { words: 'On', tone: 'good' } : { words: 'Failing', tone: 'warn' };
}

/** Destinations that get events by HTTP. */
export function Webhooks({ place }: { place: Place }) {
  const id = place.path[1];
  return id === undefined ? <WebhookList /> : <WebhookDetail key={id} id={id} />;
}

function WebhookList() {
  const now = useNow(REFRESH_MS);
  const { data, problem, reload } = usePoll(
    (api, signal) => api.call<WebhookPage>('/v1/webhooks?limit=200', { signal }),
    REFRESH_MS,
  );
  const [adding, setAdding] = useState(false);
  const [added, setAdded] = useState<WebhookWithSecret>();
  const webhooks = data?.webhooks ?? [];
  return (
    <>
      <div class="view-head">
        <h1>Webhooks</h1>
        <button type="button" class="primary" onClick={() => setAdding(true)}>
          <Icon name="plus" /> Add webhook
        </button>
      </div>
      <p class="lead">
        Destinations that get events by signed HTTP calls. What fails is tried again for hours, then kept as a dead
        letter.
      </p>
      <Failure problem={problem} />
      {data !== undefined && webhooks.length === 0 ? (
        <Empty title="No webhook yet">Add the address of a receiver, and choose which events it gets.</Empty>
      ) : (
        <ul class="hooks">
          {webhooks.map((webhook) => {
            const { words, tone } = webhookState(webhook);
            return (
              <li key={webhook.id}>
                <a class="card hook" href={placeTo(['webhooks', webhook.id])}>
                  <span class="hook-head">
                    <b class="origin">{webhook.origin}</b>
                    <Badge tone={tone} dot>
                      {words}
                    </Badge>
                  </span>
                  {webhook.description !== '' && (
                    <span>
                      <bdi>{webhook.description}</bdi>
                    </span>
                  )}
                  <span class="note">{webhook.types.map(shortType).join(', ')}</span>
                  <span class="note">
                    {webhook.streamers.length > 0 && `${counted(webhook.streamers.length, 'streamer')} · `}
                    {webhook.labels.length > 0 && `labels ${webhook.labels.join(', ')} · `}
                    {webhook.lastSuccessAt === undefined
                      ? 'nothing delivered yet'
                      : `delivered ${relative(webhook.lastSuccessAt, now)}`}
                  </span>
                </a>
              </li>
            );
          })}
        </ul>
      )}
      {adding && (
        <WebhookForm
          onClose={() => setAdding(false)}
          onDone={(webhook) => {
            setAdding(false);
            setAdded(webhook as WebhookWithSecret);
            void reload();
          }}
        />
      )}
      {added !== undefined && <SecretDialog secret={added.secret} onClose={() => setAdded(undefined)} />}
    </>
  );
}
