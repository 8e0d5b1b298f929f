import type { PipelineCheckpoint } from '../pipeline/checkpoint.js';
import type { LeaseHints } from './lease-hints.port.js';
import {
  type AcquireRequest,
  type Fleet,
  type Lease,
  type LeaseOffer,
  type LeaseRenewal,
  type LeaseStore,
  NO_ROOM,
  type Offers,
  OVERDUE_MS,
} from './lease-store.port.js';

interface LeaseRow {
  owner: string | null;
  epoch: number;
  expiresAt: number;
  checkpoint: PipelineCheckpoint | null;
  offeredTo: string | null;
  readyRoom: string | null;
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
  /** When each replica that takes leases said so last. */
  readonly #replicas = new Map<string, number>();
  readonly #listeners = new Map<string, Set<() => void>>();
  /** When the "server" was started, ms since the epoch. */
  upSince = 0;
  readonly #streamers: () => readonly LeasableStreamer[];
  readonly #now: () => number;

  constructor(options: { streamers: () => readonly LeasableStreamer[]; now?: () => number }) {
    this.#streamers = options.streamers;
    this.#now = options.now ?? Date.now;
  }

  async acquire(request: AcquireRequest): Promise<readonly Lease[]> {
    const { replicaId, ttlMs, limit, reclaim, share = limit, sparing = false } = request;
    const now = this.#now();
    this.#sync();
    const due: string[] = [];
    const fair: string[] = [];
    for (const { id } of this.#present()) {
      const row = this.#rows.get(id);
      if (row === undefined) continue;
      const free = row.owner === null || (row.expiresAt <= now && !(sparing && row.owner !== replicaId));
      const overdue = row.expiresAt <= now - OVERDUE_MS;
      if ((reclaim && row.owner === replicaId) || (free && (row.offeredTo === replicaId || overdue))) due.push(id);
      else if (free && row.offeredTo === null && fair.length < share) fair.push(id);
    }
    const chosen = [...due, ...fair].slice(0, Math.max(0, limit));
    if (share < limit && share > 0 && fair.length === share) this.#tell('');
    return chosen.map((id) => {
      const row = this.#rows.get(id)!;
      Object.assign(row, { owner: replicaId, offeredTo: null, readyRoom: null });
      row.epoch += 1;
      row.expiresAt = now + ttlMs;
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
      row.expiresAt = this.#now();
      if (renewal.checkpoint !== undefined) row.checkpoint = structuredClone(renewal.checkpoint);
      this.#tell(row.offeredTo ?? '');
    }
  }

  async beat({ replicaId, ttlMs, takes }: Parameters<LeaseStore['beat']>[0]): Promise<Fleet> {
    const now = this.#now();
    this.#sync();
    this.#replicas.set(replicaId, now);
    const rows = [...this.#rows.values()];
    const held = (id: string): LeaseRow[] => rows.filter(({ owner, expiresAt }) => owner === id && expiresAt > now);
    const replicas = [...this.#replicas]
      .filter(([, at]) => at > now - ttlMs)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([id, at]) => ({
        id,
        held: held(id).length,
        giving: held(id).filter(({ offeredTo }) => offeredTo !== null).length,
        getting: rows.filter(({ offeredTo }) => offeredTo === id).length,
        silentMs: now - at,
      }));
    const leased = this.#present().map(({ id }) => this.#rows.get(id)!);
    const free = leased.filter(({ owner, expiresAt }) => owner === null || expiresAt <= now).length;
    if (!takes) this.#replicas.delete(replicaId);
    return { replicas, total: leased.length, free, now, upSince: this.upSince };
  }

  async retire(replicaId: string): Promise<void> {
    this.#replicas.delete(replicaId);
    for (const row of this.#rows.values()) {
      if (row.offeredTo !== replicaId) continue;
      Object.assign(row, { offeredTo: null, readyRoom: null });
      this.#tell(row.owner ?? '');
    }
  }

  async offer({ replicaId, offers }: { replicaId: string; offers: readonly LeaseOffer[] }): Promise<void> {
    this.#sync();
    for (const offer of offers) {
      const row = this.#owned(replicaId, offer);
      if (row === undefined) continue;
      Object.assign(row, { offeredTo: offer.to, readyRoom: null });
      this.#tell(offer.to);
    }
  }

  async withdraw(request: { replicaId: string; streamerIds: readonly string[] }): Promise<void> {
    for (const id of request.streamerIds) {
      const row = this.#rows.get(id);
      if (row?.owner === request.replicaId) Object.assign(row, { offeredTo: null, readyRoom: null });
    }
  }

  async offers(replicaId: string): Promise<Offers> {
    this.#sync();
    const made: Offers['made'][number][] = [];
    const received: Offers['received'][number][] = [];
    for (const { id } of this.#present()) {
      const { owner, epoch, expiresAt, offeredTo, readyRoom, checkpoint } = this.#rows.get(id)!;
      if (offeredTo === null) continue;
      const base = { streamerId: id, epoch };
      if (owner === replicaId) made.push({ ...base, to: offeredTo, ...(readyRoom === null ? {} : { readyRoom }) });
      else if (offeredTo === replicaId)
        received.push({
          ...base,
          roomId: checkpoint?.joined === true ? checkpoint.roomId : NO_ROOM,
          released: owner === null || expiresAt <= this.#now(),
        });
    }
    return { made, received };
  }

  async answer(request: Parameters<LeaseStore['answer']>[0]): Promise<void> {
    this.#sync();
    for (const { streamerId, epoch, readyRoom } of request.answers) {
      const row = this.#rows.get(streamerId);
      if (row?.offeredTo !== request.replicaId || row.epoch !== epoch) continue;
      row.readyRoom = readyRoom ?? null;
      if (readyRoom === undefined) row.offeredTo = null;
      this.#tell(row.owner ?? '');
    }
  }

  /** Hints for one replica, as NOTIFY gives them. */
  hints(): LeaseHints {
    let mine: (() => void) | undefined;
    let id = '';
    return {
      listen: (replicaId, onHint) => {
        id = replicaId;
        mine = onHint;
        const listeners = this.#listeners.get(id) ?? new Set();
        this.#listeners.set(id, listeners.add(onHint));
      },
      stop: async () => {
        if (mine !== undefined) this.#listeners.get(id)?.delete(mine);
      },
    };
  }

  /** Ends a lease as if its time had passed without renewal, so many ms ago (tests of expiry and of a lease that another took). */
  expire(streamerId: string, agoMs = 1_000): void {
    const row = this.#rows.get(streamerId);
    if (row !== undefined) row.expiresAt = this.#now() - agoMs;
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

  /** Streamers that are not paused, most important first. */
  #present(): readonly LeasableStreamer[] {
    return [...this.#streamers()]
      .filter(({ id, paused }) => !paused && this.#rows.has(id))
      .sort((a, b) => b.priority - a.priority || Number(a.id) - Number(b.id));
  }

  #tell(replicaId: string): void {
    const listeners = replicaId === '' ? [...this.#listeners.values()] : [this.#listeners.get(replicaId) ?? []];
    for (const group of listeners) for (const listener of group) queueMicrotask(listener);
  }

  #owned(replicaId: string, renewal: Pick<LeaseRenewal, 'streamerId' | 'epoch'>): LeaseRow | undefined {
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
      const row = { owner: null, epoch, expiresAt: this.#now(), checkpoint: null, offeredTo: null, readyRoom: null };
      this.#rows.set(id, row);
    }
  }
}
