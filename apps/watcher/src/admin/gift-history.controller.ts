import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { GIFT_HISTORY_READER, type GiftHistoryReader } from '../history/gift-history.port.js';
import { HISTORY_READER, type HistoryReader } from '../history/history.port.js';
import { StreamerService } from '../streamers/streamer-service.js';
import { gifterPageSchema, givenGiftPageSchema, streamerGifterPageSchema } from './gift-history-schemas.js';
import {
  expectSession,
  expectStreamer,
  HISTORY_TAG,
  historyName,
  nextOf,
  pageOf,
  SESSION_PARAMS,
} from './history-routes.js';
import { DATABASE_AWAY, Operation } from './operation.js';
import { pageQuerySchema } from './schemas.js';
import { parse } from './validate.js';
import { gifterView } from './views.js';

/** Who gave what: in a session, and to a streamer in all. */
@Controller('v1')
export class GiftHistoryController {
  constructor(
    @Inject(GIFT_HISTORY_READER) private readonly gifts: GiftHistoryReader,
    @Inject(HISTORY_READER) private readonly history: HistoryReader,
    @Inject(StreamerService) private readonly streamers: StreamerService,
  ) {}

  @Get('sessions/:id/gifters')
  @Operation({
    tag: HISTORY_TAG,
    summary: 'Who gave gifts in a session, most diamonds first',
    params: SESSION_PARAMS,
    query: pageQuerySchema,
    answers: { 200: { description: 'One page.', schema: gifterPageSchema } },
    problems: { 404: 'There is no such session.', ...DATABASE_AWAY },
  })
  async gifters(@Param('id') id: string, @Query() query: unknown): Promise<Record<string, unknown>> {
    const page = await this.gifts.gifters(id, pageOf(parse(pageQuerySchema, query, 'query')));
    if (page.items.length === 0) await expectSession(this.history, id);
    return { gifters: page.items.map(gifterView), ...nextOf(page) };
  }

  @Get('sessions/:id/gifts')
  @Operation({
    tag: HISTORY_TAG,
    summary: 'Which gifts were given in a session, most diamonds first',
    params: SESSION_PARAMS,
    query: pageQuerySchema,
    answers: { 200: { description: 'One page.', schema: givenGiftPageSchema } },
    problems: { 404: 'There is no such session.', ...DATABASE_AWAY },
  })
  async given(@Param('id') id: string, @Query() query: unknown): Promise<Record<string, unknown>> {
    const page = await this.gifts.gifts(id, pageOf(parse(pageQuerySchema, query, 'query')));
    if (page.items.length === 0) await expectSession(this.history, id);
    return { gifts: page.items, ...nextOf(page) };
  }

  @Get('streamers/:uniqueId/gifters')
  @Operation({
    tag: HISTORY_TAG,
    summary: 'Who gave gifts to a streamer in all sessions, most diamonds first',
    description: 'Also for a streamer that was removed without purge.',
    params: { uniqueId: 'TikTok name, an earlier name, or id:<TikTok user id>.' },
    query: pageQuerySchema,
    answers: { 200: { description: 'One page.', schema: streamerGifterPageSchema } },
    problems: { 404: 'This streamer is not monitored and has no history.', ...DATABASE_AWAY },
  })
  async giftersOf(@Param('uniqueId') uniqueId: string, @Query() query: unknown): Promise<Record<string, unknown>> {
    const name = historyName(uniqueId);
    const page = await this.gifts.giftersOf(name, pageOf(parse(pageQuerySchema, query, 'query')));
    if (page.items.length === 0) await expectStreamer(this.streamers, this.history, name);
    return { gifters: page.items.map(gifterView), ...nextOf(page) };
  }
}
