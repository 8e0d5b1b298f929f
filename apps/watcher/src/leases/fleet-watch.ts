import { type Gift, membersOf, planGifts, shareOf } from './fair-share.js';
import type { Fleet, FleetReplica } from './lease-store.port.js';

export interface FleetWatchOptions {
  readonly replicaId: string;
  /** How long a lease lasts without renewal, ms. */
  readonly ttlMs: number;
  /** Time between two looks when all is well, ms. */
  readonly renewMs: number;
}

/** A replica that missed its renewal by so much is looked at more often, ms. */
const LATE_MS = 2_000;
/** The fleet must have been the same for so long before leases move, ms: a replica that comes and goes moves nothing. */
const STEADY_MS = 8_000;

/**
 * What this replica knows of the fleet, and what follows from it: how many free leases are its own to take, what it should
 * give to others, whether those that ran out may be taken at all. Times are monotonic ms. No clock of its own.
 */
export class FleetWatch {
  readonly #o: FleetWatchOptions;
  #fleet: Fleet | undefined;
  #members: readonly FleetReplica[] = [];
  #seenAt = 0;
  #steadySince = 0;
  /** Until then others may be late with their renewals through no fault of theirs. */
  #sparingUntil = 0;
  /** Until then leases of a replica that is gone may run out. */
  #alertUntil = 0;

  constructor(options: FleetWatchOptions) {
    this.#o = options;
  }

  /** A look succeeded, at a time. */
  saw(fleet: Fleet, at: number): void {
    const { replicaId, ttlMs, renewMs } = this.#o;
    const before = this.#fleet;
    const members = membersOf(fleet, replicaId, 2 * renewMs);
    // Whoever could not reach the database for that long knows nothing of the others, who may have been cut off as well.
    if (before !== undefined && at - this.#seenAt > ttlMs - renewMs - LATE_MS) this.#spare(at + ttlMs);
    // A clock of the database that jumped makes leases run out that nobody was late to renew.
    if (before !== undefined && fleet.now - before.now - (at - this.#seenAt) > ttlMs / 3) this.#spare(at + ttlMs);
    // A server that was just started could be reached by nobody before.
    if (fleet.now - fleet.upSince < ttlMs) this.#spare(at + ttlMs - Math.max(0, fleet.now - fleet.upSince));
    if (namesOf(members) !== namesOf(this.#members)) this.#steadySince = at;
    if (before?.replicas.some(({ id }) => !fleet.replicas.some((now) => now.id === id)) === true)
      this.#alertUntil = at + ttlMs;
    this.#fleet = fleet;
    this.#members = members;
    this.#seenAt = at;
  }

  /** Those that get leases, this one included, as last seen. */
  get members(): readonly FleetReplica[] {
    return this.#members;
  }

  /** True when there is somebody to hand leases to, or to get them from: also one that is just going. */
  company(at: number): boolean {
    return (this.#fleet?.replicas.length ?? 0) > 1 || at < this.#alertUntil;
  }

  /** Free leases that are this replica's to take; none before the first look. */
  get share(): number {
    return this.#fleet === undefined ? 0 : shareOf(this.#members, this.#o.replicaId, this.#fleet.total);
  }

  /** True while leases that ran out under another owner are to be left alone. */
  sparing(at: number): boolean {
    return at < this.#sparingUntil;
  }

  /** True when something may have to be taken over soon: look every second. */
  alert(at: number): boolean {
    if (this.#fleet === undefined || at < this.#alertUntil || this.#fleet.free > 0) return true;
    return this.#someoneIsLate;
  }

  get #someoneIsLate(): boolean {
    return this.#fleet?.replicas.some(({ silentMs }) => silentMs > this.#o.renewMs + LATE_MS) === true;
  }

  /** What this replica should give to others now. Nothing unless the fleet is steady, all are punctual and every lease is held. */
  gifts(at: number): readonly Gift[] {
    const steady = at - this.#steadySince >= STEADY_MS && !this.sparing(at) && !this.#someoneIsLate;
    if (this.#fleet === undefined || this.#fleet.free > 0 || !steady) return [];
    return planGifts(this.#members, this.#o.replicaId);
  }

  #spare(until: number): void {
    this.#sparingUntil = Math.max(this.#sparingUntil, until);
  }
}

function namesOf(members: readonly FleetReplica[]): string {
  return members.map(({ id }) => id).join(' ');
}
