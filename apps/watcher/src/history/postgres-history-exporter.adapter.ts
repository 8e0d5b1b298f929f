import { Prisma, type Database } from '../persistence/database.js';
import { safeText } from '../persistence/safe-text.js';
import {
  EXPORT_TABLES,
  SESSION_COLUMNS,
  type ExportedSession,
  type ExportTable,
  type RowKey,
} from './export-tables.adapter.js';
import { findStreamer, isOfStreamer } from './find-streamer.adapter.js';
import type { ExportName, ExportRequest, ExportRow, ExportValue, HistoryExporter } from './history-export.port.js';
import { seriesBounds } from './snapshot-series.adapter.js';

/** Rows read at once: what an export holds in memory, whatever its length. */
const PAGE_ROWS = 1_000;
const SESSIONS_AT_ONCE = 200;

type StoredRow = Readonly<Record<string, unknown>>;

/** Whole tables from Postgres, each page by the key of the last row of the page before. */
export class PostgresHistoryExporter implements HistoryExporter {
  constructor(private readonly database: Database) {}

  columns(what: ExportName): readonly string[] {
    return what === 'sessions' ? Object.keys(SESSION_COLUMNS) : EXPORT_TABLES[what].columns;
  }

  async *pages(request: ExportRequest): AsyncGenerator<readonly ExportRow[], void, undefined> {
    const columns = this.columns(request.what);
    const table = request.what === 'sessions' ? undefined : EXPORT_TABLES[request.what];
    let collected: ExportRow[] = [];
    for await (const sessions of this.#sessions(request)) {
      if (table === undefined) {
        yield sessions.map((row) => toRow(row, columns));
        continue;
      }
      for (const session of sessions) {
        // Many sessions have few rows: they go on in pages of a worthwhile size.
        for await (const rows of this.#rows(table, exported(session, request), request.types)) {
          collected.push(...rows.map((row) => toRow(row, columns)));
          if (collected.length < PAGE_ROWS) continue;
          yield collected;
          collected = [];
        }
      }
    }
    if (collected.length > 0) yield collected;
  }

  /** Oldest first. */
  async *#sessions(request: ExportRequest): AsyncGenerator<readonly StoredRow[]> {
    const which = await this.database.run(async (client) => {
      const { streamer, session, from, to } = request;
      const parts = [Prisma.sql`TRUE`];
      if (session !== undefined) parts.push(Prisma.sql`session_id = ${safeText(session)}`);
      if (from !== undefined) parts.push(Prisma.sql`last_event_at >= ${from}::timestamptz`);
      if (to !== undefined) parts.push(Prisma.sql`joined_at < ${to}::timestamptz`);
      if (streamer !== undefined) parts.push(isOfStreamer(await findStreamer(client, streamer)));
      return Prisma.join(parts, ' AND ');
    });
    const select = Prisma.join(
      Object.entries(SESSION_COLUMNS).map(([name, column]) => Prisma.sql`${column} AS ${Prisma.raw(`"${name}"`)}`),
    );
    let rest = Prisma.sql`TRUE`;
    for (;;) {
      const rows = await this.database.run(
        (client) => client.$queryRaw<StoredRow[]>`
          SELECT ${select} FROM v_sessions WHERE ${which} AND ${rest}
          ORDER BY joined_at, session_id LIMIT ${SESSIONS_AT_ONCE}`,
      );
      const last = rows.at(-1);
      if (last === undefined) return;
      yield rows;
      if (rows.length < SESSIONS_AT_ONCE) return;
      rest = Prisma.sql`(joined_at, session_id) > (${last['joinedAt']}::timestamptz, ${last['sessionId']}::text)`;
    }
  }

  async *#rows(
    table: ExportTable,
    session: ExportedSession,
    types: readonly string[] | undefined,
  ): AsyncGenerator<readonly StoredRow[]> {
    let after: RowKey | undefined;
    for (;;) {
      const sql = table.page(session, after, PAGE_ROWS, types);
      const rows = await this.database.run((client) => client.$queryRaw<StoredRow[]>(sql));
      const last = rows.at(-1);
      if (last === undefined) return;
      yield rows;
      if (rows.length < PAGE_ROWS) return;
      after = table.key.map((column) => keyText(last[column]));
    }
  }
}

function exported(row: StoredRow, { from, to }: ExportRequest): ExportedSession {
  const series = seriesBounds({ joinedAt: row['joinedAt'] as Date, lastEventAt: row['lastEventAt'] as Date });
  const end = new Date(series.last.getTime() + 1);
  return {
    id: String(row['sessionId']),
    series,
    from: from !== undefined && from > series.first ? from : series.first,
    before: to !== undefined && to < end ? to : end,
  };
}

function keyText(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

function toRow(row: StoredRow, columns: readonly string[]): ExportRow {
  return Object.fromEntries(columns.map((column) => [column, toValue(row[column])]));
}

/** Counts come as bigint and are all below 2^53; ids come as text. */
function toValue(value: unknown): ExportValue {
  if (value === null || value === undefined) return null;
  if (typeof value === 'bigint') return Number(value);
  return value instanceof Date ? value.toISOString() : value;
}
