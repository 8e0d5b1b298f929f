import { useState } from 'preact/hooks';
import { sessionPath, snapshotsOf, type SnapshotRun } from '../../api/resources.js';
import type { Session } from '../../api/types.js';
import { METRICS, seriesOf, type Metric } from '../../data/series.js';
import { usePoll } from '../../data/use-api.js';
import { compact, dayAndTime, duration } from '../../format.js';
import { toSession } from '../../router.js';
import { Card, Failure } from '../../ui/card.js';
import { Choice } from '../../ui/field.js';
import { Icon } from '../../ui/icon.js';
import { LineChart } from '../../ui/line-chart.js';
import { lengthOf } from './session-table.js';
import { TableBox } from '../../ui/table-box.js';

/** As many colours as can be told apart. */
export const MOST_COMPARED = 4;

interface Compared {
  readonly session: Session;
  readonly run: SnapshotRun;
}

const startOf = ({ startedAt, joinedAt }: Session): number => Date.parse(startedAt ?? joinedAt);

/** Sessions laid over each other, each from its own start, and their totals side by side. */
export function Comparison({
  ids,
  now,
  onRemove,
}: {
  ids: readonly string[];
  now: number;
  onRemove: (id: string) => void;
}) {
  const [metric, setMetric] = useState<Metric>('viewers');
  const { data, problem } = usePoll<readonly Compared[]>(
    (api, signal) =>
      Promise.all(
        ids.map(async (id) => ({
          session: await api.call<Session>(sessionPath(id), { signal }),
          run: await snapshotsOf(api, id, signal),
        })),
      ),
    0,
    [ids.join(',')],
  );
  const all = data ?? [];
  const nameOf = ({ session }: Compared): string => dayAndTime(startOf(session));
  const rows: readonly (readonly [string, (session: Session) => string])[] = [
    ['Length', (session) => duration(lengthOf(session, now))],
    ['Peak viewers', ({ peakViewers }) => compact(peakViewers)],
    ['Average viewers', ({ averageViewers }) => (averageViewers === undefined ? '–' : compact(averageViewers))],
    ['Diamonds', ({ diamonds }) => compact(diamonds)],
    ['Diamonds a minute', (session) => compact(session.diamonds / Math.max(1, lengthOf(session, now) / 60_000))],
    ['Gifters', ({ uniqueGifters }) => compact(uniqueGifters)],
    ['Chats', ({ chats }) => compact(chats)],
    ['Likes', ({ likes }) => compact(likes)],
    ['New followers', ({ newFollowers }) => compact(newFollowers)],
    ['Gaps', ({ gaps, gapMs }) => (gaps === 0 ? '0' : `${gaps} (${duration(gapMs)})`)],
  ];
  return (
    <Card
      title="Comparison"
      class="comparison"
      aside={<Choice label="Figure to compare" options={METRICS} value={metric} onChange={setMetric} />}
    >
      <Failure problem={problem} />
      <LineChart
        label={`${METRICS[metric]} since the start of each LIVE`}
        series={all.map((one) => ({
          name: nameOf(one),
          points: seriesOf(one.run.snapshots, metric, startOf(one.session)),
        }))}
        timeText={(t) => `+${duration(Math.max(0, Math.round(t / 60_000)) * 60_000).replace(/^0 ms$/, '0 min')}`}
        height={240}
      />
      <TableBox label="Totals side by side">
        <thead>
          <tr>
            <th scope="col">
              <span class="hidden">Figure</span>
            </th>
            {all.map((one, index) => (
              <th key={one.session.id} scope="col" class="number">
                <span class={`swatch colour${index}`} aria-hidden="true" />{' '}
                <a href={toSession(one.session.id)}>{nameOf(one)}</a>
                <button
                  type="button"
                  class="plain square tiny"
                  aria-label={`Take the LIVE of ${nameOf(one)} out`}
                  onClick={() => onRemove(one.session.id)}
                >
                  <Icon name="close" size={14} />
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {all.map(({ session }) => (
                <td key={session.id} class="number">
                  {value(session)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </TableBox>
    </Card>
  );
}
