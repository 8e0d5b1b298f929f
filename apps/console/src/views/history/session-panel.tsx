import { useMemo } from 'preact/hooks';
import { gapsOf, sessionPath, snapshotsOf } from '../../api/resources.js';
import type { BattlePage, Envelope, GifterPage, GivenGiftPage, Session } from '../../api/types.js';
import { historyFile, HISTORY_FORMATS, type HistoryExport } from '../../data/exports.js';
import { seriesOf, unseen } from '../../data/series.js';
import { usePoll } from '../../data/use-api.js';
import { clock } from '../../format.js';
import { Card, Failure } from '../../ui/card.js';
import { Downloads } from '../../ui/downloads.js';
import { LineChart } from '../../ui/line-chart.js';
import { BattleCard } from './battle-card.js';
import { GapCard } from './gap-card.js';
import { GifterCard, GiftCard } from './gifter-cards.js';
import { SessionFigures } from './session-figures.js';

const LIVE_MS = 5_000;
const SLOW_MS = 10_000;
const ONCE = 0;

interface Properties {
  sessionId: string;
  /** Goes on: its figures are asked for again and again. */
  live: boolean;
  /** Gaps that were seen as they happened. */
  gapsSeen?: readonly Envelope[];
}

/** All that was recorded of one session. */
export function SessionPanel({ sessionId, live, gapsSeen = [] }: Properties) {
  const path = sessionPath(sessionId);
  const [fast, slow] = live ? [LIVE_MS, SLOW_MS] : [ONCE, ONCE];
  const session = usePoll((api, signal) => api.call<Session>(path, { signal }), fast, [path, live]);
  const run = usePoll(
    (api, signal, before: Awaited<ReturnType<typeof snapshotsOf>> | undefined) =>
      snapshotsOf(api, sessionId, signal, before),
    slow,
    [path, live],
  );
  const gifters = usePoll((api, signal) => api.call<GifterPage>(`${path}/gifters?limit=10`, { signal }), slow, [
    path,
    live,
  ]);
  const gifts = usePoll((api, signal) => api.call<GivenGiftPage>(`${path}/gifts?limit=10`, { signal }), slow, [
    path,
    live,
  ]);
  const battles = usePoll((api, signal) => api.call<BattlePage>(`${path}/battles`, { signal }), slow, [path, live]);
  const gaps = usePoll((api, signal) => gapsOf(api, sessionId, signal), slow, [path, live]);

  const snapshots = run.data?.snapshots;
  const { viewers, diamonds } = useMemo(() => {
    const all = snapshots ?? [];
    return { viewers: seriesOf(all, 'viewers'), diamonds: seriesOf(all, 'diamonds') };
  }, [snapshots]);
  const counted = session.data?.gaps ?? 0;
  const silent = useMemo(
    () => (gaps.data === undefined ? [] : unseen(counted, gaps.data, snapshots ?? [])),
    [counted, gaps.data, snapshots],
  );
  const downloads = (what: HistoryExport) => (
    <Downloads
      what={`the ${what} of this LIVE`}
      formats={HISTORY_FORMATS}
      fileOf={(format) => historyFile(what, format, { session: sessionId })}
    />
  );
  const problem = session.problem ?? run.problem ?? gifters.problem ?? gifts.problem ?? battles.problem ?? gaps.problem;

  return (
    <>
      <Failure problem={problem} />
      {session.data !== undefined && <SessionFigures session={session.data} />}
      <div class="pair">
        <Card title="Viewers" aside={downloads('snapshots')}>
          <LineChart
            label="Viewers over time"
            series={[{ name: 'Viewers', points: viewers }]}
            silent={silent}
            timeText={(t) => clock(t, false)}
          />
        </Card>
        <Card title="Diamonds">
          <LineChart
            label="Diamonds over time"
            series={[{ name: 'Diamonds', points: diamonds }]}
            silent={silent}
            timeText={(t) => clock(t, false)}
          />
        </Card>
        <GifterCard title="Top gifters" gifters={gifters.data?.gifters} aside={downloads('gifters')} />
        <GiftCard gifts={gifts.data?.gifts} aside={downloads('gifts')} />
        <BattleCard battles={battles.data?.battles} aside={downloads('battles')} />
        <GapCard
          session={session.data}
          gaps={gaps.data}
          seen={gapsSeen.filter(({ sessionid }) => sessionid === sessionId)}
          aside={downloads('gaps')}
        />
      </div>
    </>
  );
}
