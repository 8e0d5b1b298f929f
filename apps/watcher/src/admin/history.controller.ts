import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { HISTORY_READER, type HistoryReader, type Page } from '../history/history.port.js';
import { StreamerService } from '../streamers/streamer-service.js';
import { StreamerError } from '../streamers/streamer.errors.js';
import { normalizeUniqueId } from '../streamers/unique-id.js';
import { AdminError } from './admin.errors.js';
import { Operation } from './operation.js';
import { pageQuerySchema, sessionPageSchema, sessionSchema, snapshotPageSchema, type PageQuery } from './schemas.js';
import { parse } from './validate.js';
import { sessionView, snapshotView } from './views.js';

const TAG = 'History';
const DATABASE = { 503: 'The database is away; Retry-After says when to ask again.' };
const SESSION_ID = { id: 'Session id: the room id, with -2, -3 … when the room went live again.' };

/** What was recorded: sessions of a streamer and snapshots of a session. */
@Controller('v1')
export class HistoryController {
  constructor(
    @Inject(HISTORY_READER) private readonly history: HistoryReader,
    @Inject(StreamerService) private readonly streamers: StreamerService,
  ) {}

  @Get('streamers/:uniqueId/sessions')
  @Operation({
    tag: TAG,
    access: 'read',
    summary: 'Sessions of a streamer, newest first',
    description: 'Also for a streamer that was removed without purge.',
    params: { uniqueId: 'TikTok name, an earlier name, or id:<TikTok user id>.' },
    query: pageQuerySchema,
    answers: { 200: { description: 'One page.', schema: sessionPageSchema } },
    problems: { 404: 'This streamer is not monitored and has no history.', ...DATABASE },
  })
  async sessions(@Param('uniqueId') uniqueId: string, @Query() query: unknown): Promise<Record<string, unknown>> {
    const { name, missing } = await this.resolve(uniqueId);
    const page = await this.history.sessionsOf(name, pageOf(parse(pageQuerySchema, query, 'query')));
    if (missing && page.items.length === 0) throw missing;
    return { sessions: page.items.map(sessionView), ...nextOf(page) };
  }

  @Get('sessions/:id')
  @Operation({
    tag: TAG,
    access: 'read',
    summary: 'One session',
    params: SESSION_ID,
    answers: { 200: { description: 'The session with its totals so far.', schema: sessionSchema } },
    problems: { 404: 'There is no such session.', ...DATABASE },
  })
  async session(@Param('id') id: string): Promise<Record<string, unknown>> {
    const row = await this.history.session(id);
    if (row === undefined) throw noSession(id);
    return sessionView(row);
  }

  @Get('sessions/:id/snapshots')
  @Operation({
    tag: TAG,
    access: 'read',
    summary: 'Snapshots of a session, oldest first',
    params: SESSION_ID,
    query: pageQuerySchema,
    answers: { 200: { description: 'One page.', schema: snapshotPageSchema } },
    problems: { 404: 'There is no such session.', ...DATABASE },
  })
  async snapshots(@Param('id') id: string, @Query() query: unknown): Promise<Record<string, unknown>> {
    const page = await this.history.snapshots(id, pageOf(parse(pageQuerySchema, query, 'query')));
    if (page.items.length === 0 && (await this.history.session(id)) === undefined) throw noSession(id);
    return { snapshots: page.items.map(snapshotView), ...nextOf(page) };
  }

  /** The name under which history is kept: earlier names lead to the present one; removed streamers keep theirs. */
  private async resolve(uniqueId: string): Promise<{ name: string; missing?: StreamerError }> {
    try {
      return { name: (await this.streamers.get(uniqueId)).streamer.uniqueId };
    } catch (error) {
      if (!(error instanceof StreamerError) || error.code !== 'WATCHER_STREAMER_NOT_FOUND') throw error;
      return { name: normalizeUniqueId(uniqueId), missing: error };
    }
  }
}

function noSession(id: string): AdminError {
  return new AdminError(
    'WATCHER_SESSION_NOT_FOUND',
    `There is no session ${id.slice(0, 100)}. GET /v1/streamers/{uniqueId}/sessions lists those of a streamer.`,
  );
}

function pageOf({ limit, cursor }: PageQuery): { limit: number; cursor?: string } {
  return { limit, ...(cursor === undefined ? {} : { cursor }) };
}

function nextOf(page: Page<unknown>): { nextCursor?: string } {
  return page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor };
}
