import { EVENT_CATALOGUE } from '@livetap/contracts';
import { z } from 'zod';
import { EXPORT_FORMATS, type ExportFormat } from '../history/format-export.js';
import { EXPORTS, type ExportName } from '../history/history-export.port.js';
import { AdminError } from './admin.errors.js';
import { givenTime } from './schemas.js';

export const MEDIA_TYPES: Readonly<Record<ExportFormat, string>> = {
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
};

const EVENT_NAMES = new Set<string>(Object.keys(EVENT_CATALOGUE));
/** Names of events from a list with commas. */
export const readTypes = (text: string): string[] => text.split(',').map((name) => name.trim());

/** Which part of history; all of it without parameters. */
export const exportQuerySchema = z.strictObject({
  streamer: z
    .string()
    .min(1)
    .max(200)
    .describe('Only sessions of this streamer: a name, an earlier name or id:<TikTok user id>.')
    .optional(),
  session: z.string().min(1).max(200).describe('Only this session.').optional(),
  from: givenTime
    .describe('Only sessions seen at or after this time; snapshots and events are cut off there.')
    .optional(),
  to: givenTime.describe('Only sessions seen before this time; snapshots and events are cut off there.').optional(),
  type: z
    .string()
    .min(1)
    .max(2_000)
    .refine(
      (text) => readTypes(text).every((name) => EVENT_NAMES.has(name)),
      'must be names of events such as chat, gift',
    )
    .describe('Only archived events of these types, separated by commas.')
    .optional(),
});

/** @throws AdminError WATCHER_ROUTE_NOT_FOUND */
export function exportedOf(file: string): { readonly what: ExportName; readonly format: ExportFormat } {
  const [name, ending, ...rest] = file.split('.');
  const what = EXPORTS.find((one) => one === name);
  const format = EXPORT_FORMATS.find((one) => one === ending);
  if (what === undefined || format === undefined || rest.length > 0) {
    throw new AdminError(
      'WATCHER_ROUTE_NOT_FOUND',
      `There is no export of that name. There are ${EXPORTS.join(', ')}, each with .csv or .ndjson.`,
    );
  }
  return { what, format };
}
