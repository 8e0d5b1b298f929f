import { Body, Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AuditTrail } from '../audit/audit-trail.js';
import { readStreamerList } from '../streamers/streamer-list.js';
import { StreamerService } from '../streamers/streamer-service.js';
import { addStreamers } from './add-streamers.js';
import { AdminError } from './admin.errors.js';
import { CsvBody } from './csv-body.js';
import { NO_KEY_TO_ENCRYPT, Operation } from './operation.js';
import { bulkAnswerSchema, bulkSchema, MAX_BULK_STREAMERS, type BulkAnswerDto } from './schemas.js';
import { parse } from './validate.js';

/** Lists of streamers as a spreadsheet has them. */
@Controller('v1/imports')
export class StreamerImportsController {
  constructor(
    @Inject(StreamerService) private readonly streamers: StreamerService,
    @Inject(AuditTrail) private readonly audit: AuditTrail,
  ) {}

  @Post('streamers.csv')
  @HttpCode(200)
  @Operation({
    tag: 'Streamers',
    summary: 'Add the streamers of a CSV list',
    description: `Up to ${MAX_BULK_STREAMERS}; known ones stay as they are. As JSON: POST /v1/streamers.`,
    csv: 'A heading, uniqueId and, as wanted, the other fields of a streamer, then a line for each; lists within a field are separated by `;`.',
    answers: { 200: { description: 'What became of each line.', schema: bulkAnswerSchema } },
    problems: NO_KEY_TO_ENCRYPT,
  })
  async import(@Body() body: unknown, @Req() request: FastifyRequest): Promise<BulkAnswerDto> {
    if (!(body instanceof CsvBody)) {
      throw new AdminError(
        'WATCHER_MEDIA_TYPE_UNSUPPORTED',
        'Send the list as CSV, with the header content-type: text/csv; or as JSON to POST /v1/streamers.',
      );
    }
    const streamers = readStreamerList(body.text, 'csv');
    return addStreamers(parse(bulkSchema, { streamers }).streamers, request, this.streamers, this.audit);
  }
}
