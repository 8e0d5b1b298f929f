import { STREAMER_MEASURES, type StreamerMeasure } from '../../api/leaderboard-types.js';
import {
  periodFault,
  PERIODS,
  readPeriod,
  writePeriod,
  type PeriodChoice,
  type PeriodName,
} from '../../data/period.js';
import { placeTo, replacePlace, type Place } from '../../router.js';
import { Failure } from '../../ui/card.js';
import { Choice } from '../../ui/field.js';
import { PeriodPicker } from '../../ui/period-picker.js';
import { GifterBoard } from './gifter-board.js';
import { StreamerBoard } from './streamer-board.js';
import './leaderboards.css';

const BOARDS = { streamers: 'Streamers', gifters: 'Gifters' } as const;
type Board = keyof typeof BOARDS;
const USUAL_PERIOD: PeriodName = 'month';

interface Filter {
  readonly board: Board;
  readonly period: PeriodChoice<PeriodName>;
  readonly by: StreamerMeasure;
  /** To whom the gifts were given; empty: to all. */
  readonly streamer: string;
}

function filterOf({ query }: Place): Filter {
  return {
    board: query.get('board') === 'gifters' ? 'gifters' : 'streamers',
    period: readPeriod(query, PERIODS, USUAL_PERIOD),
    by: (Object.keys(STREAMER_MEASURES) as StreamerMeasure[]).find((one) => one === query.get('by')) ?? 'diamonds',
    streamer: query.get('streamer') ?? '',
  };
}

/** Who was first in a period: streamers by a figure of their LIVEs, gifters by their diamonds. */
export function Leaderboards({ place }: { place: Place }) {
  const filter = filterOf(place);
  const { board, period, by, streamer } = filter;
  const change = (part: Partial<Filter>): void => {
    const after = { ...filter, ...part };
    const gifters = after.board === 'gifters';
    replacePlace(
      placeTo(['leaderboards'], {
        board: gifters ? 'gifters' : '',
        ...writePeriod(after.period, USUAL_PERIOD),
        by: gifters || after.by === 'diamonds' ? '' : after.by,
        streamer: gifters ? after.streamer : '',
      }),
    );
  };
  const fault = periodFault(period);
  return (
    <>
      <div class="view-head">
        <h1>Leaderboards</h1>
        <Choice label="Of whom" options={BOARDS} value={board} onChange={(value) => change({ board: value })} />
      </div>
      <p class="lead">Sums over the LIVEs that were joined in the period; each counts whole.</p>
      <div class="filters">
        <PeriodPicker periods={PERIODS} value={period} onChange={(value) => change({ period: value })} />
        {board === 'streamers' ? (
          <Choice
            label="The most of"
            options={STREAMER_MEASURES}
            value={by}
            onChange={(value) => change({ by: value })}
          />
        ) : (
          <label class="inline">
            Gifts to
            <input
              type="search"
              value={streamer}
              placeholder="all streamers"
              autocomplete="off"
              spellcheck={false}
              onChange={(event) => change({ streamer: event.currentTarget.value.trim().replace(/^@/, '') })}
            />
          </label>
        )}
      </div>
      {fault !== undefined ? (
        <Failure problem={fault} />
      ) : board === 'streamers' ? (
        <StreamerBoard period={period} by={by} />
      ) : (
        <GifterBoard period={period} streamer={streamer} />
      )}
    </>
  );
}
