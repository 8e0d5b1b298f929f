import type { DatabaseTransaction } from '../persistence/database.js';
import { safeJson } from '../persistence/safe-text.js';
import type { EventFacts } from './event-facts.js';
import { everybodyIn, isErased, type Erasure } from './fold-erasures.js';

/** An event that was not folded before, and its bytes. */
export interface ArchiveInput {
  readonly facts: EventFacts;
  readonly value: Buffer;
}

/** Keeps whole events. Those that have an erased viewer in them are left out as a whole. */
export async function archiveEvents(
  tx: DatabaseTransaction,
  inputs: readonly ArchiveInput[],
  erasures: ReadonlyMap<string, Erasure>,
): Promise<void> {
  const rows = inputs.flatMap(({ facts, value }) => {
    const people = everybodyIn(facts.data);
    if (people.some((id) => isErased(id, facts.recordedAt, erasures))) return [];
    return {
      key: facts.key,
      recorded_at: new Date(facts.recordedAt),
      type: facts.name,
      session_id: facts.sessionId,
      unique_id: facts.uniqueId,
      viewer_ids: people,
      event: JSON.parse(value.toString('utf8')) as unknown,
    };
  });
  if (rows.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO archived_events (key, recorded_at, type, session_id, unique_id, viewer_ids, event)
    SELECT key, recorded_at, type, session_id, unique_id, viewer_ids, event
    FROM jsonb_to_recordset(${safeJson(rows)}::jsonb) AS g(key uuid, recorded_at timestamptz, type text, session_id text,
      unique_id text, viewer_ids bigint[], event jsonb)
    ON CONFLICT DO NOTHING`;
}
