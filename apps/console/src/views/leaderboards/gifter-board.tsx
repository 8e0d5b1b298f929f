import type { GifterBoard as Answer, GifterStanding } from '../../api/leaderboard-types.js';
import type { PeriodChoice } from '../../data/period.js';
import { useNow } from '../../data/use-api.js';
import { usePages } from '../../data/use-pages.js';
import { compact, dayAndTime, relative } from '../../format.js';
import { toHistory } from '../../router.js';
import { Card, Empty, Failure } from '../../ui/card.js';
import { MoreRows } from '../../ui/more-rows.js';
import { Avatar, Name, personName } from '../../ui/name.js';
import { TableBox } from '../../ui/table-box.js';
import { boardQuery, REFRESH_MS } from './board-query.js';
import { Standing } from './standing.js';

const CLOCK_MS = 10_000;

/** Who gave the most diamonds in a period, to one streamer or to all (`streamer` empty). */
export function GifterBoard({ period, streamer }: { period: PeriodChoice; streamer: string }) {
  const now = useNow(CLOCK_MS);
  const list = usePages<GifterStanding>(
    async (api, signal, cursor, at) => {
      const query = boardQuery(period, at, { streamer, cursor });
      const page = await api.call<Answer>(`/v1/leaderboards/gifters?${query}`, { signal });
      return { items: page.gifters, nextCursor: page.nextCursor };
    },
    ({ viewer }) => viewer.id,
    REFRESH_MS,
    [period.name, period.from, period.to, streamer],
  );
  const { items, problem } = list;
  const highest = items?.[0]?.diamonds ?? 0;
  return (
    <Card
      title={streamer === '' ? 'The most diamonds given' : `The most diamonds given to @${streamer}`}
      aside={streamer === '' ? undefined : <a href={toHistory(streamer)}>History of the streamer</a>}
    >
      <Failure problem={problem} />
      {items === undefined ? (
        problem === undefined && <p class="loading">Loading …</p>
      ) : items.length === 0 ? (
        <Empty title="Nobody gave in this period">
          {streamer === ''
            ? 'A longer period may have somebody.'
            : 'A longer period or another name may have somebody.'}
        </Empty>
      ) : (
        <TableBox label="Table of gifters">
          <thead>
            <tr>
              <th scope="col" class="rank">
                <span class="hidden">Place</span>
              </th>
              <th scope="col">Who</th>
              <th scope="col" class="number" aria-sort="descending">
                Diamonds
              </th>
              <th scope="col" class="number">
                Gifts
              </th>
              <th scope="col" class="number">
                LIVEs
              </th>
              <th scope="col">Last gift</th>
            </tr>
          </thead>
          <tbody>
            {items.map(({ viewer, diamonds, gifts, sessions, lastAt }, index) => (
              <tr key={viewer.id}>
                <td class="rank">{index + 1}</td>
                <th scope="row" class="whose">
                  <span class="who">
                    <Avatar name={personName(viewer)} of={viewer.id} />
                    <span class="who-text">
                      <Name text={personName(viewer)} />
                      {viewer.uniqueId !== undefined && <span class="handle">@{viewer.uniqueId}</span>}
                    </span>
                  </span>
                </th>
                <Standing value={diamonds} highest={highest} gold />
                <td class="number">{compact(gifts)}</td>
                <td class="number">{compact(sessions)}</td>
                <td title={dayAndTime(lastAt)}>{relative(lastAt, now)}</td>
              </tr>
            ))}
          </tbody>
        </TableBox>
      )}
      <MoreRows list={list} things="gifters" beyond="The API lists the others." />
    </Card>
  );
}
