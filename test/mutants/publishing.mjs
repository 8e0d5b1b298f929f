const LOOP = 'apps/watcher/src/publishing/publish-loop.ts';
const LOOP_SPEC = 'apps/watcher/src/publishing/publish-loop.spec.ts';
const KAFKA = 'apps/watcher/src/publishing/kafka-event-publisher.adapter.ts';
const KAFKA_SPEC = 'test/integration/publishing/kafka-event-publisher.spec.ts';
const PRODUCE = 'apps/watcher/src/publishing/produce-request.ts';
const PRODUCE_SPEC = 'apps/watcher/src/publishing/produce-request.spec.ts';
const CURSORS = 'apps/watcher/src/journal/cursor-table.ts';
const LOG = 'apps/watcher/src/journal/event-log.ts';
const DISK = 'apps/watcher/src/journal/file-journal-disk.adapter.ts';
const DISK_SPEC = 'apps/watcher/src/journal/file-journal-disk.spec.ts';

/** @type {readonly import('../../scripts/lib/mutants/types.d.mts').Mutant[]} */
export const PUBLISHING = [
  // ------------------------------------------------------------------------------------------------------- cursor
  {
    id: 'cursor-before-acknowledgement',
    area: 'Cursor',
    file: LOOP,
    edits: [
      {
        find: 'if (await this.#attempt(() => this.#publish(events))) {',
        replace: 'reader.commit(last.offset);\n        if (await this.#attempt(() => this.#publish(events))) {',
      },
    ],
    promise: 'The cursor moves only after the brokers acknowledged.',
    killers: [{ file: LOOP_SPEC, test: 'never moves the cursor before the acknowledgement' }],
    sample: true,
  },
  {
    id: 'cursor-of-first-event',
    area: 'Cursor',
    file: LOOP,
    edits: [{ find: 'reader.commit(last.offset);', replace: 'reader.commit(events[0]?.offset ?? 0);' }],
    promise: 'What was acknowledged is not sent again after an orderly stop.',
    killers: [{ file: LOOP_SPEC, test: 'moves the cursor to the end of what was acknowledged' }],
  },
  {
    id: 'cursor-after-failure',
    area: 'Cursor',
    file: LOOP,
    edits: [{ find: '          reader.rewind();\n', replace: '          reader.commit(last.offset);\n' }],
    promise: 'A batch that was not acknowledged is sent again.',
    killers: [{ file: LOOP_SPEC, test: 'keeps order and loses nothing under random failures' }],
  },
  {
    id: 'cursor-not-rewound',
    area: 'Cursor',
    file: LOOP,
    edits: [{ find: '          reader.rewind();\n', replace: '' }],
    promise: 'A batch that was not acknowledged is sent again, before what follows it.',
    killers: [{ file: LOOP_SPEC, test: 'keeps order and loses nothing under random failures' }],
  },
  {
    id: 'cursor-beyond-what-was-read',
    area: 'Cursor',
    file: LOG,
    edits: [{ find: 'if (offset >= this.#next)', replace: 'if (offset > this.#next)' }],
    promise: 'A reader cannot pass an event that it never read.',
    killers: [
      { file: 'apps/watcher/src/journal/journal-contract.spec.ts', test: 'commits and rewinds each reader on its own' },
    ],
  },
  {
    id: 'cursor-file-not-flushed',
    area: 'Cursor',
    file: DISK,
    edits: [
      { find: 'await file.writeFile(text);\n      await file.datasync();', replace: 'await file.writeFile(text);' },
    ],
    promise: 'The file of the cursors is flushed before it takes the place of the old one.',
    killers: [{ file: DISK_SPEC, test: 'flushes a document before it takes the place of the old one' }],
  },
  {
    id: 'cursor-file-written-in-place',
    area: 'Cursor',
    file: DISK,
    edits: [
      { find: 'const next = `${path}.next`;', replace: 'const next = path;' },
      { find: 'await rename(next, path);', replace: '' },
    ],
    promise: 'A crash while cursors are written leaves the old ones or the new ones, whole.',
    killers: [{ file: DISK_SPEC, test: 'leaves the old document in place until the new one is whole' }],
  },
  {
    id: 'cursor-of-quickest-reader',
    area: 'Cursor',
    file: CURSORS,
    edits: [{ find: 'Math.min(...this.#readers.values())', replace: 'Math.max(...this.#readers.values())' }],
    promise: 'What one reader has passed is held for the others.',
    killers: [
      { file: 'apps/watcher/src/journal/journal-contract.spec.ts', test: 'commits and rewinds each reader on its own' },
    ],
  },
  {
    id: 'cursor-refused-and-forgotten',
    area: 'Cursor',
    file: CURSORS,
    edits: [{ find: '    } catch (error) {\n      this.#dirty = true;', replace: '    } catch (error) {' }],
    promise: 'Cursors that a full disk refused are written when there is space again.',
    killers: [
      {
        file: 'apps/watcher/src/journal/journal-limits.spec.ts',
        test: 'writes cursors that were refused as soon as there is space',
      },
    ],
  },
  // ---------------------------------------------------------------------------------------------- acknowledgement
  {
    id: 'ack-of-one-replica',
    area: 'Acknowledgement',
    file: PRODUCE,
    edits: [{ find: 'const ALL_REPLICAS = -1;', replace: 'const ALL_REPLICAS = 1;' }],
    promise: 'A record counts as sent when all replicas in sync have it.',
    killers: [{ file: KAFKA_SPEC, test: 'asks for the acknowledgement of all replicas' }],
  },
  {
    id: 'ack-missing-for-a-partition',
    area: 'Acknowledgement',
    file: PRODUCE,
    edits: [
      {
        find: 'if (code !== 0) failed.set',
        replace: 'if (code !== 0 && code !== undefined) failed.set',
      },
    ],
    promise: 'A batch counts as sent only when every partition of it was acknowledged.',
    killers: [{ file: PRODUCE_SPEC, test: 'is no acknowledgement of a partition that it does not name' }],
  },
  {
    id: 'ack-with-error-code',
    area: 'Acknowledgement',
    file: PRODUCE,
    edits: [{ find: 'if (code !== 0) failed.set', replace: 'if (code === undefined) failed.set' }],
    promise: 'An answer with an error code is no acknowledgement.',
    killers: [{ file: PRODUCE_SPEC, test: 'is no acknowledgement of a partition with an error' }],
  },
  {
    id: 'sequence-not-counted',
    area: 'Acknowledgement',
    file: 'apps/watcher/src/publishing/idempotent-producer.adapter.ts',
    edits: [{ find: '(firstSequence + events.length) % SEQUENCES', replace: '(firstSequence + 1) % SEQUENCES' }],
    promise: 'Brokers can tell a batch that is sent again from the next one.',
    killers: [{ file: KAFKA_SPEC, test: 'counts on for the brokers, and anew after a failure' }],
  },
  {
    id: 'batch-checksum-of-less',
    area: 'Acknowledgement',
    file: 'apps/watcher/src/publishing/batch-sealer.ts',
    edits: [
      { find: 'crc32c(batch, start + CHECKED_FROM, end)', replace: 'crc32c(batch, start + CHECKED_FROM + 1, end)' },
    ],
    promise: 'Damage on the way to the brokers is noticed by them.',
    killers: [
      {
        file: 'apps/watcher/src/publishing/record-batch.spec.ts',
        test: 'has a checksum over everything behind it',
      },
    ],
  },
  {
    id: 'batch-without-its-number',
    area: 'Acknowledgement',
    file: 'apps/watcher/src/publishing/batch-sealer.ts',
    edits: [{ find: 'batch.writeInt32BE(firstSequence, at)', replace: 'batch.writeInt32BE(0, at)' }],
    promise: 'Brokers drop a batch that they have already.',
    killers: [
      {
        file: 'apps/watcher/src/publishing/record-batch.spec.ts',
        test: 'is read by a Kafka client as the events that went in',
      },
    ],
  },
  {
    id: 'ack-failure-swallowed',
    area: 'Acknowledgement',
    file: LOOP,
    edits: [
      {
        find: '      this.#failed(error);\n      return false;',
        replace: '      this.#failed(error);\n      return true;',
      },
    ],
    promise: 'A failed request is no acknowledgement.',
    killers: [{ file: LOOP_SPEC, test: 'keeps order and loses nothing under random failures' }],
  },
  {
    id: 'producer-kept-after-failure',
    area: 'Acknowledgement',
    file: KAFKA,
    edits: [
      {
        find: '      await this.#discard();\n      throw toPublishError(error);',
        replace: '      throw toPublishError(error);',
      },
    ],
    promise: 'After a failure nobody knows which numbers the brokers have seen: a new producer begins.',
    killers: [{ file: KAFKA_SPEC, test: 'counts on for the brokers, and anew after a failure' }],
  },
  // -------------------------------------------------------------------------------------------------------- order
  {
    id: 'partition-by-another-seed',
    area: 'Order',
    file: 'apps/watcher/src/publishing/murmur2.ts',
    edits: [{ find: 'const SEED = 0x9747b28c;', replace: 'const SEED = 0x9747b28d;' }],
    promise: "A room's records go to the partition that every other client of Kafka expects.",
    killers: [{ file: 'apps/watcher/src/publishing/murmur2.spec.ts', test: 'as the Java client does' }],
  },
  {
    id: 'partition-by-absolute-value',
    area: 'Order',
    file: 'apps/watcher/src/publishing/murmur2.ts',
    edits: [
      {
        find: '(murmur2(Buffer.from(key)) & 0x7fffffff) % partitions',
        replace: 'Math.abs(murmur2(Buffer.from(key))) % partitions',
      },
    ],
    promise: 'The same for keys whose hash is negative.',
    killers: [{ file: 'apps/watcher/src/publishing/murmur2.spec.ts', test: 'as the Java client does' }],
  },
  {
    id: 'batch-in-reverse',
    area: 'Order',
    file: 'apps/watcher/src/publishing/publish-wave.ts',
    edits: [{ find: '      part.events.push(event);', replace: '      part.events.unshift(event);' }],
    promise: 'Records of a room are sent in the order of the journal.',
    killers: [{ file: KAFKA_SPEC, test: 'keeps the order of each key over batches' }],
  },
  {
    id: 'read-ahead-not-waited-for',
    area: 'Order',
    file: LOOP,
    edits: [{ find: '          await ahead;\n          ahead = undefined;\n', replace: '' }],
    promise: 'What was read ahead is not sent before the batch that failed.',
    killers: [{ file: LOOP_SPEC, test: 'keeps order and loses nothing under random failures' }],
  },
];
