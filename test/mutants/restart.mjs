const FOLD = 'apps/watcher/src/pipeline/checkpoint-fold.ts';
const FOLD_SPEC = 'apps/watcher/src/pipeline/checkpoint-fold.spec.ts';
const RECOVERY = 'apps/watcher/src/rooms/checkpoint-recovery.ts';
const RECOVERY_SPEC = 'apps/watcher/src/rooms/checkpoint-recovery.spec.ts';
const REGISTRY = 'apps/watcher/src/rooms/room-registry.ts';
const REGISTRY_SPEC = 'apps/watcher/src/rooms/room-registry.spec.ts';
const area = 'Checkpoints and the journal';

/** @type {readonly import('../../scripts/lib/mutants/types.d.mts').Mutant[]} */
export const RESTART = [
  {
    id: 'recovery-known-events-again',
    area,
    file: FOLD,
    edits: [{ find: 'return roomId === room && n <= sequence;', replace: 'return false;' }],
    promise: 'What the stored checkpoint knows is not folded into it again.',
    killers: [{ file: FOLD_SPEC, test: 'is the very same one when the journal holds nothing new' }],
  },
  {
    id: 'recovery-last-known-event-again',
    area,
    file: FOLD,
    edits: [{ find: 'n <= sequence;', replace: 'n < sequence;' }],
    promise: 'The same for the very last event that it knows.',
    killers: [{ file: FOLD_SPEC, test: 'is the very same one when the journal holds nothing new' }],
  },
  {
    id: 'recovery-epoch-ignored',
    area,
    file: FOLD,
    edits: [{ find: 'if (epoch !== known) return epoch < known;', replace: '' }],
    promise: 'Numbers of another epoch are not taken for those of this one.',
    killers: [{ file: RECOVERY_SPEC, test: 'again and again, also right after it took the room up' }],
  },
  {
    id: 'recovery-of-older-epoch',
    area,
    file: FOLD,
    edits: [{ find: 'if (epoch !== known) return epoch < known;', replace: 'if (epoch !== known) return false;' }],
    promise: 'What another owner has gone beyond is left out.',
    killers: [{ file: FOLD_SPEC, test: 'leaves out what another owner has gone beyond' }],
  },
  {
    id: 'recovery-gap-told-again',
    area,
    file: FOLD,
    edits: [
      {
        find: 'const { clean: _clean, handedOver: _handedOver, gap: _gap, ...state } = this.#state;',
        replace: 'const { clean: _clean, handedOver: _handedOver, ...state } = this.#state;',
      },
    ],
    promise: 'A gap that was published before the crash is not published again.',
    killers: [{ file: FOLD_SPEC, test: 'has no gap left that was published already' }],
  },
  {
    id: 'recovery-taken-for-clean',
    area,
    file: FOLD,
    edits: [
      {
        find: 'const { clean: _clean, handedOver: _handedOver, gap: _gap, ...state } = this.#state;',
        replace: 'const { handedOver: _handedOver, gap: _gap, ...state } = this.#state;',
      },
    ],
    promise: 'A checkpoint that was rolled forward is not the one of a planned stop: the gap after it is inexact.',
    killers: [{ file: FOLD_SPEC, test: 'is not clean any more when something came after a planned stop' }],
  },
  {
    id: 'recovery-streak-open-again',
    area,
    file: FOLD,
    edits: [
      {
        find: 'this.#streaks.set(id, { ...rest, completed: true });',
        replace: 'this.#streaks.set(id, { ...rest, completed: false });',
      },
    ],
    promise: 'A streak that was completed before the crash is not completed again.',
    killers: [
      { file: FOLD_SPEC, test: 'counts a streak on, and completes it once, after a crash before any checkpoint' },
    ],
  },
  {
    id: 'recovery-streak-count-forgotten',
    area,
    file: FOLD,
    edits: [{ find: 'count: Math.max(known?.count ?? 0, data.streak.count),', replace: 'count: data.count,' }],
    promise: 'A streak goes on after the crash from its highest count.',
    killers: [{ file: FOLD_SPEC, test: 'the rolled checkpoint is what the pipeline would have said at that moment' }],
  },
  {
    id: 'recovery-ids-forgotten',
    area,
    file: FOLD,
    edits: [{ find: '    this.#ids.push(event.id);\n', replace: '' }],
    promise: 'Messages that were admitted after the last checkpoint are repeats after the crash.',
    killers: [{ file: RECOVERY_SPEC, test: 'before any checkpoint: the session goes on, its messages come once' }],
  },
  {
    id: 'recovery-like-total-last',
    area,
    file: FOLD,
    edits: [
      {
        find: 'state.likeTotal = Math.max(state.likeTotal, parse<LikeData>(event).data.total);',
        replace: 'state.likeTotal = parse<LikeData>(event).data.total;',
      },
    ],
    promise: 'The total of likes does not fall over a crash.',
    killers: [{ file: FOLD_SPEC }, { file: RECOVERY_SPEC }],
    survives:
      'The total in an event is already the highest that its pipeline had seen, and the events of a room are added in the order in which they were admitted: the last total is the highest. No history of events can tell the two apart; the maximum only says what is meant.',
  },
  {
    id: 'recovery-ended-session-open',
    area,
    file: FOLD,
    edits: [{ find: "      case 'live.ended':\n        state.joined = false;", replace: "      case 'live.ended':" }],
    promise: 'A stream that was over before the crash is not taken up again.',
    killers: [{ file: FOLD_SPEC, test: 'knows a session that began and ended after it' }],
  },
  {
    id: 'recovery-not-stored',
    area,
    file: RECOVERY,
    edits: [
      {
        find: 'checkpoint: { ...checkpoint, replicaId }, recovered: true }',
        replace: 'checkpoint: { ...checkpoint, replicaId } }',
      },
    ],
    promise: 'What was recovered from the journal is stored with the lease, also when nothing more comes.',
    killers: [{ file: RECOVERY_SPEC, test: 'knows that the stream was over, and stores it' }],
  },
  {
    id: 'recovery-reads-nothing',
    area,
    file: RECOVERY,
    edits: [
      {
        find: 'const from = Math.max(bookmark, firstOffset - 1);',
        replace: 'const from = Math.max(lastOffset, firstOffset - 1);',
      },
    ],
    promise: 'Checkpoints are rolled forward over the journal before rooms are taken up.',
    killers: [
      { file: RECOVERY_SPEC, test: 'after a checkpoint that is older than its last events: nothing is told twice' },
    ],
  },
  {
    id: 'recovery-under-another-replica',
    area,
    file: RECOVERY,
    edits: [{ find: '{ ...checkpoint, replicaId }', replace: '{ ...checkpoint }' }],
    promise: 'A restart on the own journal is told as a restart, not as a fail-over.',
    killers: [{ file: RECOVERY_SPEC, test: 'before any checkpoint: the session goes on, its messages come once' }],
  },
  {
    id: 'bookmark-not-kept-from-first-start',
    area,
    file: RECOVERY,
    edits: [{ find: '    this.#journal.setBookmark(BOOKMARK, from);\n', replace: '' }],
    promise: 'From the first start on the journal keeps what no checkpoint knows yet.',
    killers: [{ file: RECOVERY_SPEC, test: 'keeps in the journal what no checkpoint knows, from the first start on' }],
  },
  {
    id: 'bookmark-ahead-of-unread-rooms',
    area,
    file: REGISTRY,
    edits: [
      {
        find: 'if (ids.every((id) => this.#rooms.has(id))) this.#handedOut = { checkpoints, at };',
        replace: 'this.#handedOut = { checkpoints, at };',
      },
    ],
    promise: 'The bookmark passes nothing of a room that is still being read back.',
    killers: [
      {
        file: RECOVERY_SPEC,
        test: 'killed again after a renewal of its leases, while the journal was still being read back',
      },
    ],
  },
  {
    id: 'bookmark-ahead-of-stored',
    area,
    file: REGISTRY,
    edits: [
      {
        find: 'if (checkpoints === this.#handedOut?.checkpoints) this.#recovery.stored(this.#handedOut.at);',
        replace: 'this.#recovery.stored(this.#recovery.position());',
      },
    ],
    promise: 'The bookmark passes only what stored checkpoints know.',
    killers: [
      {
        file: RECOVERY_SPEC,
        test: 'killed again after a renewal of its leases, while the journal was still being read back',
      },
    ],
  },
  {
    id: 'checkpoint-ahead-of-journal',
    area,
    file: REGISTRY,
    edits: [{ find: "if (!durable) throw new Error('The journal has failed.');", replace: 'void durable;' }],
    promise: 'A checkpoint knows only what is durable.',
    killers: [{ file: REGISTRY_SPEC, test: 'with a journal that failed stores no checkpoint' }],
  },
  {
    id: 'checkpoint-does-not-wait',
    area,
    file: REGISTRY,
    edits: [{ find: '      await this.#flushed(CHECKPOINT_WAIT_MS);\n', replace: '' }],
    promise: 'A checkpoint is stored when the events that it knows are durable, not before.',
    killers: [{ file: REGISTRY_SPEC, test: 'stores no checkpoint that knows events which are not durable yet' }],
  },
];
