import type { Clock } from '../common/clock.port.js';
import type { CrashPoints } from '../common/crash-point.js';
import { systemCodeOf } from '../common/system-code.js';
import { DISK_FULL_HINT, isDiskFull } from './disk-full.js';
import { FileJournalDisk } from './file-journal-disk.adapter.js';
import { recoverJournal } from './journal-recovery.js';
import { JournalError } from './journal.errors.js';
import { SegmentJournal } from './segment-journal.js';

export interface JournalOptions {
  /** Made when missing; locked for this process until the journal closes. */
  readonly directory: string;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly clock: Clock;
  /**
   * Names of the readers that this configuration has. They hold segments from now on, before they are opened; stored
   * cursors of other names are forgotten (a sink that was switched off must not fill the disk). Default: whatever is stored.
   */
  readonly readers?: readonly string[];
  /** Default 64 MiB, at most an eighth of `maxBytes`. */
  readonly segmentBytes?: number;
  /** Newest events kept in memory for the readers near them, at most; default 16 MiB. */
  readonly memoryBytes?: number;
  readonly crashPoints?: CrashPoints;
}

const SEGMENT_BYTES = 64 * 1024 * 1024;
const MEMORY_BYTES = 16 * 1024 * 1024;
/** The cap is kept in steps of this share. */
const SEGMENTS_IN_CAP = 8;

/**
 * Opens a journal directory: takes the lock, cuts a torn tail, checks the newest segment.
 * @throws JournalError WATCHER_JOURNAL_LOCKED, WATCHER_JOURNAL_CORRUPT, WATCHER_JOURNAL_UNUSABLE,
 *   WATCHER_JOURNAL_DISK_FULL (retryable)
 */
export async function openJournal(options: JournalOptions): Promise<SegmentJournal> {
  try {
    const disk = await FileJournalDisk.open(options.directory, options.crashPoints);
    try {
      return await openOn(disk, options);
    } catch (error) {
      await disk.release();
      throw error;
    }
  } catch (error) {
    throw error instanceof JournalError ? error : directoryError(options.directory, error);
  }
}

async function openOn(disk: FileJournalDisk, options: JournalOptions): Promise<SegmentJournal> {
  const recovered = await recoverJournal(disk, options.clock);
  const segmentBytes = Math.min(options.segmentBytes ?? SEGMENT_BYTES, Math.floor(options.maxBytes / SEGMENTS_IN_CAP));
  const limits = {
    maxBytes: options.maxBytes,
    maxAgeMs: options.maxAgeMs,
    segmentBytes,
    memoryBytes: options.memoryBytes ?? MEMORY_BYTES,
  };
  return new SegmentJournal(disk, recovered, options.readers, limits, options.clock);
}

/** What the system says about a directory, as an error that says what to do about it. */
export function directoryError(directory: string, cause: unknown): JournalError {
  const system = systemCodeOf(cause);
  const context = { directory, system };
  if (isDiskFull(cause))
    return new JournalError('WATCHER_JOURNAL_DISK_FULL', `The disk of ${directory} is full: ${DISK_FULL_HINT}.`, {
      cause,
      context,
    });
  return new JournalError(
    'WATCHER_JOURNAL_UNUSABLE',
    `The journal directory ${directory} cannot be used (${system}). Give the user of this process the right to write there, or set LIVETAP_DATA_DIR to another folder.`,
    { cause, context },
  );
}
