import type { EventEmitter } from 'node:events';
import { ControlEvent } from '../events/webcast-event.js';

/** Warnings of the process carry this code, so that they can be told from others. */
const WARNING_CODE = 'CONNECTOR_UNHEARD_ERROR';

/**
 * Calls the listeners of one connection, each on its own: one that throws, or whose promise rejects, costs the others
 * nothing and is reported as `error`. With nobody listening to `error`, the first failure that no promise of a caller
 * carries becomes a warning of the process, so that it is not lost in silence.
 */
export class EventDelivery {
  private warned = false;

  constructor(private readonly emitter: EventEmitter) {}

  /** Calls the listeners in the order of their registration. Never throws. */
  deliver(event: string, args: readonly unknown[]): void {
    for (const listener of this.emitter.rawListeners(event)) {
      try {
        const result: unknown = Reflect.apply(listener, this.emitter, args);
        if (isThenable(result)) result.then(undefined, (exception: unknown) => this.listenerFailed(event, exception));
      } catch (exception) {
        this.listenerFailed(event, exception);
      }
    }
  }

  /** @param isCarried the caller gets the same failure from a promise as well */
  report(info: string, exception: unknown, isCarried = false): void {
    if (this.emitter.listenerCount(ControlEvent.ERROR) > 0) this.deliver(ControlEvent.ERROR, [{ info, exception }]);
    else if (!isCarried) this.warn(`${info}, which nobody listens to`, exception);
  }

  private listenerFailed(event: string, exception: unknown): void {
    const info = `Error in a listener of "${event}"`;
    // A listener of `error` that fails has nobody left to report to but the process.
    if (event === (ControlEvent.ERROR as string)) this.warn(info, exception);
    else this.report(info, exception);
  }

  private warn(info: string, exception: unknown): void {
    if (this.warned) return;
    this.warned = true;
    const message = exception instanceof Error ? `${exception.name}: ${exception.message}` : typeof exception;
    process.emitWarning(`${info}: ${message}`, { code: WARNING_CODE });
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
