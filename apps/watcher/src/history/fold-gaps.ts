import { EARLIEST_RECEIPT, isReceipt, readCount, readTime, type EventFacts } from './event-facts.js';
import type { SessionGap } from './folded-batch.js';

/** Livetap names a reason in fewer characters. */
const MAX_REASON = 60;

/**
 * The interval that a `room.gap` event tells. What one of another shape does not say is made up from what is known: its end is the
 * receipt of the event, its reason `unknown`; so every gap that is counted has a row, and the rows add up to what is counted.
 */
export function gapOf({ sessionId, id, recordedAt, data }: EventFacts): SessionGap {
  const reason = typeof data['reason'] === 'string' && data['reason'] !== '' ? data['reason'] : 'unknown';
  const [from, to] = [readTime(data['from']), readTime(data['to'])];
  const told = from !== undefined && to !== undefined && isReceipt(from) && isReceipt(to) && from <= to;
  return {
    sessionId,
    id,
    from: told ? from : Math.max(EARLIEST_RECEIPT, recordedAt - readCount(data['durationMs'])),
    to: told ? to : recordedAt,
    reason: reason.slice(0, MAX_REASON),
  };
}
