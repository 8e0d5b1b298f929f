const KEEPER = 'apps/watcher/src/leases/lease-keeper.ts';
const KEEPER_SPEC = 'apps/watcher/src/leases/lease-keeper.spec.ts';
const STORE = 'apps/watcher/src/leases/postgres-lease-store.adapter.ts';
const STORES_SPEC = 'test/integration/persistence/stores.spec.ts';
const LEASE_CONTRACT = 'test/integration/persistence/lease-store.contract.ts';
const QUEUE = 'apps/watcher/src/rooms/admission-queue.ts';
const FOLD = 'apps/watcher/src/history/postgres-history-fold.adapter.ts';
const HISTORY_SPEC = 'test/integration/persistence/history.spec.ts';
const SESSION = 'apps/watcher/src/history/fold-session.ts';
const SESSION_SPEC = 'apps/watcher/src/history/fold-session.spec.ts';
const SOURCE = 'apps/watcher/src/history/journal-history-source.ts';
const SOURCE_SPEC = 'apps/watcher/src/history/journal-history-source.spec.ts';

const GIVER = 'apps/watcher/src/leases/hand-over-giver.ts';
const SUPERVISOR = 'apps/watcher/src/rooms/room-supervisor.ts';
const HAND_OVER_SPEC = 'apps/watcher/src/rooms/hand-over.spec.ts';
const FLEET_WATCH = 'apps/watcher/src/leases/fleet-watch.ts';
const FLEET_SPEC = 'apps/watcher/src/leases/fleet.spec.ts';
const SHARE = 'apps/watcher/src/leases/fair-share.ts';
const SHARE_SPEC = 'apps/watcher/src/leases/fair-share.spec.ts';

/** @type {readonly import('../../scripts/lib/mutants/types.d.mts').Mutant[]} */
export const LEASES_AND_HISTORY = [
  // ------------------------------------------------------------------------------------------------------- leases
  {
    id: 'lease-epoch-not-raised',
    area: 'Leases',
    file: STORE,
    edits: [{ find: 'epoch = l.epoch + 1,', replace: 'epoch = l.epoch,' }],
    promise: 'Each taking of a streamer has an epoch of its own.',
    killers: [
      { file: STORES_SPEC, test: 'raises epochs strictly, for ever, over 1,000 random steps of parallel replicas' },
    ],
  },
  {
    id: 'lease-renewed-under-old-epoch',
    area: 'Leases',
    file: STORE,
    edits: [
      {
        find: 'WHERE l.streamer_id = g.id AND l.epoch = g.epoch AND l.owner = ${request.replicaId}\n          RETURNING l.streamer_id',
        replace: 'WHERE l.streamer_id = g.id AND l.owner = ${request.replicaId}\n          RETURNING l.streamer_id',
      },
    ],
    promise: 'An owner of an older epoch is told that it lost the lease.',
    killers: [
      {
        file: STORES_SPEC,
        test: 'says which leases are lost: unknown, removed, another epoch, another owner',
        writtenIn: LEASE_CONTRACT,
      },
    ],
  },
  {
    id: 'lease-taken-while-held',
    area: 'Leases',
    file: STORE,
    edits: [
      {
        find: 'AND (l.owner IS NULL OR (l.expires_at <= now()',
        replace: 'AND (l.owner IS NULL OR (l.expires_at >= now()',
      },
    ],
    promise: 'A lease that is renewed in time belongs to one replica.',
    killers: [
      {
        file: STORES_SPEC,
        test: 'gives each free lease to one replica, the most important streamer first',
        writtenIn: LEASE_CONTRACT,
      },
    ],
  },
  {
    id: 'lease-not-checked-after-pause',
    area: 'Leases',
    file: KEEPER,
    edits: [
      {
        find: 'if (this.#held.size === 0 || !this.#wasPaused()) return undefined;',
        replace: 'if (this.#held.size >= 0) return undefined;',
      },
    ],
    promise: 'After a pause of the process leases are checked before the next append.',
    killers: [{ file: KEEPER_SPEC, test: 'checks its leases before the next append after a pause of the process' }],
  },
  {
    id: 'lease-pause-counted-from-taking',
    area: 'Leases',
    file: KEEPER,
    edits: [{ find: 'Math.max(2 * BEAT_MS, this.#ttlMs - 2 * this.#renewMs)', replace: 'this.#ttlMs' }],
    promise: 'The same after a pause that is shorter than a lease, but ends after it ran out.',
    killers: [{ file: KEEPER_SPEC, test: 'counts a pause from the last renewal' }],
  },
  {
    id: 'lease-append-without-check',
    area: 'Leases',
    file: QUEUE,
    edits: [{ find: 'if (check === undefined) {', replace: 'if (check === undefined || this.#pending.length > 0) {' }],
    promise: 'Nothing is appended while the lease is being checked.',
    killers: [
      { file: 'apps/watcher/src/rooms/admission-queue.spec.ts', test: 'appends nothing before the guard has looked' },
    ],
  },
  {
    id: 'lease-held-beyond-grace',
    area: 'Leases',
    file: KEEPER,
    edits: [{ find: "    this.#drop([...this.#held.keys()], 'grace');\n", replace: '' }],
    promise: 'Rooms are given up when the store was away for longer than the time of grace.',
    killers: [{ file: KEEPER_SPEC, test: 'gives everything up after the time of grace' }],
  },
  {
    id: 'lease-checkpoint-saved-too-early',
    area: 'Leases',
    file: KEEPER,
    edits: [
      {
        find: '      this.#crashPoints.reached(CrashPoint.LeasesBeforeRenewal);\n',
        replace:
          '      this.#options.saved?.(checkpoints);\n      this.#crashPoints.reached(CrashPoint.LeasesBeforeRenewal);\n',
      },
    ],
    promise: 'A checkpoint counts as stored only when the store has said so.',
    killers: [{ file: KEEPER_SPEC, test: 'says that checkpoints are stored only when they are' }],
  },
  {
    id: 'hand-over-before-the-other-is-ready',
    area: 'Leases',
    file: GIVER,
    edits: [
      {
        find: "    if (row.readyRoom !== undefined && row.readyRoom === this.#o.rooms.roomOf(id)) return 'ready';\n",
        replace: "    if (row.to === offer.to) return 'ready';\n",
      },
    ],
    promise: 'A planned move opens the new socket before the old one closes.',
    killers: [{ file: HAND_OVER_SPEC, test: 'opens the new socket before it closes the old one' }],
  },
  {
    id: 'hand-over-failed-and-not-mended',
    area: 'Leases',
    file: GIVER,
    edits: [{ find: '      this.#o.rooms.mend([...checkpoints.keys()]);\n', replace: '' }],
    promise: 'A room whose hand-over failed goes on, with what arrived meanwhile.',
    killers: [{ file: HAND_OVER_SPEC, test: 'loses nothing in silence, and ends with one owner' }],
  },
  {
    id: 'hand-over-tells-a-gap',
    area: 'Leases',
    file: SUPERVISOR,
    edits: [
      { find: 'if (!fits || checkpoint.handedOver !== true)', replace: 'if (!fits || checkpoint.clean === true)' },
    ],
    promise: 'A planned move makes no gap.',
    killers: [{ file: HAND_OVER_SPEC, test: 'opens the new socket before it closes the old one' }],
  },
  {
    id: 'leases-taken-after-an-outage-of-all',
    area: 'Leases',
    file: FLEET_WATCH,
    edits: [{ find: 'return at < this.#sparingUntil;', replace: 'return at < 0;' }],
    promise: 'After an outage of the database every replica takes back its own leases.',
    killers: [{ file: FLEET_SPEC, test: 'after an outage of the database every replica keeps its own' }],
  },
  {
    id: 'lease-taken-from-itself',
    area: 'Leases',
    file: KEEPER,
    edits: [
      {
        find: '    if (late()) await this.#renew(false);\n    return !late();\n',
        replace: '    return late() || true;\n',
      },
    ],
    promise: 'A database that comes back between two calls makes no replica take its own leases anew.',
    killers: [{ file: KEEPER_SPEC, test: 'renews what it holds before it takes anything' }],
  },
  {
    id: 'share-counts-nothing-under-way',
    area: 'Leases',
    file: SHARE,
    edits: [{ find: 'return held - giving + getting;', replace: 'return held;' }],
    promise: 'No lease moves twice for one change of the fleet.',
    killers: [{ file: SHARE_SPEC, test: 'counts what is under way as arrived' }],
  },
  // ------------------------------------------------------------------------------------------------------ history
  {
    id: 'history-repeat-counted',
    area: 'History',
    file: FOLD,
    edits: [
      { find: 'return keys.filter((key) => fresh.has(key));', replace: 'return fresh.size < 0 ? [] : [...keys];' },
    ],
    promise: 'A repeat adds nothing to the totals.',
    killers: [{ file: HISTORY_SPEC, test: 'gives the same rows for every order, cut into batches, repetition' }],
  },
  {
    id: 'history-position-apart-from-rows',
    area: 'History',
    file: FOLD,
    edits: [
      {
        find: '      await setPositions(tx, positions);',
        replace:
          '      await this.#database.transaction((other) => setPositions(other, positions)).catch(() => undefined);',
      },
    ],
    promise: 'Rows and positions change in one transaction.',
    killers: [{ file: HISTORY_SPEC, test: 'moves positions and rows together, or not at all' }],
  },
  {
    id: 'history-streak-summed',
    area: 'History',
    file: 'apps/watcher/src/history/fold-gifts.ts',
    edits: [
      {
        find: "seen.count = Math.max(seen.count, giftCount(streak['count']), giftCount(data['count']));",
        replace: "seen.count += giftCount(streak['count']);",
      },
    ],
    promise: 'The worth of a streak is its highest count, whatever overlaps or comes late.',
    killers: [{ file: SESSION_SPEC, test: 'takes two owners’ overlapping counts of one streak once' }],
  },
  {
    id: 'history-streak-without-before',
    area: 'History',
    file: 'apps/watcher/src/history/merge-streaks.ts',
    edits: [{ find: 'gifts: count - (known?.count ?? 0),', replace: 'gifts: count,' }],
    promise: 'A streak that goes on in the next batch adds only what is new.',
    killers: [{ file: SESSION_SPEC, test: 'counts a streak’s worth once its price becomes known' }],
  },
  {
    id: 'history-viewers-of-latest-arrival',
    area: 'History',
    file: SESSION,
    edits: [{ find: 'event.order >= snapshot.viewersOrder', replace: "event.order >= ''" }],
    promise: 'The viewers of an interval are those of its last event by receipt, in whatever order events come.',
    killers: [
      {
        file: SESSION_SPEC,
        test: 'takes the viewers of the last event by receipt, in whatever order events come and whoever received them',
      },
    ],
  },
  {
    id: 'history-cursor-before-fold',
    area: 'History',
    file: SOURCE,
    edits: [
      {
        find: '        if (inputs.length > 0 && !(await this.#retry.apply(inputs, positions, signal))) break;\n        reader.commit(last.offset);',
        replace:
          '        reader.commit(last.offset);\n        if (inputs.length > 0 && !(await this.#retry.apply(inputs, positions, signal))) break;',
      },
    ],
    promise: 'The journal holds an event until it is folded.',
    killers: [{ file: SOURCE_SPEC, test: 'waits for a database that is away, says so, and misses nothing' }],
  },
  {
    id: 'history-position-off-by-one',
    area: 'History',
    file: SOURCE,
    edits: [{ find: 'reader.seek(Number(stored) - 1);', replace: 'reader.seek(Number(stored));' }],
    promise: 'The fold goes on with the very next event.',
    killers: [
      { file: SOURCE_SPEC, test: 'goes on from the position of the database, ahead of or behind its own cursor' },
    ],
  },
];
