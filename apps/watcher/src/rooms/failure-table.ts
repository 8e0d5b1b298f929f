import type { GapReason } from '@livetap/contracts';
import type { RoomClosed, RoomConnectFailure } from './room-connector.port.js';

/** Why a joined session is without a healthy socket; the contract's closed list for `room.gap`. */
export const GAP_REASONS = [
  'disconnected',
  'stalled',
  'refused',
  'quota',
  'restart',
  'failover',
  'backpressure',
  'frameRejected',
] as const satisfies readonly GapReason[];

/** What to do after a failed attempt or a closed socket. */
export interface FailureRule {
  readonly gapReason: GapReason;
  /** Ask the live checker before the next attempt: the stream may be over. */
  readonly ask: boolean;
  /** The next attempt comes no sooner, ms. A `retry-after` counts when it is longer. */
  readonly floorMs: number;
}

/** How a socket or an attempt ended. */
export interface Break {
  /** What the other side asked for, ms. */
  readonly retryAfterMs?: number;
  readonly closed?: RoomClosed;
}

/** Closed by ourselves: nothing can be admitted. */
export const PRESSURE_RULE: FailureRule = { gapReason: 'backpressure', ask: false, floorMs: 0 };

/** Attempts that never became a socket. None of them ends a live room; `ask` lets the checker decide that. */
export const CONNECT_FAILURES: Readonly<Record<RoomConnectFailure, FailureRule>> = {
  network: { gapReason: 'disconnected', ask: false, floorMs: 0 },
  timeout: { gapReason: 'disconnected', ask: false, floorMs: 0 },
  notLive: { gapReason: 'disconnected', ask: true, floorMs: 0 },
  refused: { gapReason: 'refused', ask: true, floorMs: 5_000 },
  restricted: { gapReason: 'refused', ask: true, floorMs: 30_000 },
  // Asking costs requests of the same budget: only wait.
  rateLimited: { gapReason: 'quota', ask: false, floorMs: 5_000 },
  // Back into the queue: the shared budget holds all rooms until the sign server answers again.
  quota: { gapReason: 'quota', ask: false, floorMs: 1_000 },
  configuration: { gapReason: 'refused', ask: false, floorMs: 60_000 },
};

/** Close codes with a meaning (RFC 6455 and its registry). */
export const CLOSE_CODES: ReadonlyMap<number, FailureRule> = new Map([
  // Closed on purpose: most often because the stream is over.
  [1000, { gapReason: 'disconnected', ask: true, floorMs: 0 }],
  [1001, { gapReason: 'disconnected', ask: false, floorMs: 0 }],
  [1002, { gapReason: 'disconnected', ask: false, floorMs: 0 }],
  [1003, { gapReason: 'refused', ask: true, floorMs: 5_000 }],
  [1005, { gapReason: 'disconnected', ask: true, floorMs: 0 }],
  [1006, { gapReason: 'disconnected', ask: false, floorMs: 0 }],
  [1007, { gapReason: 'disconnected', ask: false, floorMs: 0 }],
  [1008, { gapReason: 'refused', ask: true, floorMs: 5_000 }],
  [1009, { gapReason: 'disconnected', ask: false, floorMs: 0 }],
  [1010, { gapReason: 'refused', ask: true, floorMs: 5_000 }],
  [1011, { gapReason: 'disconnected', ask: false, floorMs: 0 }],
  [1012, { gapReason: 'disconnected', ask: false, floorMs: 0 }],
  [1013, { gapReason: 'quota', ask: false, floorMs: 5_000 }],
  [1014, { gapReason: 'disconnected', ask: false, floorMs: 0 }],
  [1015, { gapReason: 'disconnected', ask: false, floorMs: 0 }],
]);

const UNKNOWN_CLOSE: FailureRule = { gapReason: 'disconnected', ask: true, floorMs: 0 };

/** The rule for a close code; codes outside the table are retried, after asking, and are worth a count. */
export function ruleForClose(code: number): FailureRule & { readonly known: boolean } {
  const rule = CLOSE_CODES.get(code);
  return rule === undefined ? { ...UNKNOWN_CLOSE, known: false } : { ...rule, known: true };
}
