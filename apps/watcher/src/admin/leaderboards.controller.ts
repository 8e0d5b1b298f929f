import { Controller, Get, Inject, Query } from '@nestjs/common';
import { CLOCK, type Clock } from '../common/clock.port.js';
import { LEADERBOARD_READER, type LeaderboardReader, type Period } from '../history/leaderboard.port.js';
import { gifterBoardQuerySchema, periodOf, streamerBoardQuerySchema } from './history-queries.js';
import { HISTORY_TAG, historyName, nextOf, pageOf } from './history-routes.js';
import { gifterBoardSchema, streamerBoardSchema } from './leaderboard-schemas.js';
import { DATABASE_AWAY, Operation } from './operation.js';
import { parse } from './validate.js';
import { gifterView } from './views.js';

/** Who was first in a period. For the next page give the `from` and `to` of the answer with its cursor. */
@Controller('v1/leaderboards')
export class LeaderboardsController {
  constructor(
    @Inject(LEADERBOARD_READER) private readonly reader: LeaderboardReader,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  @Get('streamers')
  @Operation({
    tag: HISTORY_TAG,
    summary: 'Streamers of a period, the most of a figure first',
    description: 'Sums over their sessions of the period; a session counts whole by when it was joined.',
    query: streamerBoardQuerySchema,
    answers: { 200: { description: 'One page.', schema: streamerBoardSchema } },
    problems: DATABASE_AWAY,
  })
  async streamers(@Query() query: unknown): Promise<Record<string, unknown>> {
    const { by, from, to, ...page } = parse(streamerBoardQuerySchema, query, 'query');
    const period = periodOf({ from, to }, this.clock.now());
    const standings = await this.reader.streamers(period, by, pageOf(page));
    return { ...periodView(period), streamers: standings.items, ...nextOf(standings) };
  }

  @Get('gifters')
  @Operation({
    tag: HISTORY_TAG,
    summary: 'Gifters of a period, most diamonds first',
    description:
      'To one streamer or to all. Sums over the sessions of the period; a session counts whole by when it was joined. Of one streamer in all time: /v1/streamers/{uniqueId}/gifters.',
    query: gifterBoardQuerySchema,
    answers: { 200: { description: 'One page.', schema: gifterBoardSchema } },
    problems: DATABASE_AWAY,
  })
  async gifters(@Query() query: unknown): Promise<Record<string, unknown>> {
    const { streamer, from, to, ...page } = parse(gifterBoardQuerySchema, query, 'query');
    const period = periodOf({ from, to }, this.clock.now());
    const whose = streamer === undefined ? undefined : historyName(streamer);
    const standings = await this.reader.gifters(period, whose, pageOf(page));
    return { ...periodView(period), gifters: standings.items.map(gifterView), ...nextOf(standings) };
  }
}

function periodView({ from, to }: Period): { from: string; to: string } {
  return { from: from.toISOString(), to: to.toISOString() };
}
