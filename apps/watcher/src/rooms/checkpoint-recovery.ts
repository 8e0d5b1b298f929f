import type { Logger } from '../common/logger.port.js';
import type { Journal } from '../journal/journal.port.js';
import type { Lease } from '../leases/lease-store.port.js';
import { CheckpointFold } from '../pipeline/checkpoint-fold.js';
import type { Streamer } from '../streamers/streamer.js';

/** A lease whose checkpoint may know more than the stored one. */
export interface TakenLease extends Lease {
  /** Its checkpoint was completed from the journal and is not stored yet. */
  readonly recovered?: true;
}

const BOOKMARK = 'checkpoints';
const READ = { maxEvents: 2_000, maxBytes: 4 * 1024 * 1024 };

/**
 * What a killed process admitted after its last stored checkpoints is in its journal. Before rooms are taken up again, their
 * checkpoints are rolled forward over it, so that a restart repeats no message, counts no streak twice, publishes no gap
 * again and lets no total fall. Another replica, which has another journal, goes on from the stored checkpoint.
 */
export class CheckpointRecovery {
  readonly #journal: Pick<Journal, 'stats' | 'tail' | 'bookmark' | 'setBookmark'>;
  readonly #logger: Logger;
  readonly #replicaId: string;

  constructor(options: {
    readonly replicaId: string;
    readonly journal: Pick<Journal, 'stats' | 'tail' | 'bookmark' | 'setBookmark'>;
    readonly logger: Logger;
  }) {
    this.#journal = options.journal;
    this.#logger = options.logger;
    this.#replicaId = options.replicaId;
  }

  /** End of the journal now: give it to `stored` when all checkpoints that are taken after this call are stored. */
  position(): number {
    return this.#journal.stats().lastOffset;
  }

  /** Everything up to this position is in stored checkpoints. */
  stored(position: number): void {
    this.#journal.setBookmark(BOOKMARK, position);
  }

  /**
   * The leases (by streamer id) with complete checkpoints. Reads the journal from where checkpoints were last stored to its
   * present end; nothing of these streamers may be appended meanwhile.
   * @throws JournalError WATCHER_JOURNAL_CORRUPT (final)
   */
  async recover(
    streamers: readonly Streamer[],
    leases: ReadonlyMap<string, Lease>,
  ): Promise<ReadonlyMap<string, TakenLease>> {
    const folds = new Folds(streamers, leases);
    const { firstOffset, lastOffset } = this.#journal.stats();
    const bookmark = this.#journal.bookmark(BOOKMARK);
    const from = Math.max(bookmark, firstOffset - 1);
    // Deleted for want of space while checkpoints could not be stored: a message may be told again, a gap overstated.
    if (bookmark < from) this.#logger.warn('checkpoints.incomplete', { missing: from - bookmark });
    // From the first start on, so that the journal keeps what is not in a checkpoint yet.
    this.#journal.setBookmark(BOOKMARK, from);
    const tail = this.#journal.tail(from);
    try {
      for (let at = from; at < lastOffset && !folds.none;) {
        const events = await tail.read(READ);
        const last = events[events.length - 1];
        // The journal was closed.
        if (last === undefined) break;
        for (const event of events) if (event.offset <= lastOffset) folds.of(event.subject, event.key)?.add(event);
        at = last.offset;
      }
    } finally {
      tail.close();
    }
    const taken = folds.leases(this.#replicaId);
    const recovered = [...taken.values()].filter((lease) => lease.recovered === true).length;
    if (recovered > 0) this.#logger.info('checkpoints.recovered', { rooms: recovered, events: lastOffset - from });
    return taken;
  }
}

/**
 * Taken right after an owner that stopped in order: nobody admitted anything after its final checkpoint. Only that of a session
 * which goes on says so: the end of a session is clean as well, but its owner may have joined another room since.
 */
function isComplete({ epoch, checkpoint }: Lease): boolean {
  return checkpoint?.clean === true && checkpoint.joined && checkpoint.epoch === epoch - 1;
}

/** A fold for each lease that needs one, found by the streamer's name or, should that have changed, by the room. */
class Folds {
  readonly #leases: ReadonlyMap<string, Lease>;
  readonly #byStreamer = new Map<string, CheckpointFold>();
  readonly #byName = new Map<string, CheckpointFold>();
  readonly #byRoom = new Map<string, CheckpointFold>();

  constructor(streamers: readonly Streamer[], leases: ReadonlyMap<string, Lease>) {
    this.#leases = leases;
    for (const { id, uniqueId } of streamers) {
      const lease = leases.get(id);
      if (lease === undefined || isComplete(lease)) continue;
      const fold = new CheckpointFold(lease.checkpoint);
      this.#byStreamer.set(id, fold);
      this.#byName.set(uniqueId, fold);
      if (lease.checkpoint !== null) this.#byRoom.set(lease.checkpoint.roomId, fold);
    }
  }

  get none(): boolean {
    return this.#byStreamer.size === 0;
  }

  of(subject: string, roomId: string): CheckpointFold | undefined {
    return this.#byName.get(subject) ?? this.#byRoom.get(roomId);
  }

  /** `replicaId`: whose journal it was. */
  leases(replicaId: string): Map<string, TakenLease> {
    const taken = new Map<string, TakenLease>([...this.#leases].filter(([, lease]) => isComplete(lease)));
    for (const [id, fold] of this.#byStreamer) {
      const lease = this.#leases.get(id);
      if (lease === undefined) continue;
      const checkpoint = fold.result;
      const same = checkpoint === null || checkpoint === lease.checkpoint;
      taken.set(id, same ? lease : { ...lease, checkpoint: { ...checkpoint, replicaId }, recovered: true });
    }
    return taken;
  }
}
