import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { HISTORY_READER, type HistoryReader } from '../history/history.port.js';
import { StreamerService } from '../streamers/streamer-service.js';
import {
  expectSession,
  expectStreamer,
  historyName,
  HISTORY_TAG,
  nextOf,
  noSession,
  SESSION_PARAMS,
} from './history-routes.js';
import { sessionQuerySchema, sessionsWanted, snapshotQuerySchema, snapshotsWanted } from './history-queries.js';
import { DATABASE_AWAY, Operation } from './operation.js';
import { sessionPageSchema, sessionSchema, snapshotPageSchema } from './schemas.js';
import { parse } from './validate.js';
import { sessionView, snapshotView } from './views.js';

/** What was recorded: sessions of a streamer and snapshots of a session. */
@Controller('v1')
export class HistoryController {
  constructor(
    @Inject(HISTORY_READER) private readonly history: HistoryReader,
    @Inject(StreamerService) private readonly streamers: StreamerService,
  ) {}

  @Get('streamers/:uniqueId/sessions')
  @Operation({
    tag: HISTORY_TAG,
    summary: 'Sessions of a streamer, newest first',
    description: 'Also for a streamer that was removed without purge.',
    params: { uniqueId: 'TikTok name, an earlier name, or id:<TikTok user id>.' },
    query: sessionQuerySchema,
    answers: { 200: { description: 'One page.', schema: sessionPageSchema } },
    problems: { 404: 'This streamer is not monitored and has no history.', ...DATABASE_AWAY },
  })
  async sessions(@Param('uniqueId') uniqueId: string, @Query() query: unknown): Promise<Record<string, unknown>> {
    const name = historyName(uniqueId);
    const page = await this.history.sessionsOf(name, sessionsWanted(parse(sessionQuerySchema, query, 'query')));
    if (page.items.length === 0) await expectStreamer(this.streamers, this.history, name);
    return { sessions: page.items.map(sessionView), ...nextOf(page) };
  }

  @Get('sessions')
  @Operation({
    tag: HISTORY_TAG,
    summary: 'Sessions of all streamers, newest first',
    query: sessionQuerySchema,
    answers: { 200: { description: 'One page.', schema: sessionPageSchema } },
    problems: DATABASE_AWAY,
  })
  async allSessions(@Query() query: unknown): Promise<Record<string, unknown>> {
    const page = await this.history.sessions(sessionsWanted(parse(sessionQuerySchema, query, 'query')));
    return { sessions: page.items.map(sessionView), ...nextOf(page) };
  }

  @Get('sessions/:id')
  @Operation({
    tag: HISTORY_TAG,
    summary: 'One session',
    params: SESSION_PARAMS,
    answers: { 200: { description: 'The session with its totals so far.', schema: sessionSchema } },
    problems: { 404: 'There is no such session.', ...DATABASE_AWAY },
  })
  async session(@Param('id') id: string): Promise<Record<string, unknown>> {
    const row = await this.history.session(id);
    if (row === undefined) throw noSession(id);
    return sessionView(row);
  }

  @Get('sessions/:id/snapshots')
  @Operation({
    tag: HISTORY_TAG,
    summary: 'Snapshots of a session, oldest first',
    params: SESSION_PARAMS,
    query: snapshotQuerySchema,
    answers: { 200: { description: 'One page.', schema: snapshotPageSchema } },
    problems: { 404: 'There is no such session.', ...DATABASE_AWAY },
  })
  async snapshots(@Param('id') id: string, @Query() query: unknown): Promise<Record<string, unknown>> {
    const page = await this.history.snapshots(id, snapshotsWanted(parse(snapshotQuerySchema, query, 'query')));
    if (page.items.length === 0) await expectSession(this.history, id);
    return { snapshots: page.items.map(snapshotView), ...nextOf(page) };
  }
}
