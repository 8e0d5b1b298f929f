import type { QuotaAnswer, SignWindow } from './sign-budget.port.js';

/** One window of the shared budget; times from the moment of the answer on, ms. */
export interface BudgetWindow {
  readonly window: SignWindow;
  readonly limit: number;
  /** What may still be reserved; at least 0. */
  readonly remaining: number;
  readonly resetInMs: number;
}

export interface ReserveRequest {
  /** Which key of which sign server: hex of a hash, never the key. */
  readonly keyHash: string;
  readonly replicaId: string;
  /** Requests wanted at once; 0 only looks. */
  readonly wanted: number;
}

export interface Reservation {
  /** May be less than wanted, also 0. */
  readonly granted: number;
  /** Names the time in which they were reserved; given back with `settle`. */
  readonly generation: string;
  /** They must be sent within this time of the call's begin, ms. */
  readonly validForMs: number;
  /** When less than wanted was granted: not before so long is there more, ms. */
  readonly waitMs: number;
  /** The server asked for a pause that still lasts so long, ms. */
  readonly blockedForMs: number;
  readonly windows: readonly BudgetWindow[];
  /** Reserved by the fleet and not settled yet. */
  readonly outstanding: number;
  /** True for one replica in a minute: it is to ask the server for its limits and say them with `observe`. */
  readonly ask: boolean;
  /** Requests a minute that this replica may send while it cannot reach this store; set aside for it. */
  readonly floor: number;
}

export interface Settlement {
  readonly keyHash: string;
  readonly generation: string;
  readonly count: number;
  /** They were not sent: they go back. */
  readonly unused: boolean;
  /** What the server said in its answer. */
  readonly answer?: QuotaAnswer | undefined;
}

/** How the shared budget reckons; ms. */
export const BUDGET_RULES = {
  /** Lengths of the windows until the server says when they end. */
  lengthMs: { minute: 60_000, hour: 3_600_000, day: 86_400_000 },
  /** A window that the server has not confirmed yet ends so much later than it should. */
  slackMs: 2_000,
  /** Two resets of one window may differ by this, seconds. */
  markTolerance: 2,
  /** Requests a minute for a server that does not tell its limits. */
  assumedPerMinute: 10,
  /** How long the first answer about the limits is waited for before they are assumed. */
  firstAnswerMs: 10_000,
  /** How soon to look again meanwhile. */
  firstLookMs: 250,
  /** A used-up window whose end the server has not named yet is looked at again so soon: its true end is known with the next answer. */
  unconfirmedLookMs: 2_000,
  /** How often the server is asked for its limits, by one replica for all. */
  askMs: 60_000,
  /** Set aside for a replica that loses the store: share of the minute of all replicas together, and for how many minutes. */
  floorShare: 0.05,
  floorMinutes: 10,
  /** At most this share of a window is set aside. */
  maxSetAside: 0.1,
} as const;

/** The part of the quota of one window that is set aside for `floor` requests a minute. */
export function setAsideFactor(window: SignWindow): number {
  return window === 'minute' ? 1 : BUDGET_RULES.floorMinutes;
}

/**
 * The budget of requests to the sign server that all replicas share, one row for each key. All times are the store's own.
 * Each call is one atomic step and waits for others at most a second. The fleet never reserves more than the server's
 * quota leaves: what was reserved and not settled counts as used, also into the next window.
 */
export interface SignBudgetStore {
  /** Takes up to `wanted` requests out of the budget. @throws DatabaseError, retryable when the store is away or busy */
  reserve(request: ReserveRequest): Promise<Reservation>;
  /** Requests that were reserved were answered, failed, or were not sent. @throws as above */
  settle(settlement: Settlement): Promise<void>;
  /** What the server says about its windows when it is asked. @throws as above */
  observe(keyHash: string, answers: readonly QuotaAnswer[]): Promise<void>;
}

export const SIGN_BUDGET_STORE = Symbol('SignBudgetStore');
