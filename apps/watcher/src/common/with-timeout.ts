import type { Clock } from './clock.port.js';

/**
 * Runs `work` and waits for it for `timeoutMs` at most. The work itself goes on; its late result is ignored.
 * @throws an Error with `message` when the time is over, else what the work throws
 */
export function withTimeout<T>(work: () => Promise<T>, timeoutMs: number, clock: Clock, message: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => reject(new Error(message)), timeoutMs);
    work()
      .then(resolve, reject)
      .finally(() => timer.cancel());
  });
}
