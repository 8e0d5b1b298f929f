import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { csvRows, listEntryOf, STREAMER_LIST_HEADING, type NewStreamer } from '../streamers/streamer-list.js';
import { StreamerService } from '../streamers/streamer-service.js';
import { DATABASE_AWAY, Operation } from './operation.js';
import { fileHeaders, openPieces } from './piece-stream.js';
import { component, MAX_PAGE_LIMIT, newStreamerSchema } from './schemas.js';

const TAG = 'Streamers';
const FILE = { 'Content-Disposition': 'Attachment with the name of a file.', 'Cache-Control': 'no-store.' };
const DESCRIPTION =
  'What was set for each streamer itself, as POST /v1/streamers takes it. Without addresses of proxies and logins, which are secret. A connection that ends without the last chunk means that the list is not whole.';

const listSchema = component('StreamerList', z.object({ streamers: z.array(newStreamerSchema) }));

/** All streamers as a list that can be given to POST /v1/streamers again. */
@Controller('v1/exports')
export class StreamerExportsController {
  constructor(@Inject(StreamerService) private readonly streamers: StreamerService) {}

  @Get('streamers.csv')
  @Operation({
    tag: TAG,
    summary: 'Export the streamers as CSV',
    description: DESCRIPTION,
    answers: { 200: { description: 'The whole list, in a stable order.', mediaType: 'text/csv', headers: FILE } },
    problems: DATABASE_AWAY,
  })
  async csv(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await send(request, reply, 'csv', 'text/csv', this.csvPieces());
  }

  @Get('streamers.json')
  @Operation({
    tag: TAG,
    summary: 'Export the streamers as JSON',
    description: DESCRIPTION,
    answers: { 200: { description: 'The whole list, in a stable order.', schema: listSchema, headers: FILE } },
    problems: DATABASE_AWAY,
  })
  async json(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await send(request, reply, 'json', 'application/json', this.jsonPieces());
  }

  private async *csvPieces(): AsyncGenerator<string, void, undefined> {
    let before = STREAMER_LIST_HEADING;
    for await (const entries of this.pages()) {
      yield before + csvRows(entries);
      before = '';
    }
    yield before;
  }

  private async *jsonPieces(): AsyncGenerator<string, void, undefined> {
    let before = '{"streamers":[';
    for await (const entries of this.pages()) {
      yield entries.reduce((text, entry) => {
        const piece = `${text}${before}${JSON.stringify(entry)}`;
        before = ',';
        return piece;
      }, '');
    }
    yield before === ',' ? ']}' : `${before}]}`;
  }

  private async *pages(): AsyncGenerator<readonly NewStreamer[], void, undefined> {
    let cursor: string | undefined;
    do {
      const page = await this.streamers.list({ limit: MAX_PAGE_LIMIT, ...(cursor === undefined ? {} : { cursor }) });
      yield page.items.map(({ streamer }) => listEntryOf(streamer));
      cursor = page.nextCursor;
    } while (cursor !== undefined);
  }
}

async function send(
  request: FastifyRequest,
  reply: FastifyReply,
  ending: string,
  mediaType: string,
  pieces: AsyncGenerator<string, void, undefined>,
): Promise<void> {
  const list = await openPieces(pieces);
  const withBody = request.method !== 'HEAD';
  if (!withBody) list.destroy();
  await reply.headers(fileHeaders(`livetap-streamers.${ending}`, mediaType)).send(withBody ? list : undefined);
}
