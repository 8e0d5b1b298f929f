import type { EventEmitter } from 'node:events';
import { ControlEvent } from '../events/webcast-event.js';

/** A class of errors that takes the message first. */
type ErrorClass = new (message: string, ...rest: never[]) => Error;

/** An object whose methods report: through `handleError`, or as an emitter with the event `error`. */
interface Reporter {
  handleError?(exception: unknown, info: string): void;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- decorates methods of every signature
type AnyMethod = (this: any, ...args: any[]) => any;

/**
 * Method decorator: what the method throws, or rejects with, is reported through `this.handleError(exception, info)`
 * and thrown again. An object without `handleError` that is an emitter reports as `error` when somebody listens.
 * Works with both kinds of decorators (TypeScript's own and the standard ones).
 * @param wrapperClass errors of other classes are thrown as this one, with the same message and the original as `cause`
 */
export function HandleError(info: string, wrapperClass?: ErrorClass) {
  const fail = (owner: unknown, error: unknown): never => {
    const exception = wrapperClass && !(error instanceof wrapperClass) ? wrapped(wrapperClass, error) : error;
    report(owner, exception, info);
    throw exception;
  };
  const wrap = (method: AnyMethod): AnyMethod =>
    function (this: unknown, ...args: unknown[]): unknown {
      let result: unknown;
      try {
        result = method.apply(this, args);
      } catch (error) {
        return fail(this, error);
      }
      return result instanceof Promise ? result.catch((error: unknown) => fail(this, error)) : result;
    };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- one function for both kinds of decorators
  return (target: any, _context: any, descriptor?: PropertyDescriptor): any => {
    if (!descriptor) return wrap(target as AnyMethod);
    return { ...descriptor, value: wrap(descriptor.value as AnyMethod) };
  };
}

function wrapped(wrapperClass: ErrorClass, cause: unknown): Error {
  const error = new wrapperClass(cause instanceof Error ? cause.message : String(cause));
  if (error.cause === undefined) Object.defineProperty(error, 'cause', { value: cause, configurable: true });
  return error;
}

function report(owner: unknown, exception: unknown, info: string): void {
  const reporter = owner as Reporter & Partial<EventEmitter>;
  if (typeof reporter.handleError === 'function') reporter.handleError(exception, info);
  else if ((reporter.listenerCount?.(ControlEvent.ERROR) ?? 0) > 0)
    reporter.emit?.(ControlEvent.ERROR, { info, exception });
}
