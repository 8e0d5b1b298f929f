import { Prisma, type Database } from '../persistence/database.js';

/** Sessions whose rows go in one statement: short enough that nobody waits for it. */
const SESSIONS_AT_ONCE = 200;
const ROWS_AT_ONCE = 5_000;

/** Moments before which rows are too old, ms since the epoch. */
export interface PeopleHorizon {
  /** What people gave, and names. */
  readonly gifters: number;
  /** Who was in a session. */
  readonly viewers: number;
  /** Points of battles over time, and gaps. */
  readonly series: number;
}

/**
 * Deletes the rows of sessions whose last event is too old, all-time totals of people who have not given for so long, and
 * names that nothing refers to any more; in short statements until all are gone or `goOn` says no. @returns how many rows
 */
export async function prunePeople(database: Database, horizon: PeopleHorizon, goOn: () => boolean): Promise<number> {
  const gifters = new Date(horizon.gifters);
  const statements = [
    ofOldSessions('session_gifters', gifters),
    ofOldSessions('battle_contributors', gifters),
    ofOldSessions('session_viewers', new Date(horizon.viewers)),
    ofOldSessions('battle_scores', new Date(horizon.series)),
    ofOldSessions('session_gaps', new Date(horizon.series)),
    Prisma.sql`DELETE FROM streamer_gifters WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM streamer_gifters WHERE last_at < ${gifters} LIMIT ${ROWS_AT_ONCE}))`,
    Prisma.sql`DELETE FROM viewers WHERE ctid = ANY(ARRAY(
      SELECT v.ctid FROM viewers v
      WHERE GREATEST(v.unique_id_seen_at, v.nickname_seen_at) < ${gifters}
        AND NOT EXISTS (SELECT FROM session_gifters g WHERE g.viewer_id = v.id)
        AND NOT EXISTS (SELECT FROM streamer_gifters g WHERE g.viewer_id = v.id)
        AND NOT EXISTS (SELECT FROM battle_contributors c WHERE c.viewer_id = v.id)
        AND NOT EXISTS (SELECT FROM battle_sides s WHERE s.side_id = v.id AND s.kind = 'host')
      LIMIT ${ROWS_AT_ONCE}))`,
  ];
  let rows = 0;
  for (const statement of statements) {
    let gone = 1;
    while (gone > 0 && goOn()) {
      gone = await database.run((client) => client.$executeRaw(statement));
      rows += gone;
    }
  }
  return rows;
}

function ofOldSessions(
  table: 'session_gifters' | 'session_viewers' | 'session_gaps' | 'battle_contributors' | 'battle_scores',
  before: Date,
): Prisma.Sql {
  const name = Prisma.raw(table);
  return Prisma.sql`DELETE FROM ${name} WHERE session_id = ANY(ARRAY(
    SELECT s.id FROM sessions s
    WHERE s.last_event_at < ${before} AND EXISTS (SELECT FROM ${name} r WHERE r.session_id = s.id)
    ORDER BY s.last_event_at LIMIT ${SESSIONS_AT_ONCE}))`;
}
