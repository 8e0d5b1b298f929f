import type { Readable } from 'node:stream';
import { Controller, Get, Inject, Param, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LOGGER, type Logger } from '../common/logger.port.js';
import { exportHeading, formatRows, type ExportFormat } from '../history/format-export.js';
import { HISTORY_EXPORTER, type ExportRequest, type HistoryExporter } from '../history/history-export.port.js';
import { HISTORY_READER, type HistoryReader } from '../history/history.port.js';
import { StreamerService } from '../streamers/streamer-service.js';
import { AdminError } from './admin.errors.js';
import { exportedOf, exportQuerySchema, MEDIA_TYPES, readTypes } from './export-schemas.js';
import { rangeOf } from './history-queries.js';
import { expectSession, expectStreamer, HISTORY_TAG, historyName } from './history-routes.js';
import { Operation } from './operation.js';
import { fileHeaders, openPieces } from './piece-stream.js';
import { parse } from './validate.js';

/** Each reads a page from the database whenever its client has taken the one before. */
export const MAX_EXPORTS = 4;

/** Whole tables of history as files. */
@Controller('v1/exports')
export class ExportsController {
  private running = 0;

  constructor(
    @Inject(HISTORY_EXPORTER) private readonly exporter: HistoryExporter,
    @Inject(HISTORY_READER) private readonly history: HistoryReader,
    @Inject(StreamerService) private readonly streamers: StreamerService,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Get(':file')
  @Operation({
    tag: HISTORY_TAG,
    summary: 'Export history as CSV or NDJSON',
    description:
      'Rows come as they are read, oldest session first, and are as many as there are. A connection that ends without the last chunk means that the export is not whole. CSV follows RFC 4180 with a heading; a text that a spreadsheet would take for a formula begins with an apostrophe. docs/database.md lists the columns.',
    params: {
      file: 'sessions, snapshots, gifters, gifts, battles (a row for each side), gaps or events (of the archive), with the ending .csv or .ndjson.',
    },
    query: exportQuerySchema,
    answers: { 200: { description: 'The whole table, chunk by chunk.', mediaType: Object.values(MEDIA_TYPES) } },
    problems: {
      404: 'There is no such export, no such session, or this streamer is not monitored and has no history.',
      503: `The database is away, or ${MAX_EXPORTS} exports are running; Retry-After says when to ask again.`,
    },
  })
  async export(
    @Param('file') file: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { what, format } = exportedOf(file);
    const { streamer, session, type, from, to } = parse(exportQuerySchema, query, 'query');
    if (type !== undefined && what !== 'events') {
      const detail = 'Only events have a type.';
      throw new AdminError('WATCHER_REQUEST_INVALID', `?type: ${detail}`, { faults: [{ pointer: '?type', detail }] });
    }
    const wanted: ExportRequest = {
      what,
      ...(streamer === undefined ? {} : { streamer: await this.nameOf(streamer) }),
      ...(session === undefined ? {} : { session }),
      ...rangeOf(from, to),
      ...(type === undefined ? {} : { types: readTypes(type) }),
    };
    if (wanted.session !== undefined) await expectSession(this.history, wanted.session);
    const rows = request.method === 'HEAD' ? undefined : await this.open(wanted, format);
    await reply.headers(fileHeaders(`livetap-${what}.${format}`, MEDIA_TYPES[format])).send(rows);
  }

  /** The first rows are there when this resolves. */
  private async open(wanted: ExportRequest, format: ExportFormat): Promise<Readable> {
    if (this.running >= MAX_EXPORTS) {
      throw new AdminError('WATCHER_TOO_MANY_EXPORTS', `${MAX_EXPORTS} exports are running already; wait for one.`);
    }
    this.running += 1;
    return openPieces(this.pieces(wanted, format));
  }

  private async *pieces(wanted: ExportRequest, format: ExportFormat): AsyncGenerator<string, void, undefined> {
    try {
      const columns = this.exporter.columns(wanted.what);
      let heading = exportHeading(format, columns);
      for await (const rows of this.exporter.pages(wanted)) {
        yield heading + formatRows(format, columns, rows);
        heading = '';
      }
      yield heading;
    } catch (error) {
      this.logger.warn('export.failed', { what: wanted.what, error });
      throw error;
    } finally {
      this.running -= 1;
    }
  }

  private async nameOf(streamer: string): Promise<string> {
    const name = historyName(streamer);
    await expectStreamer(this.streamers, this.history, name);
    return name;
  }
}
