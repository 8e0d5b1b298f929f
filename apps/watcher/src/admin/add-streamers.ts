import type { FastifyRequest } from 'fastify';
import type { AuditTrail } from '../audit/audit-trail.js';
import type { AddStreamer, AddStreamerResult, StreamerService } from '../streamers/streamer-service.js';
import { changeBy } from './change-by.js';
import { newStreamerSchema, type BulkAnswerDto } from './schemas.js';
import { faultsOf } from './validate.js';
import { streamerView } from './views.js';

type BulkResult = BulkAnswerDto['results'][number];

/** Adds the entries of a list, each judged by itself, and writes down those that are new. One result for each, in their order. */
export async function addStreamers(
  entries: readonly unknown[],
  request: FastifyRequest,
  streamers: StreamerService,
  audit: AuditTrail,
): Promise<BulkAnswerDto> {
  const checked = entries.map((entry) => newStreamerSchema.safeParse(entry));
  const valid = checked.flatMap((result) => (result.success ? [settingsOf(result.data)] : []));
  const added = (await streamers.addMany(valid)).map(bulkResult);
  const results = checked.map((result, index): BulkResult => {
    const next = result.success ? added.shift() : undefined;
    if (next) return next;
    const errors = result.error ? [...faultsOf(newStreamerSchema, result.error)] : [];
    return { uniqueId: givenName(entries[index]), status: 'invalid', errors };
  });
  const created = results.filter(({ status }) => status === 'created');
  const changes = created.map((result) => changeBy(request, 'streamer.added', ['streamers', result.uniqueId]));
  await audit.record(...changes);
  return { results };
}

function bulkResult(result: AddStreamerResult): BulkResult {
  if (result.status === 'invalid') {
    const { uniqueId, field, message } = result;
    return { uniqueId, status: 'invalid', errors: [{ pointer: `/${field}`, detail: message }] };
  }
  const status = result.status === 'added' ? 'created' : 'exists';
  return { uniqueId: result.uniqueId, status, streamer: streamerView(result.view) };
}

/** The name of an entry that is not valid, as far as it can be told. */
function givenName(entry: unknown): string {
  const name: unknown = typeof entry === 'object' && entry !== null && 'uniqueId' in entry ? entry.uniqueId : '';
  return typeof name === 'string' ? name.slice(0, 200) : '';
}

/** Left-out fields are absent, not undefined. */
export function defined<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<T>;
}

export function settingsOf(entry: object & { uniqueId: string }): AddStreamer {
  return defined(entry) as AddStreamer;
}
