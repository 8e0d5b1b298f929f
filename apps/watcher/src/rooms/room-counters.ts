import type { GapReason } from '@livetap/contracts';
import { GAP_REASONS } from './failure-table.js';

/** Figures over all rooms since the process began; they only rise. Closed sets of labels, all present from the start. */
export interface RoomCounters {
  frames: number;
  messages: number;
  rejectedFrames: number;
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
    frames: 0,
    messages: 0,
    rejectedFrames: 0,
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
