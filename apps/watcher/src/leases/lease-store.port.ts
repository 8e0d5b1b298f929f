import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';

/** The right of one replica to watch one streamer. */
export interface Lease {
  readonly streamerId: string;
  /** Rises by 1 at each taking, for ever, also when a restarted process takes back its own. */
  readonly epoch: number;
  /** Written by the last owner; null when the streamer was never watched or its last session was closed. */
  readonly checkpoint: PipelineCheckpoint | null;
}

export interface LeaseRenewal {
  readonly streamerId: string;
  readonly epoch: number;
  /** undefined: leave the stored checkpoint as it is; null: clear it. */
  readonly checkpoint?: PipelineCheckpoint | null;
}

/** Who owns which streamer. Times are the database's own. */
export interface LeaseStore {
  /**
   * Takes up to `limit` leases of streamers that are not paused and that nobody holds: free ones, expired ones, and at
   * `reclaim` also those that this replica id itself still holds from an earlier process. Each taking raises the epoch.
   */
  acquire(request: { replicaId: string; ttlMs: number; limit: number; reclaim: boolean }): Promise<readonly Lease[]>;
  /** Renews all given leases and writes their checkpoints in one statement. Returns the ids that are no longer ours. */
  renew(request: {
    replicaId: string;
    ttlMs: number;
    renewals: readonly LeaseRenewal[];
  }): Promise<{ readonly lost: readonly string[] }>;
  /** Gives leases up, with their last checkpoints; they can be taken at once. */
  release(request: { replicaId: string; renewals: readonly LeaseRenewal[] }): Promise<void>;
}

export const LEASE_STORE = Symbol('LeaseStore');
