import { useRef, useState } from 'preact/hooks';
import { readiness } from '../../api/resources.js';
import type { Envelope, ProxyPoolList, Sources, Status, StreamerPage, WebhookPage } from '../../api/types.js';
import { problemsOf } from '../../data/problems.js';
import { useNow, usePoll } from '../../data/use-api.js';
import { AddDialog } from '../../ui/add-dialog.js';
import { Badge } from '../../ui/badge.js';
import { Failure } from '../../ui/card.js';
import { EventFeed } from '../../ui/event-feed.js';
import { FleetTiles } from './fleet-tiles.js';
import { LiveRooms } from './live-rooms.js';
import { ProblemList } from './problem-list.js';
import { Welcome } from './welcome.js';

const FAST_MS = 3_000;
const SLOW_MS = 15_000;
const RATES_KEPT = 60;
/** What an operator wants to notice; the flood of chat and likes is on the page of each room. */
const MOMENTS = ['live.started', 'live.ended', 'live.left', 'room.gap', 'gift.completed', 'linkMicBattle'] as const;

const SMALL_GIFT_DIAMONDS = 50;
/** Single roses would drive out the rest. */
const worthShowing = ({ type, data }: Envelope): boolean =>
  type !== 'livetap.gift.completed.v1' || Number(data['diamonds'] ?? 0) >= SMALL_GIFT_DIAMONDS;

/** The fleet at a glance: what needs a person, how much flows, who is live. */
export function Overview() {
  const now = useNow(FAST_MS);
  const rates = useRef<number[]>([]);
  const [adding, setAdding] = useState(false);
  const status = usePoll(async (api, signal) => {
    const answer = await api.call<Status>('/v1/status', { signal });
    rates.current = [...rates.current, answer.events.perSecond].slice(-RATES_KEPT);
    return answer;
  }, FAST_MS);
  const ready = usePoll(readiness, FAST_MS);
  const sources = usePoll((api, signal) => api.call<Sources>('/v1/sources', { signal }), FAST_MS);
  const pools = usePoll((api, signal) => api.call<ProxyPoolList>('/v1/proxy-pools', { signal }), SLOW_MS);
  const webhooks = usePoll((api, signal) => api.call<WebhookPage>('/v1/webhooks?limit=200', { signal }), SLOW_MS);
  const live = usePoll(
    (api, signal) => api.call<StreamerPage>('/v1/streamers?state=live&limit=50', { signal }),
    FAST_MS,
  );

  const problems = problemsOf({
    now,
    readiness: ready.data,
    status: status.data,
    sources: sources.data,
    pools: pools.data?.proxyPools,
    webhooks: webhooks.data?.webhooks,
  });
  const known = status.data !== undefined && ready.data !== undefined;
  const total = status.data?.streamers?.total;

  return (
    <>
      <div class="view-head">
        <h1>Overview</h1>
        {known && status.problem === undefined && (
          <Badge tone={problems.length === 0 ? 'good' : problems[0]?.severity === 'error' ? 'bad' : 'warn'} dot>
            {problems.length === 0
              ? 'All is well'
              : `${problems.length} ${problems.length === 1 ? 'thing needs' : 'things need'} a person`}
          </Badge>
        )}
      </div>
      <Failure problem={status.problem} />
      {total === 0 && <Welcome onAdd={() => setAdding(true)} />}
      <ProblemList problems={problems} />
      <FleetTiles status={status.data} sources={sources.data} rates={rates.current} now={now} />
      <div class="columns wide-left">
        <LiveRooms page={live.data} live={status.data?.streamers?.byState.live} now={now} />
        <EventFeed
          title="Moments"
          types={MOMENTS}
          ofMany
          accepts={worthShowing}
          waiting="LIVEs that begin and end, large gifts, battles and gaps show up here."
        />
      </div>
      {adding && (
        <AddDialog
          onClose={() => setAdding(false)}
          onAdded={() => void Promise.all([status.reload(), live.reload()])}
        />
      )}
    </>
  );
}
