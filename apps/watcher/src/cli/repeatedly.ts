import type { Clock, TimerHandle } from '../common/clock.port.js';

/** Does something each `everyMs`, for the first time after that. Returns how to stop it. */
export function repeatedly(clock: Clock, everyMs: number, act: () => void): () => void {
  let timer: TimerHandle;
  const arm = (): void => {
    timer = clock.setTimeout(() => {
      act();
      arm();
    }, everyMs);
  };
  arm();
  return () => timer.cancel();
}
