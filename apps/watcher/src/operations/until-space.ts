import type { Clock, Random } from '../common/clock.port.js';
import type { Logger } from '../common/logger.port.js';
import { DISK_FULL_HINT } from '../journal/disk-full.js';
import { JournalError } from '../journal/journal.errors.js';
import { pause } from '../publishing/pause.js';
import { BackOff } from '../common/back-off.js';

export interface UntilSpaceOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Aborts the wait. */
  readonly signal: AbortSignal;
  /** Told in words what is being waited for. */
  readonly onWaiting: (reason: string) => void;
}

const RETRY_BASE_MS = 500;
const RETRY_CAP_MS = 3_000;

/**
 * A step of the start that needs the disk: while that is full, says so once and tries again, as a running service does.
 * @throws every other failure of `work`; the signal's reason
 */
export async function untilSpace<T>(work: () => Promise<T>, options: UntilSpaceOptions): Promise<T> {
  const { clock, random, logger, signal, onWaiting } = options;
  const backOff = new BackOff({ random, baseMs: RETRY_BASE_MS, capMs: RETRY_CAP_MS });
  for (;;) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof JournalError) || error.code !== 'WATCHER_JOURNAL_DISK_FULL') throw error;
      if (backOff.attempts === 0) logger.warn('start.diskFull', { message: error.message });
      onWaiting(`the disk is full: ${DISK_FULL_HINT}`);
      await pause(clock, backOff.next(), signal);
    }
  }
}
