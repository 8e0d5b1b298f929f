import type { LiveCheckResult } from '../streamers/live-checker.port.js';
import type { SessionEndReason } from './session-pipeline.js';

/**
 * What a verdict means for a room: `go` on, it is `over`, in `doubt` (ask again), another room took its place, or the same
 * room ended and went live again while nobody watched.
 */
export type Judgement = 'go' | 'over' | 'doubt' | 'replaced' | 'restarted';

/** Sources give the start in whole seconds and may differ by a few; a live that began again differs by its length. */
const SAME_START_MS = 10_000;

/** The session that a verdict is held against. */
export interface JudgedSession {
  /** When its stream began, ms since the epoch, where that is known. */
  readonly startedAt?: number | undefined;
}

const OFFLINE_VERDICTS = 2;

/**
 * Decides when verdicts end a room: two `offline` (or `notFound`) in a row, or one when the other side had closed the
 * socket, or one when no session is open. `unknown` and `restricted` never do.
 */
export class VerdictJudge {
  #misses = 0;
  #closedByServer = false;

  /** True after a first `offline` verdict that nothing contradicted. */
  get doubtful(): boolean {
    return this.#misses > 0;
  }

  /** A socket was closed; `byServer`: not by us. */
  socketClosed(byServer: boolean): void {
    this.#closedByServer = byServer;
  }

  /** The room is live for certain: a frame came, or a new live begins. */
  reset(): void {
    this.#misses = 0;
    this.#closedByServer = false;
  }

  judge(result: LiveCheckResult, roomId: string | undefined, session: JudgedSession | undefined): Judgement {
    const { verdict } = result;
    if (isLive(result) && result.roomId !== undefined) {
      this.reset();
      if (result.roomId !== roomId) return 'replaced';
      return beganLater(result.startedAt, session?.startedAt) ? 'restarted' : 'go';
    }
    if (verdict !== 'offline' && verdict !== 'notFound') return 'go';
    this.#misses += 1;
    return session === undefined || this.#closedByServer || this.#misses >= OFFLINE_VERDICTS ? 'over' : 'doubt';
  }
}

/** A paused stream has a room and comes back: it counts as live. */
export function isLive(result: LiveCheckResult): boolean {
  return result.verdict === 'live' || result.verdict === 'paused';
}

/** Why a session ends by this verdict. */
export function endReasonOf(result: LiveCheckResult): SessionEndReason {
  if (isLive(result)) return 'replaced';
  return result.verdict === 'notFound' ? 'suspended' : 'offline';
}

/** True when two starts (ms since the epoch) are known and too far apart to be one live. */
export function beganLater(now: number | undefined, then: number | undefined): boolean {
  return now !== undefined && then !== undefined && now - then > SAME_START_MS;
}
