import type { ReadableJournalDisk } from './journal-disk.port.js';
import { parseCursors, readFinished, readIdentity, readNewest, refuseLoss } from './journal-recovery.js';
import { Segment } from './segment.js';

/** The state of a journal on disk. */
export interface JournalInspection {
  readonly segments: number;
  /** Bytes of all segments. */
  readonly bytes: number;
  /** Bytes of those that a reader still needs. */
  readonly heldBytes: number;
  /** Offset of the newest event, 0 when there is none. */
  readonly lastOffset: number;
  /** Events that not every reader has passed. */
  readonly pendingEvents: number;
  /** By name; `pending`: events that it has not passed. */
  readonly readers: readonly { readonly name: string; readonly committed: number; readonly pending: number }[];
}

/**
 * Reads a journal as a start would, and changes nothing: a torn tail stays. Another process may write it meanwhile. undefined
 * for one that was never used.
 * @throws JournalError WATCHER_JOURNAL_CORRUPT; errors of the system, ENOENT also for a segment that was deleted meanwhile
 */
export async function inspectJournal(disk: ReadableJournalDisk): Promise<JournalInspection | undefined> {
  // Cursors first: what they promise is durable by the time the segments are read.
  const cursors = parseCursors(await disk.readDocument('cursors'));
  const files = await disk.segments();
  const id = await readIdentity(disk, files.length > 0);
  const newestFile = files.at(-1);
  if (id === undefined || newestFile === undefined) return undefined;
  const finished = await readFinished(disk, id, files);
  const { firstOffset } = newestFile;
  // One that was not begun whole counts as empty: a start begins it anew.
  const newest = (await readNewest(disk, id, newestFile)) ?? new Segment(firstOffset, 0, { bytes: 0, headerBytes: 0 });
  refuseLoss(disk, newest, cursors);
  const { lastOffset } = newest;
  const readers = Object.entries(cursors.readers).map(([name, committed]) => ({
    name,
    committed,
    pending: Math.max(0, lastOffset - committed),
  }));
  const passed = Math.min(lastOffset, ...readers.map(({ committed }) => committed));
  const segments = [...finished, newest];
  const held = segments.filter((segment) => segment.lastOffset > passed);
  return {
    segments: segments.length,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    heldBytes: held.reduce((sum, { bytes }) => sum + bytes, 0),
    lastOffset,
    pendingEvents: lastOffset - passed,
    readers,
  };
}
