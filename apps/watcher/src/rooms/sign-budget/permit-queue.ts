import type { PermitRequest, SignPermit } from './sign-budget.port.js';
import { SignQueueFullError } from './sign-budget.port.js';

interface Waiter {
  readonly request: PermitRequest;
  readonly grant: (permit: SignPermit) => void;
  told: boolean;
}

/** Time counts so much more for the most important room than for the least important one, which so never starves. */
const PRIORITY_WEIGHT = 2;

/** How much a room's turn is due: the time that it waits, weighed by its priority. A millisecond at least, so that priority counts at once. */
export function urgency(request: Pick<PermitRequest, 'priority' | 'waitingSince'>, now: number): number {
  return Math.max(1, now - request.waitingSince) * (1 + (PRIORITY_WEIGHT * request.priority) / 100);
}

/** Rooms that wait for a permit: bounded, left by abort, served by urgency. */
export class PermitQueue {
  readonly #waiting = new Set<Waiter>();

  constructor(private readonly limit: number) {}

  get size(): number {
    return this.#waiting.size;
  }

  /** @throws SignQueueFullError, or the signal's reason */
  wait(request: PermitRequest): Promise<SignPermit> {
    const { signal } = request;
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.#waiting.size >= this.limit)
      return Promise.reject(new SignQueueFullError('too many rooms wait for a signature'));
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiting.delete(waiter);
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        request,
        told: false,
        grant: (permit) => {
          signal.removeEventListener('abort', abort);
          this.#waiting.delete(waiter);
          resolve(permit);
        },
      };
      signal.addEventListener('abort', abort, { once: true });
      this.#waiting.add(waiter);
    });
  }

  /** Gives the permit to the most urgent one; false when nobody waits. */
  serve(permit: SignPermit, now: number): boolean {
    let first: Waiter | undefined;
    for (const waiter of this.#waiting)
      if (first === undefined || urgency(waiter.request, now) > urgency(first.request, now)) first = waiter;
    first?.grant(permit);
    return first !== undefined;
  }

  /** Tells everybody who still waits that it takes longer; each once. */
  tell(): void {
    for (const waiter of [...this.#waiting]) {
      if (waiter.told) continue;
      waiter.told = true;
      waiter.request.onWaiting();
    }
  }
}
