const JOURNAL_FILE = 'apps/watcher/src/journal/segment-journal.ts';
const FILES = 'apps/watcher/src/journal/segment-files.ts';
const DISK = 'apps/watcher/src/journal/file-journal-disk.adapter.ts';
const CODEC = 'apps/watcher/src/journal/record-codec.ts';
const RECOVERY = 'apps/watcher/src/journal/journal-recovery.ts';
const RECENT = 'apps/watcher/src/journal/recent-events.ts';
const RECENT_SPEC = 'apps/watcher/src/journal/recent-events.spec.ts';
const CONTRACT_SPEC = 'apps/watcher/src/journal/journal-contract.spec.ts';
const LIMITS_SPEC = 'apps/watcher/src/journal/journal-limits.spec.ts';
const SEGMENT_SPEC = 'apps/watcher/src/journal/segment-journal.spec.ts';
const DISK_SPEC = 'apps/watcher/src/journal/file-journal-disk.spec.ts';
const area = 'Journal';

/** @type {readonly import('../../scripts/lib/mutants/types.d.mts').Mutant[]} */
export const JOURNAL = [
  {
    id: 'journal-shown-before-flush',
    area,
    file: FILES,
    edits: [{ find: 'await this.#writer.append(group);', replace: 'void this.#writer.append(group);' }],
    promise: 'No reader sees an event before it is flushed.',
    killers: [{ file: LIMITS_SPEC, test: 'shows an event to readers, tails and figures only after its flush' }],
    sample: true,
  },
  {
    id: 'journal-not-flushed',
    area,
    file: DISK,
    edits: [
      {
        find: 'if (!this.writesThrough) await this.file.datasync();\n    this.crashPoints.reached(CrashPoint.JournalFlushed);',
        replace: 'this.crashPoints.reached(CrashPoint.JournalFlushed);',
      },
    ],
    promise: 'An event that was confirmed is on the device, not only in memory of the system.',
    killers: [{ file: DISK_SPEC, test: 'flushes a group before it is confirmed' }],
  },
  {
    id: 'journal-reopened-without-write-through',
    area,
    file: DISK,
    edits: [{ find: 'constants.O_RDWR | this.writeThrough', replace: 'constants.O_RDWR' }],
    promise: 'So is one that goes into a segment which was there at the start.',
    killers: [{ file: DISK_SPEC, test: 'leaves the flush to the write where the system can' }],
  },
  {
    id: 'journal-segment-name-not-flushed',
    area,
    file: DISK,
    edits: [
      {
        find: 'await file.datasync();\n      await this.#syncDirectory();',
        replace: 'await file.datasync();',
      },
    ],
    promise: 'The name of a new segment is durable before an event goes into it.',
    killers: [{ file: DISK_SPEC, test: 'flushes a new segment and its name before it is used' }],
  },
  {
    id: 'journal-torn-tail-kept',
    area,
    file: DISK,
    edits: [{ find: 'await file.truncate(size);', replace: '' }],
    promise: 'A torn tail is cut at start, so that it can never be read as something later.',
    killers: [{ file: DISK_SPEC, test: 'cuts what follows the good end when a segment is opened again' }],
  },
  {
    id: 'journal-write-after-refusal-misplaced',
    area,
    file: DISK,
    edits: [
      {
        find: 'await writeAll(this.file.fd, bytes, this.position);',
        replace:
          'const at = this.position;\n    this.position += bytes.length;\n    await writeAll(this.file.fd, bytes, at);',
      },
      { find: '    this.position += bytes.length;\n  }', replace: '  }' },
    ],
    promise: 'What a full disk refused is written again to the same place.',
    killers: [{ file: DISK_SPEC, test: 'writes a refused group again to the same place' }],
  },
  {
    id: 'journal-checksum-ignored',
    area,
    file: CODEC,
    edits: [
      {
        find: "if (bytes.readUInt32BE(position + 4) !== crc32(bytes.subarray(position + 8, end))) return { kind: 'damaged' };",
        replace: '',
      },
    ],
    promise: 'A damaged record is never returned as events.',
    killers: [{ file: SEGMENT_SPEC, test: 'after an orderly stop each flipped byte is found' }],
  },
  {
    id: 'journal-offset-of-group',
    area,
    file: JOURNAL_FILE,
    edits: [{ find: 'next += events.length;', replace: 'next += 1;' }],
    promise: 'Offsets count events, so that a cursor means the same event after a restart.',
    killers: [{ file: SEGMENT_SPEC, test: 'numbers the events of a group on the disk as it did in memory' }],
  },
  {
    id: 'journal-segment-needed-deleted-by-age',
    area,
    file: JOURNAL_FILE,
    edits: [
      {
        find: 'if (oldest === newest || oldest.lastOffset > this.#passed()) return false;',
        replace: 'if (oldest === newest) return false;',
      },
    ],
    promise: 'A segment is kept until every named reader has passed it, however old it is.',
    killers: [{ file: SEGMENT_SPEC, test: 'deletes passed ones by age, but none that a reader needs' }],
  },
  {
    id: 'journal-segment-needed-deleted-at-cap',
    area,
    file: JOURNAL_FILE,
    edits: [{ find: '      if (oldest.lastOffset > this.#passed()) return false;\n', replace: '' }],
    promise: 'A full journal waits for its readers instead of deleting what they need.',
    killers: [{ file: LIMITS_SPEC, test: 'costs no event that the slowest reader needs' }],
  },
  {
    id: 'journal-cap-ignored',
    area,
    file: JOURNAL_FILE,
    edits: [
      {
        find: 'while (this.#files.bytes + size + SEGMENT_HEADER_BYTES > this.limits.maxBytes) {',
        replace: 'while (this.limits.maxBytes < 0) {',
      },
    ],
    promise: 'The journal never grows beyond its cap.',
    killers: [{ file: LIMITS_SPEC, test: 'is never exceeded, by the figures or on the disk' }],
  },
  {
    id: 'journal-full-disk-is-final',
    area,
    file: JOURNAL_FILE,
    edits: [{ find: 'if (!isDiskFull(error)) throw error;', replace: 'throw error;' }],
    promise: 'A full disk is waited for and ends nothing.',
    killers: [{ file: LIMITS_SPEC, test: 'after any byte of a group: it waits, unseen, and is written over' }],
  },
  {
    id: 'journal-full-disk-is-success',
    area,
    file: JOURNAL_FILE,
    edits: [
      {
        find: 'if (!isDiskFull(error)) throw error;',
        replace: 'if (!isDiskFull(error)) throw error;\n        return true;',
      },
    ],
    promise: 'What a full disk refused is not confirmed.',
    killers: [{ file: LIMITS_SPEC, test: 'after any byte of a group: it waits, unseen, and is written over' }],
  },
  {
    id: 'journal-damage-in-the-middle-cut',
    area,
    file: RECOVERY,
    edits: [{ find: 'refuseDamage(name, segment, rest);', replace: 'void [refuseDamage, name, rest];' }],
    promise: 'Damage to what was durable is refused, not cut like a torn tail.',
    killers: [
      { file: SEGMENT_SPEC, test: 'tells damage in the middle from a torn end without the help of the cursors' },
    ],
  },
  {
    id: 'journal-shorter-than-promised',
    area,
    file: RECOVERY,
    edits: [{ find: 'if (lastOffset < promised) {', replace: 'if (lastOffset + 1 < promised) {' }],
    promise: 'A journal that lost durable events does not start as if nothing had happened.',
    killers: [{ file: SEGMENT_SPEC, test: 'after an orderly stop each flipped byte is found' }],
  },
  {
    id: 'journal-goes-on-after-failure',
    area,
    file: JOURNAL_FILE,
    edits: [{ find: 'if (this.#failure !== undefined) return Promise.reject(this.#failure);', replace: '' }],
    promise: 'After a failed write nothing is confirmed any more.',
    killers: [{ file: SEGMENT_SPEC, test: 'fails for good at the first failed write' }],
  },
  {
    id: 'journal-bookmark-beyond-durable',
    area,
    file: JOURNAL_FILE,
    edits: [{ find: 'Math.min(offset, this.#lastOffset)', replace: 'offset' }],
    promise: 'A bookmark is never ahead of what is durable.',
    killers: [
      {
        file: CONTRACT_SPEC,
        test: 'remembers bookmarks, which make nothing pending and are never ahead of what is durable',
      },
    ],
  },
  {
    id: 'journal-bookmark-holds-nothing',
    area,
    file: 'apps/watcher/src/journal/cursor-table.ts',
    edits: [
      {
        find: 'return this.#bookmarks.size === 0 ? lastOffset : Math.min(...this.#bookmarks.values());',
        replace: 'return lastOffset;',
      },
    ],
    promise: 'What no checkpoint knows yet is not deleted for its age.',
    killers: [{ file: SEGMENT_SPEC, test: 'deletes by age up to where a bookmark is, and the rest when it moves on' }],
  },
  {
    id: 'journal-read-beyond-durable',
    area,
    file: 'apps/watcher/src/journal/event-log.ts',
    edits: [
      {
        find: 'if (log.closed || signal?.aborted === true || next > log.lastOffset) return [];',
        replace: 'if (log.closed || signal?.aborted === true) return [];',
      },
      {
        find: '  await log.available(next, signal);\n',
        replace: '',
      },
    ],
    promise: 'A reader at the end waits for the next durable event.',
    killers: [{ file: CONTRACT_SPEC, test: 'waits for the next event, and stops waiting when the signal aborts' }],
  },
  {
    id: 'journal-memory-forgets-readers',
    area,
    file: RECENT,
    edits: [{ find: 'const { next } of this.#followers', replace: 'const { next } of [] as Follower[]' }],
    promise: 'Readers that keep up never touch the disk.',
    killers: [
      { file: SEGMENT_SPEC, test: 'keeps events in memory for those who are near the head, until they have read them' },
    ],
  },
  {
    id: 'journal-memory-waits-for-closed',
    area,
    file: JOURNAL_FILE,
    edits: [{ find: 'close: () => this.#recent.unfollow(follower)', replace: 'close: () => undefined' }],
    promise: 'Nor does one that is closed.',
    killers: [
      { file: SEGMENT_SPEC, test: 'keeps nothing for those who are closed or far behind, and takes them up again' },
    ],
  },
  {
    id: 'journal-memory-waits-for-backlog',
    area,
    file: RECENT,
    edits: [{ find: 'next < wanted && next >= end - FOLLOWING_EVENTS', replace: 'next < wanted' }],
    promise: 'A reader with a backlog holds nothing in memory.',
    killers: [
      {
        file: RECENT_SPEC,
        test: 'keeps nothing for a reader that is far behind, and all that comes for it once it is near',
      },
    ],
  },
];
