import { parse as parseCsv } from 'csv-parse/sync';
import { stringify } from 'csv-stringify/sync';
import { StreamerError } from './streamer.errors.js';
import { SETTING_NAMES } from './streamer-settings.js';
import type { Streamer } from './streamer.js';

/** Forms of a list of streamers. */
export const LIST_FORMATS = ['csv', 'json', 'lines'] as const;
export type ListFormat = (typeof LIST_FORMATS)[number];

/** One streamer to add, as REST takes it; the server judges the fields. */
export type NewStreamer = Readonly<Record<string, unknown>> & { readonly uniqueId: string };

/** Columns by the names that people give them, lower case and without `_` and `-`. */
const NAMES: Readonly<Record<string, string>> = {
  uniqueid: 'uniqueId',
  name: 'uniqueId',
  username: 'uniqueId',
  streamer: 'uniqueId',
  paused: 'paused',
  labels: 'labels',
  label: 'labels',
  priority: 'priority',
  proxyurl: 'proxyUrl',
  proxypool: 'proxyPool',
  language: 'language',
  region: 'region',
  checkintervalms: 'checkIntervalMs',
  checkintervalmaxms: 'checkIntervalMaxMs',
  silencems: 'silenceMs',
  socketsources: 'socketSources',
};
const LISTS: readonly string[] = ['labels', 'socketSources'];
const NUMBERS: readonly string[] = ['priority', 'checkIntervalMs', 'checkIntervalMaxMs', 'silenceMs'];
const LIST_SEPARATOR = /[;|]/;

/** By the ending of the file, else by how the text begins. */
export function formatOf(file: string | undefined, text: string): ListFormat {
  const [, ending] = /\.(csv|json|ndjson|jsonl|txt)$/i.exec(file ?? '') ?? [];
  if (ending !== undefined) return ({ csv: 'csv', txt: 'lines' } as const)[ending.toLowerCase()] ?? 'json';
  const start = text.trimStart();
  if (start.startsWith('{') || start.startsWith('[')) return 'json';
  const [head = ''] = start.split(/\r?\n/, 1);
  return /[,;\t]/.test(head) || columnOf(head) === 'uniqueId' ? 'csv' : 'lines';
}

/**
 * Reads a list of streamers. CSV: a header with `uniqueId` and, as wanted, the other fields of REST; lists within a field are
 * separated by `;` or `|`. JSON: an array of names or objects, `{"streamers": […]}` as the export gives it, or one object a line. Lines:
 * one name each; blank ones and those that begin with `#` are left out.
 * @throws StreamerError WATCHER_STREAMER_LIST_INVALID that names the line and the column
 */
export function readStreamerList(text: string, format: ListFormat): readonly NewStreamer[] {
  const bare = text.replace(/^\uFEFF/, '');
  switch (format) {
    case 'csv':
      return fromCsv(bare);
    case 'json':
      return fromJson(bare);
    case 'lines':
      return bare
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((uniqueId) => ({ uniqueId }));
  }
}

function fromCsv(text: string): readonly NewStreamer[] {
  const [head = ''] = text.split(/\r?\n/, 1);
  const delimiter = [',', '\t', ';'].find((candidate) => head.includes(candidate)) ?? ',';
  let rows: readonly string[][];
  try {
    rows = parseCsv(text, { delimiter, skip_empty_lines: true, trim: true, relax_column_count_less: true });
  } catch (error) {
    throw invalid(`This is no CSV: ${error instanceof Error ? error.message : 'unknown reason'}`);
  }
  const [header = [], ...entries] = rows;
  const columns = header.map((name) => {
    const column = columnOf(name);
    if (column === undefined) throw invalid(`The column "${name.slice(0, 60)}" of the CSV is no field of a streamer.`);
    return column;
  });
  if (!columns.includes('uniqueId'))
    throw invalid('The CSV has no column uniqueId. Its first line must name the columns.');
  return entries.map((cells, index) => {
    const fields = columns.flatMap((column, place) => {
      // An export puts it before what a spreadsheet would take for a formula.
      const cell = (cells[place] ?? '').replace(/^'(?=[=+\-@])/, '');
      return cell === '' ? [] : [[column, valueOf(column, cell, index + 2)] as const];
    });
    return named(Object.fromEntries(fields), `row ${index + 2}`);
  });
}

function columnOf(name: string): string | undefined {
  return NAMES[name.trim().toLowerCase().replace(/[_-]/g, '')];
}

function valueOf(column: string, cell: string, row: number): unknown {
  if (LISTS.includes(column))
    return cell
      .split(LIST_SEPARATOR)
      .map((entry) => entry.trim())
      .filter((entry) => entry !== '');
  if (NUMBERS.includes(column)) {
    if (!/^\d+$/.test(cell)) throw invalid(`Row ${row}: ${column} must be a whole number.`);
    return Number(cell);
  }
  if (column !== 'paused') return cell;
  if (!/^(true|false|yes|no|1|0)$/i.test(cell)) throw invalid(`Row ${row}: paused must be true or false.`);
  return /^(true|yes|1)$/i.test(cell);
}

function fromJson(text: string): readonly NewStreamer[] {
  const parsed = parseJson(text);
  const list =
    typeof parsed === 'object' && parsed !== null && 'streamers' in parsed && Array.isArray(parsed.streamers)
      ? (parsed.streamers as unknown[])
      : parsed;
  if (typeof list === 'object' && list !== null && 'uniqueId' in list) return [named(list, 'object')];
  if (!Array.isArray(list)) throw invalid('The JSON must be an array, or an object with an array "streamers".');
  return list.map((entry: unknown, index) =>
    named(typeof entry === 'string' ? { uniqueId: entry } : entry, `entry ${index + 1}`),
  );
}

/** One document, or one a line. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (whole) {
    const lines = text.split(/\r?\n/);
    const entries = lines.flatMap((line, index): unknown[] => {
      if (line.trim() === '') return [];
      try {
        return [JSON.parse(line)];
      } catch {
        const words = whole instanceof Error ? whole.message : 'unknown reason';
        throw invalid(`This is no JSON (line ${index + 1}; ${words}).`);
      }
    });
    return entries;
  }
}

function named(entry: unknown, where: string): NewStreamer {
  const name: unknown = typeof entry === 'object' && entry !== null && 'uniqueId' in entry ? entry.uniqueId : undefined;
  if (typeof name !== 'string') throw invalid(`The ${where} of the list has no uniqueId.`);
  return asGiven(entry as NewStreamer);
}

/** What the server shows of a streamer (`livetap streamers list --json`), as it would be given: without what it found out itself. */
function asGiven(entry: NewStreamer): NewStreamer {
  const { uniqueId, paused, labels, settings } = entry;
  if (!('createdAt' in entry) || typeof settings !== 'object' || settings === null) return entry;
  const own = Object.entries(settings as Record<string, { readonly value: unknown; readonly from: string } | undefined>)
    .filter(([, setting]) => setting?.from === 'streamer')
    .map(([name, setting]) => [name, setting?.value] as const);
  return { uniqueId, paused, labels, ...Object.fromEntries(own) };
}

function invalid(message: string): StreamerError {
  return new StreamerError('WATCHER_STREAMER_LIST_INVALID', message);
}

const EXPORT_COLUMNS = ['uniqueId', 'paused', 'labels', ...SETTING_NAMES] as const;

/** The heading of a list as CSV; `readStreamerList` takes it with the rows after it. */
export const STREAMER_LIST_HEADING = `${EXPORT_COLUMNS.join(',')}\r\n`;

/** What operators set for the streamer itself, as it would be given to add it again; without proxy address and login, which are secret. */
export function listEntryOf({ uniqueId, paused, labels, own }: Streamer): NewStreamer {
  return { uniqueId, paused, labels: [...labels], ...own };
}

/** Entries as rows of CSV (RFC 4180), lists within a field separated by `;`, what was not set empty. */
export function csvRows(entries: readonly NewStreamer[]): string {
  return stringify(
    entries.map((entry) =>
      EXPORT_COLUMNS.map((column) => {
        const value = entry[column];
        return Array.isArray(value) ? value.join(';') : value;
      }),
    ),
    { record_delimiter: 'windows', escape_formulas: true, cast: { boolean: String } },
  );
}
