const IDS = 'apps/watcher/src/pipeline/recent-ids.ts';
const IDS_SPEC = 'apps/watcher/src/pipeline/recent-ids.spec.ts';
const ROOM = 'apps/watcher/src/pipeline/room-pipeline.ts';
const ROOM_SPEC = 'apps/watcher/src/pipeline/room-pipeline.spec.ts';
const GAPS = 'apps/watcher/src/pipeline/gap-tracker.ts';
const GIFTS = 'apps/watcher/src/pipeline/gift-fold.ts';
const FOLD_SPEC = 'apps/watcher/src/pipeline/gift-fold.spec.ts';
const GIFTS_SPEC = 'apps/watcher/src/pipeline/gifts.spec.ts';
const PROPERTIES = 'apps/watcher/src/pipeline/properties.spec.ts';
const WRITER = 'apps/watcher/src/pipeline/event-writer.ts';
const DATA = 'apps/watcher/src/pipeline/room-data.ts';
const AGREEMENT_SPEC = 'apps/watcher/src/pipeline/projection/agreement.spec.ts';
const QUEUE = 'apps/watcher/src/rooms/admission-queue.ts';
const QUEUE_SPEC = 'apps/watcher/src/rooms/admission-queue.spec.ts';

const WARM = 'apps/watcher/src/rooms/warm-socket.ts';
const DISPATCHER = 'libs/connector/src/connection/message-dispatcher.ts';

/** @type {readonly import('../../scripts/lib/mutants/types.d.mts').Mutant[]} */
export const PIPELINE = [
  // ----------------------------------------------------------------------------------------------- de-duplication
  {
    id: 'ids-window-inverted',
    area: 'De-duplication',
    file: IDS,
    edits: [{ find: 'age >= WINDOW_MS', replace: 'age < WINDOW_MS' }],
    promise: 'An id is known for ten minutes.',
    killers: [{ file: IDS_SPEC, test: 'knows an id for ten minutes by receipt' }],
    sample: true,
  },
  {
    id: 'ids-newest-refused-when-full',
    area: 'De-duplication',
    file: IDS,
    edits: [
      {
        find: 'if (this.#size === MAX_IDS) this.#removeOldest();',
        replace: 'if (this.#size === MAX_IDS) return true;',
      },
    ],
    promise: 'At the bound the oldest id makes room for the newest.',
    killers: [{ file: IDS_SPEC, test: 'holds at most its bound and forgets the oldest first' }],
  },
  {
    id: 'ids-of-quiet-room-expire',
    area: 'De-duplication',
    file: IDS,
    edits: [{ find: 'while (this.#size > CHECKPOINT_IDS && ', replace: 'while (this.#size > 0 && ' }],
    promise: 'The newest ids are known whatever their age: a quiet room repeats an old history.',
    killers: [{ file: IDS_SPEC, test: 'knows the newest ones for ever' }],
  },
  {
    id: 'ids-index-with-holes',
    area: 'De-duplication',
    file: IDS,
    edits: [{ find: 'if (((place - home) & mask) >= ((place - hole) & mask)) {', replace: 'if (hole < 0) {' }],
    promise: 'Forgetting one id forgets no other.',
    killers: [{ file: IDS_SPEC, test: 'forgets no other id with one whose time is over' }],
  },
  {
    id: 'ids-upper-bits-ignored',
    area: 'De-duplication',
    file: IDS,
    edits: [{ find: 'this.high = upper % TWO_32;', replace: 'this.high = 0;' }],
    promise: 'Two messages whose ids differ are two events.',
    killers: [{ file: IDS_SPEC, test: 'tells ids apart that end in the same nine digits' }],
  },
  {
    id: 'ids-of-entry-ignored',
    area: 'De-duplication',
    file: ROOM,
    edits: [{ find: 'let id = message.msgId;', replace: "let id = '0';" }],
    promise: "The id of an event is that of the batch entry, before the header's.",
    killers: [{ file: ROOM_SPEC, test: 'are that of the entry, else of the header, else a hash of method and bytes' }],
  },
  {
    id: 'ids-hash-without-method',
    area: 'De-duplication',
    file: 'apps/watcher/src/pipeline/wire-message.ts',
    edits: [{ find: '.update(method).update(ZERO)', replace: '.update(ZERO)' }],
    promise: 'A message without an id has the same id on every replica: a hash of method and bytes.',
    killers: [{ file: ROOM_SPEC, test: 'are that of the entry, else of the header, else a hash of method and bytes' }],
  },
  {
    id: 'ids-not-in-checkpoint',
    area: 'De-duplication',
    file: ROOM,
    edits: [{ find: 'recentIds: this.#recent.newest(),', replace: 'recentIds: [],' }],
    promise: 'A repeat is known as one after a restart or a move, too.',
    killers: [{ file: ROOM_SPEC, test: 'make repeats removable: one record through any number of reconnects' }],
  },
  {
    id: 'ids-of-checkpoint-out-of-order',
    area: 'De-duplication',
    file: IDS,
    edits: [
      {
        find: '[...this.#newest.slice(this.#newestHead), ...this.#newest.slice(0, this.#newestHead)]',
        replace: '[...this.#newest]',
      },
    ],
    promise: 'A checkpoint says which ids are the newest, so that the next owner forgets the oldest first.',
    killers: [{ file: IDS_SPEC, test: 'hands the newest ids to a checkpoint, newest last' }],
  },
  {
    id: 'ids-of-checkpoint-already-old',
    area: 'De-duplication',
    file: ROOM,
    edits: [{ find: 'this.#recent.add(id, checkpoint?.lastFrameAt ?? 0);', replace: 'this.#recent.add(id, 0);' }],
    promise: 'Ids of a checkpoint are known for ten minutes from its last frame, however much comes.',
    killers: [{ file: ROOM_SPEC, test: 'of a checkpoint are known for their ten minutes in a busy room, too' }],
  },
  {
    id: 'ids-repeat-counted-as-new',
    area: 'De-duplication',
    file: ROOM,
    edits: [
      {
        find: "if (message.msgId !== '0' && this.#isRepeat(message.msgId, receivedAt)) return undefined;",
        replace: "if (message.msgId !== '0') this.#isRepeat(message.msgId, receivedAt);",
      },
    ],
    promise: 'Each message makes exactly one event.',
    killers: [{ file: PROPERTIES, test: 'each message id makes exactly one event, and every event is valid' }],
  },
  // --------------------------------------------------------------------------------------------------------- gaps
  {
    id: 'gap-not-closed-by-frame',
    area: 'Gaps',
    file: ROOM,
    edits: [{ find: '    this.#gaps.close(receivedAt);\n', replace: '' }],
    promise: 'An interval without a socket ends with the first frame of the new one.',
    killers: [{ file: ROOM_SPEC, test: 'are one for each interval, whatever happens within it' }],
  },
  {
    id: 'gap-published-twice',
    area: 'Gaps',
    file: GAPS,
    edits: [{ find: '    this.#gap = undefined;\n', replace: '' }],
    promise: 'One interval is one gap event.',
    killers: [{ file: ROOM_SPEC, test: 'are one for each interval, whatever happens within it' }],
  },
  {
    id: 'gap-begun-anew-by-each-failure',
    area: 'Gaps',
    file: GAPS,
    edits: [{ find: 'this.#gap ??= gap;', replace: 'this.#gap = gap;' }],
    promise: 'An interval keeps the start and the reason with which it began.',
    killers: [{ file: ROOM_SPEC, test: 'are one for each interval, whatever happens within it' }],
  },
  {
    id: 'gap-always-exact',
    area: 'Gaps',
    file: ROOM,
    edits: [{ find: 'fromExact: !this.#inexact,', replace: 'fromExact: true,' }],
    promise: 'After a crash a gap says that its start is not exact.',
    killers: [{ file: ROOM_SPEC, test: 'after a crash begin at the last checkpoint and say that this is not exact' }],
  },
  {
    id: 'gap-never-exact-again',
    area: 'Gaps',
    file: ROOM,
    edits: [
      {
        find: 'this.#lastFrameAt = Math.max(this.#lastFrameAt, receivedAt);\n    this.#inexact = false;',
        replace: 'this.#lastFrameAt = Math.max(this.#lastFrameAt, receivedAt);',
      },
    ],
    promise: 'Only the first gap of a new owner is inexact.',
    killers: [{ file: ROOM_SPEC, test: 'after a crash begin at the last checkpoint and say that this is not exact' }],
  },
  {
    id: 'gap-after-first-event',
    area: 'Gaps',
    file: ROOM,
    edits: [
      {
        find: '    this.#publishGap(out, id, receivedAt);\n',
        replace: '',
      },
      {
        find: '    this.#publishGap(out, parts.id, parts.recordedAt);\n    const event = this.#writer.write(parts);',
        replace: '    const event = this.#writer.write(parts);',
      },
      {
        find: '    this.#lastId = event.id;\n',
        replace: '    this.#publishGap(out, event.id, event.recordedAt);\n    this.#lastId = event.id;\n',
      },
    ],
    promise: 'A gap stands right before the first event after it.',
    killers: [{ file: ROOM_SPEC, test: 'are one for each interval, whatever happens within it' }],
  },
  {
    id: 'gap-after-completed-streak',
    area: 'Gaps',
    file: ROOM,
    edits: [{ find: '    this.#publishGap(out, undefined, recordedAt);\n', replace: '' }],
    promise: 'The same when the first event after it is that a streak is over.',
    killers: [{ file: ROOM_SPEC, test: 'come before a streak that completes first after them' }],
  },
  {
    id: 'gap-missing-at-end',
    area: 'Gaps',
    file: ROOM,
    edits: [
      {
        find: '    this.#gaps.close(at);\n    this.#publishGap(out, undefined, at);\n    for',
        replace: '    for',
      },
    ],
    promise: 'A gap that is open when the stream ends is published before live.ended.',
    killers: [{ file: ROOM_SPEC, test: 'come before live.ended' }],
  },
  {
    id: 'gap-lost-between-two',
    area: 'Gaps',
    file: ROOM,
    edits: [
      {
        find: '    this.#publishGap(out, undefined, at);\n    this.#openGap(reason, at);',
        replace: '    this.#openGap(reason, at);',
      },
    ],
    promise: 'Two intervals without an event between them are two gaps.',
    killers: [{ file: ROOM_SPEC, test: 'that follow each other without an event between them are two' }],
  },
  {
    id: 'gap-lost-over-restart',
    area: 'Gaps',
    file: ROOM,
    edits: [{ find: '...(gap === undefined ? {} : { gap }),', replace: '' }],
    promise: 'A gap that is not published at a restart is published after it.',
    killers: [
      { file: ROOM_SPEC, test: 'that are over at a planned stop and wait for an event are published after it' },
    ],
  },
  {
    id: 'gap-from-when-noticed',
    area: 'Gaps',
    file: ROOM,
    edits: [{ find: 'from: this.#lastFrameAt === 0 ? at : this.#lastFrameAt,', replace: 'from: at,' }],
    promise: 'A gap begins at the last admitted frame, not when somebody noticed.',
    killers: [{ file: ROOM_SPEC, test: 'are one for each interval, whatever happens within it' }],
  },
  // -------------------------------------------------------------------------------------------------------- order
  {
    id: 'sequence-starts-again',
    area: 'Order',
    file: ROOM,
    edits: [{ find: 'sequence: options.sequence ?? 0 }', replace: 'sequence: 0 }' }],
    promise: 'A second session of a room under the same epoch goes on with the numbers of the first.',
    killers: [{ file: ROOM_SPEC, test: 'of the same room under the same epoch goes on with the numbers and the ids' }],
  },
  {
    id: 'sequence-not-remembered-by-room',
    area: 'Order',
    file: 'apps/watcher/src/rooms/room-sessions.ts',
    edits: [{ find: 'sequence: left?.sequence ?? 0 }', replace: 'sequence: 0 }' }],
    promise: 'The same when the streamer returns to an earlier room.',
    killers: [
      {
        file: 'apps/watcher/src/rooms/room-registry.spec.ts',
        test: 'goes on with its numbers, its count of lives and its ids',
      },
    ],
  },
  {
    id: 'sequence-taken-by-oversize',
    area: 'Order',
    file: WRITER,
    edits: [
      {
        find: '    if (value.length > MAX_EVENT_BYTES) return undefined;\n',
        replace: '    if (value.length > MAX_EVENT_BYTES) {\n      this.#n += 1;\n      return undefined;\n    }\n',
      },
    ],
    promise: 'Numbers have no hole, also where an event was too large.',
    killers: [{ file: ROOM_SPEC, test: 'may be a message that is too large for a record' }],
  },
  {
    id: 'sequence-not-padded',
    area: 'Order',
    file: 'libs/contracts/src/sequence.ts',
    edits: [{ find: "return text.padStart(digits, '0');", replace: 'return text;' }],
    promise: 'Sequences compare as text.',
    killers: [
      { file: 'libs/contracts/src/contract.spec.ts', test: 'compare as text in the order of epoch and number' },
    ],
  },
  {
    id: 'frame-in-reverse',
    area: 'Order',
    file: ROOM,
    edits: [
      {
        find: 'for (const message of frame.messages) {',
        replace: 'for (const message of [...frame.messages].reverse()) {',
      },
    ],
    promise: 'Messages of a frame become events in their order.',
    killers: [{ file: ROOM_SPEC, test: 'are that of the entry, else of the header, else a hash of method and bytes' }],
  },
  {
    id: 'tick-split-into-records',
    area: 'Order',
    file: QUEUE,
    edits: [
      {
        find: 'if (record.length > 0 && bytes + entry.bytes > this.#maxRecordBytes) {',
        replace: 'if (record.length > 0) {',
      },
    ],
    promise: 'What one tick made is admitted as one record: all of it or nothing.',
    killers: [{ file: QUEUE_SPEC, test: 'appends what all rooms made in one macrotask at once' }],
  },
  {
    id: 'discarded-lane-admitted',
    area: 'Order',
    file: QUEUE,
    edits: [
      { find: 'if (entry.generation === entry.lane.generation) events', replace: 'if (entry.generation >= 0) events' },
    ],
    promise: 'What was pending when a lease was lost is not admitted.',
    killers: [{ file: QUEUE_SPEC, test: 'nothing of a room that was discarded meanwhile' }],
  },
  {
    id: 'flush-before-durable',
    area: 'Order',
    file: QUEUE,
    edits: [
      {
        find: 'if (this.#settled >= this.#pushed) return Promise.resolve(true);',
        replace: 'if (this.#pending.length === 0) return Promise.resolve(true);',
      },
    ],
    promise: 'A flush waits until everything before it is durable, not only handed over.',
    killers: [{ file: QUEUE_SPEC, test: 'flush waits for what the journal was given and did not confirm' }],
  },
  // -------------------------------------------------------------------------------------------------------- folds
  {
    id: 'streaks-looked-at-by-the-newest',
    area: 'Folds',
    file: GIFTS,
    edits: [{ find: 'this.#openSince = Math.min(this.#openSince, at);', replace: 'this.#openSince = at;' }],
    promise: 'Each streak is completed 30 s after its last gift.',
    killers: [{ file: FOLD_SPEC, test: 'are told as over as if every streak was looked at each time' }],
  },
  {
    id: 'gift-count-added',
    area: 'Folds',
    file: GIFTS,
    edits: [{ find: 'Math.max(0, gift.repeatCount - highest)', replace: 'gift.repeatCount' }],
    promise: 'The count of a gift is what is new above the highest seen, not what the message says.',
    killers: [{ file: GIFTS_SPEC, test: 'publishes exactly what its table says' }],
  },
  {
    id: 'gift-highest-falls',
    area: 'Folds',
    file: GIFTS,
    edits: [{ find: 'streak.count = highest + count;', replace: 'streak.count = gift.repeatCount;' }],
    promise: 'A late frame with a lower count takes nothing back.',
    killers: [{ file: GIFTS_SPEC, test: 'publishes exactly what its table says' }],
  },
  {
    id: 'gift-completed-again',
    area: 'Folds',
    file: GIFTS,
    edits: [{ find: '    streak.completed = true;\n', replace: '' }],
    promise: 'A streak is completed exactly once.',
    killers: [{ file: GIFTS_SPEC, test: 'complete a streak once, right after its end frame' }],
  },
  {
    id: 'gift-timeout-from-first-frame',
    area: 'Folds',
    file: GIFTS,
    edits: [{ find: '    streak.lastAt = Math.max(streak.lastAt, at);\n', replace: '' }],
    promise: 'The 30 seconds of a streak count from its last frame.',
    killers: [{ file: GIFTS_SPEC, test: 'wait for 30 seconds from the last frame of their streak' }],
  },
  {
    id: 'gift-timeout-without-socket',
    area: 'Folds',
    file: GIFTS,
    edits: [
      {
        find: 'Math.max(streak.lastAt, healthySince) + STREAK_TIMEOUT_MS',
        replace: 'streak.lastAt + STREAK_TIMEOUT_MS',
      },
    ],
    promise: 'Time without a healthy socket does not complete a streak.',
    killers: [{ file: GIFTS_SPEC, test: 'wait for 30 seconds of healthy socket, not of time' }],
  },
  {
    id: 'gift-completed-forgotten-by-checkpoint',
    area: 'Folds',
    file: GIFTS,
    edits: [
      {
        find: '(streak.completed ? done : open).push(carried(streak));',
        replace: 'if (!streak.completed) open.push(carried(streak));',
      },
    ],
    promise: 'A late frame of a completed streak counts nothing twice, also after a restart.',
    killers: [{ file: GIFTS_SPEC, test: 'is Σ max(streak.count) × diamondsEach = Σ diamonds, through repeats' }],
  },
  {
    id: 'gift-streak-forgotten-by-checkpoint',
    area: 'Folds',
    file: ROOM,
    edits: [{ find: 'streaks: this.#data.gifts.checkpoint(),', replace: 'streaks: [],' }],
    promise: 'A streak that is open at a restart goes on with its count.',
    killers: [{ file: GIFTS_SPEC, test: 'is Σ max(streak.count) × diamondsEach = Σ diamonds, through repeats' }],
  },
  {
    id: 'like-total-falls',
    area: 'Folds',
    file: DATA,
    edits: [
      { find: 'Math.max(this.likeTotal, count(projector.totalLikeCount))', replace: 'count(projector.totalLikeCount)' },
    ],
    promise: 'The total of likes never falls.',
    killers: [{ file: ROOM_SPEC, test: 'never fall, also over a restart' }],
  },
  {
    id: 'like-total-lost-over-restart',
    area: 'Folds',
    file: ROOM,
    edits: [{ find: 'likeTotal: session?.likeTotal ?? 0,', replace: 'likeTotal: 0,' }],
    promise: 'The same over a restart.',
    killers: [{ file: ROOM_SPEC, test: 'never fall, also over a restart' }],
  },
  {
    id: 'oneof-first-wins',
    area: 'Projection',
    file: 'apps/watcher/src/pipeline/projection/field-scan.ts',
    edits: [
      { find: 'if (places[base + place] === last) continue;', replace: 'if (places[base + place] !== last) continue;' },
    ],
    promise: 'What is written from the bytes is what the decoded message gives: the last member of a oneof counts.',
    killers: [{ file: AGREEMENT_SPEC, test: 'is what the decoded message gives, of every method' }],
  },
  {
    id: 'text-not-checked',
    area: 'Projection',
    file: 'apps/watcher/src/pipeline/projection/json-bytes.ts',
    edits: [{ find: '(first === 0xed && second > 0x9f)', replace: 'false' }],
    promise: 'What is not UTF-8 never reaches an event.',
    killers: [{ file: 'apps/watcher/src/pipeline/projection/json-bytes.spec.ts', test: 'refuses what is not UTF-8' }],
  },
  {
    id: 'gift-counted-twice',
    area: 'Projection',
    file: 'apps/watcher/src/pipeline/projection/gift-projector.ts',
    edits: [
      {
        find: '    this.#tail(counted, repeatCount, end);\n    return counted;',
        replace: '    this.#tail(counted, repeatCount, end);\n    return undefined;',
      },
    ],
    promise: 'A gift that was counted is not decoded and counted again.',
    killers: [{ file: GIFTS_SPEC, test: 'publishes exactly what its table says' }],
  },
  {
    id: 'nested-cut-short-unnoticed',
    area: 'Projection',
    file: 'apps/watcher/src/pipeline/projection/field-scan.ts',
    edits: [{ find: '  if (pos !== end) return false;\n', replace: '' }],
    promise: 'A message that is cut short is not read behind its end.',
    killers: [{ file: AGREEMENT_SPEC, test: 'is the same for damaged messages' }],
  },
  // ------------------------------------------------------------------------------------------------- lent payloads
  {
    id: 'lent-payload-to-listeners',
    area: 'Lent payloads',
    file: DISPATCHER,
    edits: [
      {
        find: 'const copyOf = (payload: Uint8Array): Uint8Array => Buffer.from(payload);',
        replace: 'const copyOf = (payload: Uint8Array): Uint8Array => payload;',
      },
    ],
    promise: 'What a listener of the library keeps stays as it is.',
    killers: [
      {
        file: 'libs/connector/src/connection/kept-bytes.spec.ts',
        test: 'stay as they are while later frames are unpacked into the same memory',
      },
    ],
  },
  {
    id: 'lent-payload-in-raw-topic',
    area: 'Lent payloads',
    file: WRITER,
    edits: [{ find: 'value: Buffer.from(message.payload),', replace: 'value: message.payload as Buffer,' }],
    promise: 'The raw topic has the bytes that came.',
    killers: [{ file: ROOM_SPEC, test: 'follow their events' }],
  },
  {
    id: 'lent-payload-in-warm-socket',
    area: 'Lent payloads',
    file: WARM,
    edits: [{ find: 'const kept = keptFrame(frame);', replace: 'const kept = frame;' }],
    promise: 'What a socket brings before its room is taken over comes out of it as it was.',
    killers: [{ file: 'apps/watcher/src/rooms/warm-socket.spec.ts', test: 'hands over what it brought as it came' }],
  },
];
