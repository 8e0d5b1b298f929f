import {
  STREAMER_MEASURES,
  type StreamerBoard as Answer,
  type StreamerMeasure,
  type StreamerStanding,
} from '../../api/leaderboard-types.js';
import type { PeriodChoice } from '../../data/period.js';
import { usePages } from '../../data/use-pages.js';
import { compact } from '../../format.js';
import { Card, Empty, Failure } from '../../ui/card.js';
import { MoreRows } from '../../ui/more-rows.js';
import { HistoryLink } from '../../ui/name.js';
import { TableBox } from '../../ui/table-box.js';
import { boardQuery, REFRESH_MS } from './board-query.js';
import { Standing } from './standing.js';

/** Streamers of a period, the most of a figure first. What decides stands first, where a phone shows it, too. */
export function StreamerBoard({ period, by }: { period: PeriodChoice; by: StreamerMeasure }) {
  const list = usePages<StreamerStanding>(
    async (api, signal, cursor, at) => {
      const query = boardQuery(period, at, { by, cursor });
      const page = await api.call<Answer>(`/v1/leaderboards/streamers?${query}`, { signal });
      return { items: page.streamers, nextCursor: page.nextCursor };
    },
    ({ tiktokUserId, uniqueId }) => tiktokUserId ?? uniqueId,
    REFRESH_MS,
    [period.name, period.from, period.to, by],
  );
  const { items, problem } = list;
  const others = (Object.keys(STREAMER_MEASURES) as StreamerMeasure[]).filter((measure) => measure !== by);
  const highest = items?.[0]?.[by] ?? 0;
  return (
    <Card title={by === 'sessions' ? 'The most LIVEs' : `The most ${STREAMER_MEASURES[by].toLowerCase()}`}>
      <Failure problem={problem} />
      {items === undefined ? (
        problem === undefined && <p class="loading">Loading …</p>
      ) : items.length === 0 ? (
        <Empty title="Nobody was live in this period">A longer period may have somebody.</Empty>
      ) : (
        <TableBox label="Table of streamers">
          <thead>
            <tr>
              <th scope="col" class="rank">
                <span class="hidden">Place</span>
              </th>
              <th scope="col">Streamer</th>
              <th scope="col" class="number" aria-sort="descending">
                {STREAMER_MEASURES[by]}
              </th>
              {others.map((measure) => (
                <th key={measure} scope="col" class="number">
                  {STREAMER_MEASURES[measure]}
                </th>
              ))}
              <th scope="col" class="number">
                Peak viewers
              </th>
            </tr>
          </thead>
          <tbody>
            {items.map((standing, index) => (
              <tr key={standing.tiktokUserId ?? standing.uniqueId}>
                <td class="rank">{index + 1}</td>
                <th scope="row" class="whose">
                  <HistoryLink uniqueId={standing.uniqueId} />
                </th>
                <Standing value={standing[by]} highest={highest} gold={by === 'diamonds'} />
                {others.map((measure) => (
                  <td key={measure} class="number">
                    {compact(standing[measure])}
                  </td>
                ))}
                <td class="number">{compact(standing.peakViewers)}</td>
              </tr>
            ))}
          </tbody>
        </TableBox>
      )}
      <MoreRows list={list} things="streamers" beyond="The API lists the others." />
    </Card>
  );
}
