import type { DatabaseTransaction } from '../persistence/database.js';
import { safeJson } from '../persistence/safe-text.js';
import { DID } from './fold-viewers.js';
import type { SeenViewer, SessionViewer } from './folded-batch.js';
import { dateOf } from './row-values.js';

/** How many people did something in a session for the first time. */
export interface NewPeople {
  readonly viewers: number;
  readonly chatters: number;
  readonly gifters: number;
  readonly followers: number;
}

interface CountedPeople extends NewPeople {
  readonly session_id: string;
}

/**
 * Writes down who was in the sessions. @returns by session how many people are new in it, or new in what they did.
 * Exact because nobody else writes rows of these sessions meanwhile (the fold's locks).
 */
export async function countPeople(
  tx: DatabaseTransaction,
  viewers: readonly SessionViewer[],
): Promise<ReadonlyMap<string, NewPeople>> {
  if (viewers.length === 0) return new Map();
  const input = viewers.map(({ sessionId, viewerId, did }) => ({ session_id: sessionId, viewer_id: viewerId, did }));
  const rows = await tx.$queryRaw<CountedPeople[]>`
    WITH given AS MATERIALIZED (
      SELECT g.session_id, g.viewer_id, g.did, known.did AS before, g.did & ~COALESCE(known.did, 0::smallint) AS fresh
      FROM jsonb_to_recordset(${safeJson(input)}::jsonb) AS g(session_id text, viewer_id bigint, did smallint)
      LEFT JOIN session_viewers AS known USING (session_id, viewer_id)
    ), written AS (
      INSERT INTO session_viewers AS known (session_id, viewer_id, did)
      SELECT session_id, viewer_id, did FROM given WHERE fresh <> 0
      ON CONFLICT (session_id, viewer_id) DO UPDATE SET did = known.did | excluded.did
    )
    SELECT session_id, count(*) FILTER (WHERE before IS NULL)::int AS viewers,
      count(*) FILTER (WHERE fresh & ${DID.wrote}::smallint <> 0)::int AS chatters,
      count(*) FILTER (WHERE fresh & ${DID.gave}::smallint <> 0)::int AS gifters,
      count(*) FILTER (WHERE fresh & ${DID.followed}::smallint <> 0)::int AS followers
    FROM given WHERE fresh <> 0 GROUP BY session_id`;
  return new Map(rows.map(({ session_id, ...people }) => [session_id, people]));
}

/** Writes the newest names of people. */
export async function writeNames(tx: DatabaseTransaction, names: readonly SeenViewer[]): Promise<void> {
  if (names.length === 0) return;
  const input = names.map(({ id, uniqueId, nickname }) => ({
    id,
    unique_id: uniqueId?.name,
    unique_id_seen_at: dateOf(uniqueId?.seenAt),
    nickname: nickname?.name,
    nickname_seen_at: dateOf(nickname?.seenAt),
  }));
  // The same people give in many rooms: everyone takes their rows in the same order.
  await tx.$executeRaw`
    INSERT INTO viewers AS known (id, unique_id, unique_id_seen_at, nickname, nickname_seen_at)
    SELECT * FROM jsonb_to_recordset(${safeJson(input)}::jsonb) AS g(id bigint, unique_id text,
      unique_id_seen_at timestamptz, nickname text, nickname_seen_at timestamptz)
    ORDER BY id
    ON CONFLICT (id) DO UPDATE SET
      unique_id = CASE WHEN excluded.unique_id IS NULL THEN known.unique_id
        WHEN known.unique_id IS NULL OR (excluded.unique_id_seen_at, excluded.unique_id COLLATE "C")
          > (known.unique_id_seen_at, known.unique_id COLLATE "C") THEN excluded.unique_id ELSE known.unique_id END,
      unique_id_seen_at = GREATEST(known.unique_id_seen_at, excluded.unique_id_seen_at),
      nickname = CASE WHEN excluded.nickname IS NULL THEN known.nickname
        WHEN known.nickname IS NULL OR (excluded.nickname_seen_at, excluded.nickname COLLATE "C")
          > (known.nickname_seen_at, known.nickname COLLATE "C") THEN excluded.nickname ELSE known.nickname END,
      nickname_seen_at = GREATEST(known.nickname_seen_at, excluded.nickname_seen_at)`;
}
