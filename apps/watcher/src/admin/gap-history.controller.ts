import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { GAP_HISTORY_READER, type GapHistoryReader } from '../history/gap-history.port.js';
import { HISTORY_READER, type HistoryReader } from '../history/history.port.js';
import { gapPageSchema } from './gap-history-schemas.js';
import { expectSession, HISTORY_TAG, nextOf, pageOf, SESSION_PARAMS } from './history-routes.js';
import { DATABASE_AWAY, Operation } from './operation.js';
import { pageQuerySchema } from './schemas.js';
import { parse } from './validate.js';
import { gapView } from './views.js';

/** Gaps of a session. */
@Controller('v1')
export class GapHistoryController {
  constructor(
    @Inject(GAP_HISTORY_READER) private readonly reader: GapHistoryReader,
    @Inject(HISTORY_READER) private readonly history: HistoryReader,
  ) {}

  @Get('sessions/:id/gaps')
  @Operation({
    tag: HISTORY_TAG,
    summary: 'Gaps of a session: which intervals were not seen and why, oldest first',
    description:
      'Each is one room.gap event. A session that was recorded before gaps were kept one by one, or longer ago than they are kept, has none here and still says how many there were.',
    params: SESSION_PARAMS,
    query: pageQuerySchema,
    answers: { 200: { description: 'One page.', schema: gapPageSchema } },
    problems: { 404: 'There is no such session.', ...DATABASE_AWAY },
  })
  async gaps(@Param('id') id: string, @Query() query: unknown): Promise<Record<string, unknown>> {
    const page = await this.reader.gaps(id, pageOf(parse(pageQuerySchema, query, 'query')));
    if (page.items.length === 0) await expectSession(this.history, id);
    return { gaps: page.items.map(gapView), ...nextOf(page) };
  }
}
