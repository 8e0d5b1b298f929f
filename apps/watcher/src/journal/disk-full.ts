import { constants } from 'node:os';

/** What `livetap` tells people to do; one wording for log, readiness and errors. */
export const DISK_FULL_HINT = 'free space, or raise the quota, on the disk of LIVETAP_DATA_DIR; it goes on by itself';

/**
 * True when a write, a flush or a new file was refused for want of space (disk or quota): the one failure of a disk that
 * mends itself, and so is waited for. Every other one is final.
 */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errno } = error as NodeJS.ErrnoException;
  // The runtime has no name for a quota that is used up on every system, but always its number.
  return code === 'ENOSPC' || code === 'EDQUOT' || errno === -constants.errno.EDQUOT;
}
