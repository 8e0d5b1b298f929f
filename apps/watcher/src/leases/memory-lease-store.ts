import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import type { Lease, LeaseRenewal, LeaseStore } from './lease-store.port.js';

interface LeaseRow {
  owner: string | null;
  epoch: number;
  expiresAt: number;
  checkpoint: PipelineCheckpoint | null;
}

/** A streamer that can be leased, as the memory store needs to know it. */
export interface LeasableStreamer {
  readonly id: string;
  readonly uniqueId: string;
  readonly paused: boolean;
  readonly priority: number;
}

/**
 * The lease store in memory, for tests: same contract suite as the Postgres one. `streamers` is asked at each `acquire`
 * and says which streamers exist now; `now` plays the database's clock. Epochs follow the name, as in the database:
 * a streamer that is removed and added again goes on counting.
 */
export class MemoryLeaseStore implements LeaseStore {
  readonly #rows = new Map<string, LeaseRow>();
  readonly #names = new Map<string, string>();
  readonly #retiredEpochs = new Map<string, number>();
  readonly #streamers: () => readonly LeasableStreamer[];
  readonly #now: () => number;

  constructor(options: { streamers: () => readonly LeasableStreamer[]; now?: () => number }) {
    this.#streamers = options.streamers;
    this.#now = options.now ?? Date.now;
  }

  async acquire(request: {
    replicaId: string;
    ttlMs: number;
    limit: number;
    reclaim: boolean;
  }): Promise<readonly Lease[]> {
    const now = this.#now();
    this.#sync();
    const free = [...this.#streamers()]
      .sort((a, b) => b.priority - a.priority || Number(a.id) - Number(b.id))
      .filter((streamer) => {
        const row = this.#rows.get(streamer.id);
        if (streamer.paused || row === undefined) return false;
        return row.owner === null || row.expiresAt <= now || (request.reclaim && row.owner === request.replicaId);
      })
      .slice(0, Math.max(0, request.limit));
    return free.map(({ id }) => {
      const row = this.#rows.get(id)!;
      row.owner = request.replicaId;
      row.epoch += 1;
      row.expiresAt = now + request.ttlMs;
      return { streamerId: id, epoch: row.epoch, checkpoint: structuredClone(row.checkpoint) };
    });
  }

  async renew(request: {
    replicaId: string;
    ttlMs: number;
    renewals: readonly LeaseRenewal[];
  }): Promise<{ readonly lost: readonly string[] }> {
    this.#sync();
    const lost: string[] = [];
    for (const renewal of request.renewals) {
      const row = this.#owned(request.replicaId, renewal);
      if (row === undefined) {
        lost.push(renewal.streamerId);
        continue;
      }
      row.expiresAt = this.#now() + request.ttlMs;
      if (renewal.checkpoint !== undefined) row.checkpoint = structuredClone(renewal.checkpoint);
    }
    return { lost };
  }

  async release(request: { replicaId: string; renewals: readonly LeaseRenewal[] }): Promise<void> {
    this.#sync();
    for (const renewal of request.renewals) {
      const row = this.#owned(request.replicaId, renewal);
      if (row === undefined) continue;
      row.owner = null;
      if (renewal.checkpoint !== undefined) row.checkpoint = structuredClone(renewal.checkpoint);
    }
  }

  /** Ends a lease as if its time had passed without renewal (tests of expiry and of a lease that another took). */
  expire(streamerId: string): void {
    const row = this.#rows.get(streamerId);
    if (row !== undefined) row.expiresAt = Number.NEGATIVE_INFINITY;
  }

  /** What is stored with the lease; null when nothing is. */
  checkpointOf(streamerId: string): PipelineCheckpoint | null {
    return this.#rows.get(streamerId)?.checkpoint ?? null;
  }

  /** Who holds the lease now, undefined when nobody does. */
  ownerOf(streamerId: string): string | undefined {
    const row = this.#rows.get(streamerId);
    return row && row.owner !== null && row.expiresAt > this.#now() ? row.owner : undefined;
  }

  #owned(replicaId: string, renewal: LeaseRenewal): LeaseRow | undefined {
    const row = this.#rows.get(renewal.streamerId);
    return row?.owner === replicaId && row.epoch === renewal.epoch ? row : undefined;
  }

  /** Follows the list of streamers: new ones get a row, rows of removed ones leave their epoch behind under the name. */
  #sync(): void {
    const streamers = this.#streamers();
    const present = new Set(streamers.map((streamer) => streamer.id));
    for (const [id, row] of this.#rows) {
      if (present.has(id)) continue;
      const name = this.#names.get(id)!;
      this.#retiredEpochs.set(name, Math.max(row.epoch, this.#retiredEpochs.get(name) ?? 0));
      this.#rows.delete(id);
      this.#names.delete(id);
    }
    for (const { id, uniqueId } of streamers) {
      this.#names.set(id, uniqueId);
      if (this.#rows.has(id)) continue;
      const epoch = this.#retiredEpochs.get(uniqueId) ?? 0;
      this.#rows.set(id, { owner: null, epoch, expiresAt: 0, checkpoint: null });
    }
  }
}
