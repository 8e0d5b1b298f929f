import { useState } from 'preact/hooks';
import type { Delivery, DeliveryPage } from '../../api/types.js';
import { useApi, usePoll } from '../../data/use-api.js';
import { clock, counted, relative, shortType } from '../../format.js';
import { Badge } from '../../ui/badge.js';
import { Card, Empty, Failure } from '../../ui/card.js';
import { Choice } from '../../ui/field.js';
import { useAction } from '../../ui/use-action.js';
import { TableBox } from '../../ui/table-box.js';

const REFRESH_MS = 4_000;
const SHOWN = 50;
const STATUSES = { '': 'All', pending: 'Waiting', delivered: 'Delivered', dead: 'Dead letters' } as const;
const TONES = { pending: 'info', delivered: 'good', dead: 'bad' } as const;

/** What became of the newest events of a webhook. */
export function Deliveries({ path, now }: { path: string; now: number }) {
  const api = useApi();
  const action = useAction();
  const [status, setStatus] = useState<keyof typeof STATUSES>('');
  const query = `limit=${SHOWN}${status === '' ? '' : `&status=${status}`}`;
  const { data, problem, reload } = usePoll(
    (asked, signal) => asked.call<DeliveryPage>(`${path}/deliveries?${query}`, { signal }),
    REFRESH_MS,
    [path, status],
  );
  const again = (delivery: Delivery): void => {
    void action.run(async () => {
      await api.call(`${path}/deliveries/${encodeURIComponent(delivery.id)}/redeliver`, { method: 'POST' });
      await reload();
      return 'Sent again.';
    });
  };
  const allAgain = (): void => {
    void action.run(async () => {
      const { redelivered } = await api.call<{ redelivered: number }>(`${path}/dead-letters/redeliver`, {
        method: 'POST',
      });
      await reload();
      return `${counted(redelivered, 'dead letter')} sent again.`;
    });
  };
  const deliveries = data?.deliveries ?? [];
  return (
    <Card
      title="Deliveries"
      aside={<Choice label="Which deliveries" options={STATUSES} value={status} onChange={setStatus} />}
    >
      <Failure problem={problem ?? action.problem} />
      {status === 'dead' && deliveries.length > 0 && (
        <p>
          <button type="button" class="small" disabled={action.busy} onClick={allAgain}>
            Send all dead letters again
          </button>
        </p>
      )}
      {deliveries.length === 0 ? (
        <Empty title={data === undefined ? 'Loading' : 'Nothing here'}>
          {data !== undefined && 'Events that fit the filters show up here with what became of them.'}
        </Empty>
      ) : (
        <TableBox label="Table of deliveries">
          <thead>
            <tr>
              <th scope="col">Event</th>
              <th scope="col">Status</th>
              <th scope="col" class="number">
                Attempts
              </th>
              <th scope="col">Last answer</th>
              <th scope="col">Created</th>
              <th scope="col">
                <span class="hidden">Send again</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {deliveries.map((delivery) => (
              <tr key={delivery.id}>
                <th scope="row">
                  {shortType(delivery.eventType)} <span class="note">@{delivery.subject}</span>
                </th>
                <td>
                  <Badge tone={TONES[delivery.status]}>{STATUSES[delivery.status]}</Badge>
                  {delivery.deadReason !== undefined && <span class="note"> {delivery.deadReason}</span>}
                  {delivery.dueAt !== undefined && <span class="note"> {relative(delivery.dueAt, now)}</span>}
                </td>
                <td class="number">{delivery.attempts}</td>
                <td>{delivery.lastStatus ?? delivery.lastOutcome ?? '–'}</td>
                <td>{clock(delivery.createdAt)}</td>
                <td class="number">
                  <button
                    type="button"
                    class="small"
                    disabled={action.busy}
                    aria-label={`Send ${delivery.eventId} again`}
                    onClick={() => again(delivery)}
                  >
                    Send again
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </TableBox>
      )}
    </Card>
  );
}
