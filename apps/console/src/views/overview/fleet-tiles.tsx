import type { ComponentChildren } from 'preact';
import { STREAMER_STATES, type Sources, type Status } from '../../api/types.js';
import { STATE_WORDS } from '../../data/streamer-selection.js';
import { bytes, clock, compact, counted, duration, rate, whole } from '../../format.js';
import { placeTo } from '../../router.js';
import { Card, Meter } from '../../ui/card.js';
import { Sparkline } from '../../ui/line-chart.js';

interface Properties {
  status: Status | undefined;
  sources: Sources | undefined;
  /** Events per second, as seen since this view was opened, oldest first. */
  rates: readonly number[];
  now: number;
}

/** A window without a limit of its own says so with a number that nobody reaches. */
const UNLIMITED = 1_000_000;
const SCARCE = 0.2;
const NEARLY_FULL = 0.9;

/** The figures of the fleet: streamers by state, flow, publisher, quota. */
export function FleetTiles({ status, sources, rates, now }: Properties) {
  return (
    <div class="tiles">
      <StreamersTile status={status} />
      <Tile title="Events per second" value={status === undefined ? '–' : rate(status.events.perSecond)}>
        <Sparkline values={rates} label="Events per second since this view was opened" />
        <p class="note">
          {status === undefined
            ? 'Waiting for the first figures'
            : `${compact(status.events.admitted)} since the start, ${duration(now - Date.parse(status.startedAt))} ago`}
        </p>
      </Tile>
      <PublisherTile status={status} now={now} />
      <QuotaTile sources={sources} />
    </div>
  );
}

function Tile({
  title,
  value,
  unit,
  tone = '',
  children,
}: {
  title: string;
  value: string;
  unit?: string;
  tone?: string;
  children: ComponentChildren;
}) {
  return (
    <Card title={title} class="tile">
      <p class={`big ${tone}`}>
        {value}
        {unit !== undefined && <small> {unit}</small>}
      </p>
      {children}
    </Card>
  );
}

function StreamersTile({ status }: { status: Status | undefined }) {
  const streamers = status?.streamers;
  if (streamers === undefined) {
    return (
      <Tile title="Streamers" value="–">
        <p class="note">
          {status === undefined ? 'Waiting for the first figures' : 'Unknown while the database is away'}
        </p>
      </Tile>
    );
  }
  const states = STREAMER_STATES.map((state) => ({ state, count: streamers.byState[state] ?? 0 })).filter(
    ({ count }) => count > 0,
  );
  return (
    <Tile
      title="Streamers"
      value={whole(streamers.byState.live ?? 0)}
      unit={`live of ${whole(streamers.total)}`}
      tone="live"
    >
      <div class="stack" aria-hidden="true">
        {states.map(({ state, count }) => (
          <span key={state} class={`state-${state}`} style={{ flexGrow: String(count) }} />
        ))}
      </div>
      <ul class="legend">
        {states.map(({ state, count }) => (
          <li key={state}>
            <a href={placeTo(['streamers'], { state })}>
              <span class={`swatch state-${state}`} aria-hidden="true" />
              {STATE_WORDS[state]} <b>{whole(count)}</b>
            </a>
          </li>
        ))}
      </ul>
    </Tile>
  );
}

function PublisherTile({ status, now }: { status: Status | undefined; now: number }) {
  if (status === undefined) {
    return (
      <Tile title="Publisher" value="–">
        <p class="note">Waiting for the first figures</p>
      </Tile>
    );
  }
  const { kafka, journal, leases, webhooks } = status;
  const used = journal.bytes / Math.max(1, journal.maxBytes);
  const lag = journal.oldestPendingAt === undefined ? undefined : now - Date.parse(journal.oldestPendingAt);
  const tone = kafka?.problem !== undefined ? 'bad' : '';
  return (
    <Tile
      title="Publisher"
      value={kafka === undefined ? 'Journal' : compact(kafka.pendingEvents)}
      unit={kafka === undefined ? 'only' : 'waiting'}
      tone={tone}
    >
      <p class="note">
        {kafka === undefined
          ? 'No Kafka is configured: events stay in the journal'
          : `Kafka: ${kafka.problem ?? kafka.status}${lag === undefined ? '' : `, the oldest waits ${duration(lag)}`}`}
      </p>
      <Meter label="Journal in use" part={used} {...(used > NEARLY_FULL ? { tone: 'bad' as const } : {})} />
      <p class="note">
        {`Journal ${bytes(journal.bytes)} of ${bytes(journal.maxBytes)} · ${counted(leases.replicas, 'replica')}`}
        {webhooks.pending > 0 && ` · ${counted(webhooks.pending, 'webhook call')} wait`}
      </p>
    </Tile>
  );
}

function QuotaTile({ sources }: { sources: Sources | undefined }) {
  const windows = (sources?.signatures.windows ?? []).filter(({ limit }) => limit < UNLIMITED);
  const [tightest] = [...windows].sort((a, b) => a.remaining / a.limit - b.remaining / b.limit);
  if (tightest === undefined) {
    const ways = sources?.order.join(', then ');
    return (
      <Tile title="Signing quota" value="Unused">
        <p class="note">No signature was needed yet. {ways !== undefined && `Ways into rooms: ${ways}.`}</p>
      </Tile>
    );
  }
  const left = tightest.remaining / Math.max(1, tightest.limit);
  return (
    <Tile
      title="Signing quota"
      value={compact(tightest.remaining)}
      unit={`left this ${tightest.window}`}
      tone={left < SCARCE ? 'warn' : ''}
    >
      {windows.map(({ window, limit, remaining, resetsAt }) => (
        <div key={window} class="quota">
          <span>
            {`A ${window}: ${compact(remaining)} of ${compact(limit)}`}
            <span class="note"> until {clock(resetsAt, false)}</span>
          </span>
          <Meter
            label={`Quota a ${window} left`}
            part={remaining / Math.max(1, limit)}
            {...(remaining / limit < SCARCE ? { tone: 'warn' as const } : {})}
          />
        </div>
      ))}
    </Tile>
  );
}
