/**
 * How a request to the sign server ended. `checked`: it was no signature, but a live check. `rateLimited`: over its quota.
 * `cancelled`: the room did not want it any more.
 */
export const SIGN_OUTCOMES = ['signed', 'checked', 'rateLimited', 'refused', 'unreachable', 'cancelled'] as const;
export type SignOutcome = (typeof SIGN_OUTCOMES)[number];

export const SIGN_WINDOWS = ['minute', 'hour', 'day'] as const;
export type SignWindow = (typeof SIGN_WINDOWS)[number];

/** What an answer of the sign server says about its quota. */
export interface QuotaAnswer {
  /** Requests that the window allows. */
  readonly limit?: number | undefined;
  /** Requests that it will still answer in the window. */
  readonly remaining?: number | undefined;
  /** When the window begins anew by the server's own clock, whole seconds since the epoch: names the window. */
  readonly resetMark?: number | undefined;
  /** The same from the moment of the answer on, ms. */
  readonly resetInMs?: number | undefined;
  /** Which window the figures are of, where the server says. */
  readonly window?: SignWindow | undefined;
  /** The quota is used up: ask again after so long, ms. */
  readonly retryAfterMs?: number | undefined;
}

/** The right to one request to the sign server. Exactly one of the methods counts: the first that is called. */
export interface SignPermit {
  /** False when its time is over: it has to be given back, and another one asked for. */
  readonly valid: boolean;
  /** The request was sent and ended; `answer` when there was one. */
  spent(outcome: SignOutcome, answer?: QuotaAnswer): void;
  /** No request was sent. */
  unused(): void;
}

export interface PermitRequest {
  /** 0 (least) to 100 (most). */
  readonly priority: number;
  /** Since when the room has no socket; monotonic ms. */
  readonly waitingSince: number;
  readonly signal: AbortSignal;
  /** Called once when there is none at once; never before `acquire` has returned. */
  readonly onWaiting: () => void;
}

/** Why rooms wait: the quota is used up, the server asked to wait, or the database is away and nothing is in reserve. */
export const QUOTA_WAITS = ['quota', 'asked', 'database'] as const;
export type QuotaWait = (typeof QUOTA_WAITS)[number];

export interface SignWindowStatus {
  readonly window: SignWindow;
  readonly limit: number;
  /** What the fleet may still reserve. */
  readonly remaining: number;
  /** ms. */
  readonly resetInMs: number;
}

export interface SignBudgetStatus {
  /** Empty until a signature was asked for. */
  readonly windows: readonly SignWindowStatus[];
  /** Reserved by this replica, and not answered yet. */
  readonly reserved: number;
  /** The same of the whole fleet, as of the last look. */
  readonly fleetReserved: number;
  /** Rooms of this replica that wait for a signature. */
  readonly waiting: number;
  /** Absent while nobody waits. */
  readonly waitingFor?: QuotaWait;
  /** The server asked for a pause that still lasts so long, ms; 0 without one. */
  readonly blockedForMs: number;
  readonly databaseAway: boolean;
  readonly outcomes: Readonly<Record<SignOutcome, number>>;
}

/** The one budget of requests to the sign server that all replicas share. */
export interface SignBudget {
  /**
   * Resolves when a request may be sent: at once, or after waiting with the others in order of priority and time.
   * @throws SignQueueFullError when too many wait already, or the signal's reason
   */
  acquire(request: PermitRequest): Promise<SignPermit>;
  /** For what is not worth waiting for (live checks): undefined unless plenty is left. */
  tryAcquire(): Promise<SignPermit | undefined>;
  status(): SignBudgetStatus;
}

/** More rooms wait for a signature than may. */
export class SignQueueFullError extends Error {
  override readonly name = 'SignQueueFullError';
}

export const SIGN_BUDGET = Symbol('SignBudget');
