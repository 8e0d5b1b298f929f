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

export interface AcquireRequest {
  readonly replicaId: string;
  readonly ttlMs: number;
  /** Taken at most, of all kinds. */
  readonly limit: number;
  /** Also those that this replica id itself still holds from an earlier process. */
  readonly reclaim: boolean;
  /**
   * How many of those that became free just now; default all. Beyond it only own ones, those kept for this replica, and
   * those that nobody took for `OVERDUE_MS`: whoever was to take them does not.
   */
  readonly share?: number;
  /** Leave alone what ran out under another owner: it could not renew while the database was away. Default false. */
  readonly sparing?: boolean;
}

/** A free lease is kept for those whose share it is for so long, then anyone takes it, ms. */
export const OVERDUE_MS = 3_000;

/** A replica that takes leases, as the database sees it. */
export interface FleetReplica {
  readonly id: string;
  /** Leases that it holds and that have not run out. */
  readonly held: number;
  /** Of those, offered to others. */
  readonly giving: number;
  /** Leases offered to it, or released to it and not taken yet. */
  readonly getting: number;
  /** Since it renewed its leases last, ms. */
  readonly silentMs: number;
}

/** One look at the fleet; all figures are of one moment. */
export interface Fleet {
  /** Those that take leases and renewed within the time of one, and this one, in order of id. */
  readonly replicas: readonly FleetReplica[];
  /** Leases of streamers that are not paused. */
  readonly total: number;
  /** Of those, the ones that nobody holds now. */
  readonly free: number;
  /** The database's clock, ms since the epoch. */
  readonly now: number;
  /** Since when the database server runs, ms since the epoch. */
  readonly upSince: number;
}

/** An owner offers a lease to another replica, which says when it is ready to take it. */
export interface LeaseOffer {
  readonly streamerId: string;
  readonly epoch: number;
  readonly to: string;
}

/** Where the offered replica has a socket open, when the streamer has no open session. */
export const NO_ROOM = '';

/** An offer of this replica, as it stands. */
export interface OfferMade {
  readonly streamerId: string;
  readonly epoch: number;
  readonly to: string;
  /** Room in which the other has a socket open (`NO_ROOM`: there is none to open); undefined until it is ready. */
  readonly readyRoom?: string;
}

/** An offer to this replica. */
export interface OfferReceived {
  readonly streamerId: string;
  /** Of the owner, or of the last one when it was released already. */
  readonly epoch: number;
  /** Room of the owner's open session by its stored checkpoint, else `NO_ROOM`. */
  readonly roomId: string;
  /** The owner has released it, or its lease ran out: it can be taken. */
  readonly released: boolean;
}

export interface Offers {
  readonly made: readonly OfferMade[];
  readonly received: readonly OfferReceived[];
}

/** Who owns which streamer. Times are the database's own. Failures reject; everything may be tried again. */
export interface LeaseStore {
  /**
   * Takes leases of streamers that are not paused and that nobody holds: free ones, expired ones, and whatever else the
   * request says. Each taking raises the epoch.
   */
  acquire(request: AcquireRequest): Promise<readonly Lease[]>;
  /** Renews all given leases and writes their checkpoints in one statement. Returns the ids that are no longer ours. */
  renew(request: {
    replicaId: string;
    ttlMs: number;
    renewals: readonly LeaseRenewal[];
  }): Promise<{ readonly lost: readonly string[] }>;
  /**
   * Gives leases up, with their last checkpoints; they can be taken at once, those of an offer by the other replica only
   * until `OVERDUE_MS` have passed.
   */
  release(request: { replicaId: string; renewals: readonly LeaseRenewal[] }): Promise<void>;
  /** Says whether this replica takes leases, and looks at the fleet. */
  beat(request: { replicaId: string; ttlMs: number; takes: boolean }): Promise<Fleet>;
  /** This replica takes no more leases; what is offered to it is declined. */
  retire(replicaId: string): Promise<void>;
  /** Offers leases that this replica holds; an earlier offer of the same lease is replaced. */
  offer(request: { replicaId: string; offers: readonly LeaseOffer[] }): Promise<void>;
  /** Takes offers back, unless their leases are released already. */
  withdraw(request: { replicaId: string; streamerIds: readonly string[] }): Promise<void>;
  /** Offers that concern this replica; of streamers that are not paused. */
  offers(replicaId: string): Promise<Offers>;
  /** Says to the owners that this replica has a socket open in these rooms, or (undefined) that it does not want the lease. */
  answer(request: {
    replicaId: string;
    answers: readonly { readonly streamerId: string; readonly epoch: number; readonly readyRoom: string | undefined }[];
  }): Promise<void>;
}

export const LEASE_STORE = Symbol('LeaseStore');
