import type { DatabaseTransaction } from '../persistence/database.js';
import { safeJson } from '../persistence/safe-text.js';
import type { SessionGap } from './folded-batch.js';
import { dateOf } from './row-values.js';

/**
 * Writes the gaps of a batch. Each is one event; of events with the same id the first one counts, also when its repeat is not
 * known as one any more.
 */
export async function writeGaps(tx: DatabaseTransaction, gaps: readonly SessionGap[]): Promise<void> {
  if (gaps.length === 0) return;
  const input = gaps.map(({ sessionId, id, from, to, reason }) => ({
    session_id: sessionId,
    id,
    began_at: dateOf(from),
    ended_at: dateOf(to),
    reason,
  }));
  await tx.$executeRaw`
    INSERT INTO session_gaps (session_id, id, began_at, ended_at, reason)
    SELECT * FROM jsonb_to_recordset(${safeJson(input)}::jsonb)
      AS g(session_id text, id text, began_at timestamptz, ended_at timestamptz, reason text)
    ON CONFLICT (session_id, id) DO NOTHING`;
}
