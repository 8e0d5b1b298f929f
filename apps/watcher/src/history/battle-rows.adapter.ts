import type { DatabaseTransaction } from '../persistence/database.js';
import { safeJson } from '../persistence/safe-text.js';
import type { BattleDelta, BattleSideKey, FoldedBattles } from './folded-batch.js';
import { dateOf } from './row-values.js';

/** Adds what a batch says of battles. Everything is a maximum or a minimum. */
export async function writeBattles(tx: DatabaseTransaction, folded: FoldedBattles): Promise<void> {
  if (folded.battles.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO battles AS known (session_id, id, type, started_at, ends_at, duration_seconds, first_seen_at,
      last_seen_at, ended_at, cut_short)
    SELECT * FROM jsonb_to_recordset(${safeJson(folded.battles.map(battleRow))}::jsonb) AS g(session_id text, id bigint,
      type text, started_at timestamptz, ends_at timestamptz, duration_seconds int, first_seen_at timestamptz,
      last_seen_at timestamptz, ended_at timestamptz, cut_short boolean)
    ON CONFLICT (session_id, id) DO UPDATE SET
      type = GREATEST(known.type COLLATE "C", excluded.type COLLATE "C"),
      started_at = LEAST(known.started_at, excluded.started_at),
      ends_at = GREATEST(known.ends_at, excluded.ends_at),
      duration_seconds = GREATEST(known.duration_seconds, excluded.duration_seconds),
      first_seen_at = LEAST(known.first_seen_at, excluded.first_seen_at),
      last_seen_at = GREATEST(known.last_seen_at, excluded.last_seen_at),
      ended_at = LEAST(known.ended_at, excluded.ended_at),
      cut_short = known.cut_short OR excluded.cut_short`;
  await writeSides(tx, folded);
}

async function writeSides(tx: DatabaseTransaction, { sides, scores, contributors }: FoldedBattles): Promise<void> {
  if (sides.length === 0) return;
  const sideRows = sides.map(({ teamId, score, finalScore, result, ...key }) => ({
    ...keyRow(key),
    team_id: teamId,
    score,
    final_score: finalScore,
    result,
  }));
  await tx.$executeRaw`
    INSERT INTO battle_sides AS known (session_id, battle_id, kind, side_id, team_id, score, final_score, result)
    SELECT * FROM jsonb_to_recordset(${safeJson(sideRows)}::jsonb) AS g(session_id text, battle_id bigint, kind text,
      side_id bigint, team_id bigint, score bigint, final_score bigint, result text)
    ON CONFLICT (session_id, battle_id, kind, side_id) DO UPDATE SET
      team_id = GREATEST(known.team_id, excluded.team_id),
      score = GREATEST(known.score, excluded.score),
      final_score = GREATEST(known.final_score, excluded.final_score),
      result = GREATEST(known.result COLLATE "C", excluded.result COLLATE "C")`;
  if (scores.length === 0) return;
  const scoreRows = scores.map(({ at, score, ...key }) => ({ ...keyRow(key), at: new Date(at), score }));
  await tx.$executeRaw`
    INSERT INTO battle_scores AS known (session_id, battle_id, kind, side_id, at, score)
    SELECT * FROM jsonb_to_recordset(${safeJson(scoreRows)}::jsonb)
      AS g(session_id text, battle_id bigint, kind text, side_id bigint, at timestamptz, score bigint)
    ON CONFLICT (session_id, battle_id, kind, side_id, at) DO UPDATE SET
      score = GREATEST(known.score, excluded.score)`;
  if (contributors.length === 0) return;
  const viewerRows = contributors.map(({ viewerId, score, ...key }) => ({
    ...keyRow(key),
    viewer_id: viewerId,
    score,
  }));
  await tx.$executeRaw`
    INSERT INTO battle_contributors AS known (session_id, battle_id, kind, side_id, viewer_id, score)
    SELECT * FROM jsonb_to_recordset(${safeJson(viewerRows)}::jsonb)
      AS g(session_id text, battle_id bigint, kind text, side_id bigint, viewer_id bigint, score bigint)
    ON CONFLICT (session_id, battle_id, kind, side_id, viewer_id) DO UPDATE SET
      score = GREATEST(known.score, excluded.score)`;
}

function battleRow(battle: BattleDelta): object {
  return {
    session_id: battle.sessionId,
    id: battle.battleId,
    type: battle.type,
    started_at: dateOf(battle.startedAt),
    ends_at: dateOf(battle.endsAt),
    duration_seconds: battle.durationSeconds,
    first_seen_at: dateOf(battle.firstSeenAt),
    last_seen_at: dateOf(battle.lastSeenAt),
    ended_at: dateOf(battle.endedAt),
    cut_short: battle.cutShort,
  };
}

function keyRow({ sessionId, battleId, kind, sideId }: BattleSideKey): object {
  return { session_id: sessionId, battle_id: battleId, kind, side_id: sideId };
}
