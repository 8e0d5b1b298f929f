/** Hints by the store that leases or offers have changed. They may be late, doubled or missing: looking is the truth. */
export interface LeaseHints {
  /** Calls back at each hint for this replica, until `stop`. A store that is away is tried again and again. */
  listen(replicaId: string, onHint: () => void): void;
  stop(): Promise<void>;
}

export const LEASE_HINTS = Symbol('LeaseHints');
