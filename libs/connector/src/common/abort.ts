import type { ConnectorClock } from './clock.js';

/** The reason of an aborted signal as something that can be thrown. */
export function abortReason(signal: AbortSignal): Error {
  const reason: unknown = signal.reason;
  return reason instanceof Error ? reason : new DOMException('The operation was aborted.', 'AbortError');
}

/** @throws the signal's reason when it is already aborted */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  signal?.throwIfAborted();
}

/**
 * Waits `delayMs` milliseconds of the given clock.
 * @throws the signal's reason as soon as it aborts; the timer is then taken back
 */
export async function sleep(clock: ConnectorClock, delayMs: number, signal?: AbortSignal): Promise<void> {
  throwIfAborted(signal);
  await new Promise<void>((resolve) => {
    const onAbort = (): void => {
      timer.cancel();
      resolve();
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, delayMs);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  throwIfAborted(signal);
}

/** A signal that follows `outer` and can be aborted by its owner; `release` detaches it from `outer`. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  abort(reason: Error): void;
  release(): void;
}

/** Links an own controller to an optional outer signal without leaving a listener behind. */
export function linkAbort(outer?: AbortSignal): LinkedAbort {
  const controller = new AbortController();
  const follow = (): void => controller.abort(outer?.reason);
  if (outer?.aborted) follow();
  else outer?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    abort: (reason) => controller.abort(reason),
    release: () => outer?.removeEventListener('abort', follow),
  };
}
