import type { GapReason } from '@livetap/contracts';
import { newCounters, type PipelineCounters } from '../pipeline/pipeline-counters.js';
import { GAP_REASONS } from './failure-table.js';

/** Figures over all rooms since the process began; they only rise. Closed sets of labels, all present from the start. */
export interface RoomCounters {
  /** What the pipelines of closed sessions have done; those of open ones are added when the figures are read. */
  pipeline: PipelineCounters;
  /** Messages that came on a socket after its session was over. */
  messagesAfterEnd: number;
  sessionsStarted: number;
  sessionsResumed: number;
  sessionsEnded: number;
  /** Sockets opened for a session that had one before, by why it was needed. */
  readonly reconnects: Record<GapReason, number>;
  readonly gaps: Record<GapReason, number>;
  readonly gapMs: Record<GapReason, number>;
  /** Attempts that never became a socket. */
  connectFailures: number;
  /** Sockets closed with a code outside the table. */
  unknownCloseCodes: number;
}

export function newRoomCounters(): RoomCounters {
  const zero = (): Record<GapReason, number> =>
    Object.fromEntries(GAP_REASONS.map((reason) => [reason, 0])) as Record<GapReason, number>;
  return {
    pipeline: newCounters(),
    messagesAfterEnd: 0,
    sessionsStarted: 0,
    sessionsResumed: 0,
    sessionsEnded: 0,
    reconnects: zero(),
    gaps: zero(),
    gapMs: zero(),
    connectFailures: 0,
    unknownCloseCodes: 0,
  };
}

/** The sum of two sets of figures, member by member. */
export function addPipelineCounters(a: PipelineCounters, b: PipelineCounters): PipelineCounters {
  return addMembers(a, b) as PipelineCounters;
}

function addMembers(a: object, b: object): object {
  const sum: Record<string, unknown> = { ...a };
  for (const [name, value] of Object.entries(b) as [string, unknown][]) {
    const other = sum[name];
    if (typeof value === 'number') sum[name] = value + (typeof other === 'number' ? other : 0);
    else if (typeof value === 'object' && value !== null) sum[name] = addMembers(other ?? {}, value);
  }
  return sum;
}
