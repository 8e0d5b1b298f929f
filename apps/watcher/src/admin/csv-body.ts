import type { FastifyInstance } from 'fastify';
import { AdminError } from './admin.errors.js';

/** A body that was sent as text/csv. */
export class CsvBody {
  constructor(readonly text: string) {}
}

/** Takes text/csv on the routes that are made for it (`config.csv`); elsewhere JSON is the only body. */
export function takeCsv(instance: FastifyInstance): void {
  instance.addContentTypeParser('text/csv', { parseAs: 'string' }, (request, text, done) => {
    if (request.routeOptions.config.csv === true) return done(null, new CsvBody(text.toString()));
    return done(
      new AdminError(
        'WATCHER_MEDIA_TYPE_UNSUPPORTED',
        'Send the body as JSON, with the header content-type: application/json.',
      ),
    );
  });
}
