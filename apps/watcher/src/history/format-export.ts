import { stringify } from 'csv-stringify/sync';
import type { ExportRow } from './history-export.port.js';

export const EXPORT_FORMATS = ['csv', 'ndjson'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/**
 * CSV: the names of the columns. NDJSON: nothing, each line names its own.
 */
export function exportHeading(format: ExportFormat, columns: readonly string[]): string {
  return format === 'csv' ? csv([Object.fromEntries(columns.map((name) => [name, name]))], columns) : '';
}

/**
 * Rows as text, every line ended. CSV follows RFC 4180: lines end with CR LF, what holds a comma, a quote or a line break is
 * quoted, what is not known is empty; a text that a spreadsheet would take for a formula begins with an apostrophe. NDJSON
 * holds one object a line, without what is not known.
 */
export function formatRows(format: ExportFormat, columns: readonly string[], rows: readonly ExportRow[]): string {
  if (format === 'csv') return csv(rows, columns);
  return rows.map((row) => `${JSON.stringify(withoutNulls(row))}\n`).join('');
}

function csv(rows: readonly ExportRow[], columns: readonly string[]): string {
  return stringify([...rows], {
    columns: [...columns],
    record_delimiter: 'windows',
    quote_record_delimiter: true,
    escape_formulas: true,
    cast: { boolean: String, object: (value) => JSON.stringify(value) },
  });
}

function withoutNulls(row: ExportRow): ExportRow {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null));
}
