import { useState } from 'preact/hooks';
import type { Sources, Status } from '../../api/types.js';
import { useAccess, useApi, useNow, usePoll } from '../../data/use-api.js';
import { bytes, clock, compact, counted, dayAndTime, duration, whole } from '../../format.js';
import { applyTheme, storedTheme, type Theme } from '../../theme.js';
import { Badge } from '../../ui/badge.js';
import { Card, Empty, Failure } from '../../ui/card.js';
import { Choice } from '../../ui/field.js';
import { LabelDefaultsCard } from './label-defaults-card.js';
import { ProxyPools } from './proxy-pools.js';
import './settings.css';
import { TableBox } from '../../ui/table-box.js';

const REFRESH_MS = 5_000;

/** How the service is set up, and how this page looks. */
export function Settings() {
  return (
    <>
      <div class="view-head">
        <h1>Settings</h1>
      </div>
      <div class="pair">
        <Appearance />
        <ServiceCard />
      </div>
      <SourcesCard />
      <ProxyPools />
      <LabelDefaultsCard />
    </>
  );
}

function Appearance() {
  const api = useApi();
  const { hasKey } = useAccess();
  const [theme, setTheme] = useState<Theme>(() => storedTheme(localStorage));
  return (
    <Card title="This page">
      <div class="row">
        <span>Colours</span>
        <Choice
          label="Colours"
          options={{ system: 'As the system', light: 'Light', dark: 'Dark' }}
          value={theme}
          onChange={(chosen) => {
            applyTheme(chosen, localStorage);
            setTheme(chosen);
          }}
        />
      </div>
      <div class="row">
        <span>Key</span>
        {hasKey ? (
          <button type="button" class="small" onClick={() => api.forgetKey()}>
            Forget the key of this tab
          </button>
        ) : (
          <span class="note">None is used in this tab.</span>
        )}
      </div>
      <p class="note">
        Everything here is also in REST: <a href="/docs">documentation</a>, <a href="/openapi.json">OpenAPI</a>,{' '}
        <a href="/metrics">metrics</a>.
      </p>
    </Card>
  );
}

function ServiceCard() {
  const now = useNow();
  const { data, problem } = usePoll((api, signal) => api.call<Status>('/v1/status', { signal }), REFRESH_MS);
  return (
    <Card
      title="This replica"
      aside={
        data !== undefined && (
          <Badge tone={data.ready ? 'good' : 'bad'} dot>
            {data.ready ? 'Ready' : 'Not ready'}
          </Badge>
        )
      }
    >
      <Failure problem={problem} />
      {data !== undefined && (
        <dl class="facts">
          <dt>Version</dt>
          <dd>{data.version}</dd>
          <dt>Id</dt>
          <dd class="code">{data.replicaId}</dd>
          <dt>Started</dt>
          <dd>{`${dayAndTime(data.startedAt)}, ${duration(now - Date.parse(data.startedAt))} ago`}</dd>
          <dt>Streamers</dt>
          <dd>{`${whole(data.leases.held)} held here, shared by ${counted(data.leases.replicas, 'replica')}`}</dd>
          <dt>Events</dt>
          <dd>{`${compact(data.events.admitted)} since the start`}</dd>
          <dt>Journal</dt>
          <dd>{`${bytes(data.journal.bytes)} of ${bytes(data.journal.maxBytes)}`}</dd>
          <dt>Kafka</dt>
          <dd>{data.kafka === undefined ? 'not configured' : data.kafka.status}</dd>
          <dt>Live tails</dt>
          <dd>{whole(data.liveTail.clients)}</dd>
        </dl>
      )}
    </Card>
  );
}

const ROUTE_STATES = {
  closed: { words: 'In use', tone: 'good' },
  open: { words: 'Rests', tone: 'bad' },
  halfOpen: { words: 'Tries again', tone: 'warn' },
} as const;

function SourcesCard() {
  const { data, problem } = usePoll((api, signal) => api.call<Sources>('/v1/sources', { signal }), REFRESH_MS);
  return (
    <Card
      title="Ways into rooms"
      aside={data !== undefined && <span class="note">{`Order: ${data.order.join(', then ')}`}</span>}
    >
      <Failure problem={problem} />
      {data !== undefined && data.routes.length === 0 ? (
        <Empty title="No way was used yet">Ways show up here with the first room that is joined.</Empty>
      ) : (
        <TableBox label="Table of ways">
          <thead>
            <tr>
              <th scope="col">Way</th>
              <th scope="col">Through</th>
              <th scope="col">State</th>
              <th scope="col" class="number">
                Opened
              </th>
              <th scope="col" class="number">
                Failed
              </th>
              <th scope="col">Last failure</th>
            </tr>
          </thead>
          <tbody>
            {data?.routes.map(({ source, route, state, opened, failed, lastFailure, restEndsAt }) => (
              <tr key={`${source} ${route}`}>
                <th scope="row">{source}</th>
                <td>{route}</td>
                <td>
                  <Badge tone={ROUTE_STATES[state].tone}>{ROUTE_STATES[state].words}</Badge>
                  {restEndsAt !== undefined && <span class="note"> until {clock(restEndsAt)}</span>}
                </td>
                <td class="number">{whole(opened)}</td>
                <td class="number">{whole(failed)}</td>
                <td>{lastFailure ?? '–'}</td>
              </tr>
            ))}
          </tbody>
        </TableBox>
      )}
    </Card>
  );
}
