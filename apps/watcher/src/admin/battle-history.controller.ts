import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { BATTLE_HISTORY_READER, type BattleHistoryReader } from '../history/battle-history.port.js';
import { HISTORY_READER, type HistoryReader } from '../history/history.port.js';
import { battlePageSchema, battleQuerySchema } from './battle-history-schemas.js';
import { HISTORY_TAG, nextOf, expectSession, pageOf, SESSION_PARAMS } from './history-routes.js';
import { DATABASE_AWAY, Operation } from './operation.js';
import { parse } from './validate.js';
import { battleView } from './views.js';

/** Battles of a session. */
@Controller('v1')
export class BattleHistoryController {
  constructor(
    @Inject(BATTLE_HISTORY_READER) private readonly reader: BattleHistoryReader,
    @Inject(HISTORY_READER) private readonly history: HistoryReader,
  ) {}

  @Get('sessions/:id/battles')
  @Operation({
    tag: HISTORY_TAG,
    summary: 'Battles of a session with sides, points over time, winner and supporters, oldest first',
    params: SESSION_PARAMS,
    query: battleQuerySchema,
    answers: { 200: { description: 'One page.', schema: battlePageSchema } },
    problems: { 404: 'There is no such session.', ...DATABASE_AWAY },
  })
  async battles(@Param('id') id: string, @Query() query: unknown): Promise<Record<string, unknown>> {
    const page = await this.reader.battles(id, pageOf(parse(battleQuerySchema, query, 'query')));
    if (page.items.length === 0) await expectSession(this.history, id);
    return { battles: page.items.map(battleView), ...nextOf(page) };
  }
}
