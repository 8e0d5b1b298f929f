import { Prisma, type Database } from '../persistence/database.js';
import { boundedLimit, CURSOR_TIME, decodeCursor, encodeCursor, toPage } from '../persistence/page-cursor.js';
import { safeText } from '../persistence/safe-text.js';
import type { GapHistoryReader, GapRow } from './gap-history.port.js';
import type { PageRequest } from './gift-history.port.js';
import type { Page } from './history.port.js';

interface StoredGap {
  readonly id: string;
  readonly began_at: Date;
  readonly ended_at: Date;
  readonly reason: string;
}

/** Ids of events: what a cursor may go on from. */
const EVENT_ID = /^[\x21-\x7e]{1,300}$/;

/** Gaps from Postgres. Pages go on from the last row's own time and id. */
export class PostgresGapHistoryReader implements GapHistoryReader {
  constructor(private readonly database: Database) {}

  async gaps(sessionId: string, page: PageRequest): Promise<Page<GapRow>> {
    const limit = boundedLimit(page.limit);
    const [at, id] = page.cursor === undefined ? [] : decodeCursor('gaps', page.cursor, [CURSOR_TIME, EVENT_ID]);
    const rest = at === undefined ? Prisma.sql`TRUE` : Prisma.sql`(began_at, id) > (${at}::timestamptz, ${id}::text)`;
    const rows = await this.database.run(
      (client) => client.$queryRaw<StoredGap[]>`
        SELECT id, began_at, ended_at, reason FROM session_gaps
        WHERE session_id = ${safeText(sessionId)} AND ${rest}
        ORDER BY began_at, id LIMIT ${limit + 1}`,
    );
    return toPage(rows, limit, toGap, (row) => encodeCursor('gaps', [row.began_at.toISOString(), row.id]));
  }
}

function toGap({ id, began_at: from, ended_at: to, reason }: StoredGap): GapRow {
  return { id, from, to, durationMs: to.getTime() - from.getTime(), reason };
}
