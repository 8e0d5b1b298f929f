import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AuditDetails } from '../audit/audit-entry.js';
import { AuditTrail } from '../audit/audit-trail.js';
import { Secret } from '../common/secret.js';
import { StreamerService } from '../streamers/streamer-service.js';
import type { StreamerQuery } from '../streamers/streamer-store.port.js';
import type { StreamerSettings } from '../streamers/streamer.js';
import { requireRole } from './access.js';
import { changeBy } from './change-by.js';
import { addStreamers, defined, settingsOf } from './add-streamers.js';
import { DATABASE_AWAY, NO_KEY_TO_ENCRYPT, Operation } from './operation.js';
import {
  bulkAnswerSchema,
  bulkSchema,
  MAX_BULK_STREAMERS,
  newStreamerSchema,
  removeQuerySchema,
  sessionCredentialsSchema,
  streamerPageSchema,
  streamerQuerySchema,
  streamerSchema,
  streamerSettingsSchema,
  type BulkAnswerDto,
  type StreamerDto,
} from './schemas.js';
import { parse } from './validate.js';
import { streamerView } from './views.js';

const TAG = 'Streamers';
const UNIQUE_ID = { uniqueId: 'TikTok name, an earlier name, or id:<TikTok user id>.' };
const NOT_MONITORED = { 404: 'This streamer is not monitored.' };

/** What is monitored: add, look up, change, remove. */
@Controller('v1/streamers')
export class StreamersController {
  constructor(
    @Inject(StreamerService) private readonly streamers: StreamerService,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  @Post()
  @Operation({
    tag: TAG,
    summary: 'Add a streamer, or many',
    description: `One streamer: 201, or 409 when it is known. A list of up to ${MAX_BULK_STREAMERS}: 200 with a result for each.`,
    body: [newStreamerSchema, bulkSchema],
    answers: {
      200: { description: 'A list was given: what became of each entry.', schema: bulkAnswerSchema },
      201: { description: 'Added.', schema: streamerSchema, headers: { Location: 'Address of the streamer.' } },
    },
    problems: { 409: 'This streamer is monitored already.', ...NO_KEY_TO_ENCRYPT },
  })
  async add(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamerDto | BulkAnswerDto> {
    if (typeof body === 'object' && body !== null && 'streamers' in body) {
      void reply.code(200);
      return addStreamers(parse(bulkSchema, body).streamers, request, this.streamers, this.audit);
    }
    const view = streamerView(await this.streamers.add(settingsOf(parse(newStreamerSchema, body))));
    await this.record('streamer.added', request, view);
    void reply.code(201).header('location', `/v1/streamers/${encodeURIComponent(view.uniqueId)}`);
    return view;
  }

  @Get()
  @Operation({
    tag: TAG,
    summary: 'List streamers',
    query: streamerQuerySchema,
    answers: { 200: { description: 'One page, in a stable order.', schema: streamerPageSchema } },
    problems: DATABASE_AWAY,
  })
  async list(@Query() query: unknown): Promise<{ streamers: StreamerDto[]; nextCursor?: string }> {
    const { paused, ...rest } = parse(streamerQuerySchema, query, 'query');
    const page = await this.streamers.list(
      defined({ ...rest, paused: paused === undefined ? undefined : paused === 'true' }) as StreamerQuery,
    );
    return {
      streamers: page.items.map(streamerView),
      ...(page.nextCursor === undefined ? {} : { nextCursor: page.nextCursor }),
    };
  }

  @Get(':uniqueId')
  @Operation({
    tag: TAG,
    summary: 'Look a streamer up',
    params: UNIQUE_ID,
    answers: { 200: { description: 'The streamer.', schema: streamerSchema } },
    problems: { 400: 'This is no TikTok name.', ...NOT_MONITORED, ...DATABASE_AWAY },
  })
  async get(@Param('uniqueId') uniqueId: string): Promise<StreamerDto> {
    return streamerView(await this.streamers.get(uniqueId));
  }

  @Patch(':uniqueId')
  @Operation({
    tag: TAG,
    summary: 'Change a streamer',
    description: 'Fields that are left out stay as they are. Pausing closes an open room first.',
    params: UNIQUE_ID,
    body: [streamerSettingsSchema],
    answers: { 200: { description: 'The streamer as it is now.', schema: streamerSchema } },
    problems: { ...NOT_MONITORED, ...NO_KEY_TO_ENCRYPT },
  })
  async change(
    @Param('uniqueId') uniqueId: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<StreamerDto> {
    const settings = defined(parse(streamerSettingsSchema, body)) as StreamerSettings;
    const view = streamerView(await this.streamers.update(uniqueId, settings));
    await this.record('streamer.changed', request, view, { fields: Object.keys(settings) });
    return view;
  }

  @Put(':uniqueId/session')
  @Operation({
    tag: TAG,
    summary: 'Give a streamer’s sockets a login',
    description:
      'The two cookies of a TikTok account. They are stored encrypted and never shown; they count from the next socket on.',
    params: UNIQUE_ID,
    body: [sessionCredentialsSchema],
    answers: { 200: { description: 'The streamer as it is now.', schema: streamerSchema } },
    problems: { ...NOT_MONITORED, ...NO_KEY_TO_ENCRYPT },
  })
  async setSession(
    @Param('uniqueId') uniqueId: string,
    @Body() body: unknown,
    @Req() request: FastifyRequest,
  ): Promise<StreamerDto> {
    const { sessionId, ttTargetIdc } = parse(sessionCredentialsSchema, body);
    const session = { sessionId: new Secret(sessionId), ttTargetIdc: new Secret(ttTargetIdc) };
    const view = streamerView(await this.streamers.setSession(uniqueId, session));
    await this.record('streamer.sessionSet', request, view);
    return view;
  }

  @Delete(':uniqueId/session')
  @HttpCode(204)
  @Operation({
    tag: TAG,
    summary: 'Take the login away',
    params: UNIQUE_ID,
    answers: { 204: { description: 'There is none any more.' } },
    problems: { ...NOT_MONITORED, ...DATABASE_AWAY },
  })
  async removeSession(@Param('uniqueId') uniqueId: string, @Req() request: FastifyRequest): Promise<void> {
    const view = streamerView(await this.streamers.setSession(uniqueId, null));
    await this.record('streamer.sessionRemoved', request, view);
  }

  @Delete(':uniqueId')
  @HttpCode(204)
  @Operation({
    tag: TAG,
    summary: 'Stop monitoring a streamer',
    description: 'The history stays, unless `purge=true` (role admin).',
    params: UNIQUE_ID,
    query: removeQuerySchema,
    answers: { 204: { description: 'Removed.' } },
    problems: { ...NOT_MONITORED, ...DATABASE_AWAY },
  })
  async remove(
    @Param('uniqueId') uniqueId: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
  ): Promise<void> {
    const purge = parse(removeQuerySchema, query, 'query').purge === 'true';
    if (purge && request.principal) requireRole(request.principal, 'admin');
    const name = await this.streamers.remove(uniqueId, { purge });
    // What was purged is to be forgotten, here too.
    const target = purge ? undefined : (['streamers', name] as const);
    await this.audit.record(changeBy(request, 'streamer.removed', target, { purge }));
  }

  private async record(
    action: string,
    request: FastifyRequest,
    { uniqueId }: StreamerDto,
    details?: AuditDetails,
  ): Promise<void> {
    await this.audit.record(changeBy(request, action, ['streamers', uniqueId], details));
  }
}
