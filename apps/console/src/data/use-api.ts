import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { Api } from '../api/api.js';
import { wordsOf } from '../api/api-problem.js';

const RETRY_MS = 5_000;

export const ApiContext = createContext<Api | undefined>(undefined);

export function useApi(): Api {
  const api = useContext(ApiContext);
  if (api === undefined) throw new Error('There is no ApiContext.Provider around this component.');
  return api;
}

export interface Polled<T> {
  /** The newest answer; stays when a later request fails. */
  readonly data: T | undefined;
  /** Why the last request failed, in words. */
  readonly problem: string | undefined;
  /** Asks at once, and resolves when the answer is shown. */
  readonly reload: () => Promise<void>;
}

/**
 * Asks again and again, one request at a time, `everyMs` after each answer. A tab that is hidden does not ask.
 * What `load` depends on must be in `dependencies`: then the answer before is forgotten. `everyMs` 0: once.
 */
export function usePoll<T>(
  load: (api: Api, signal: AbortSignal, before: T | undefined) => Promise<T>,
  everyMs: number | ((data: T | undefined) => number),
  dependencies: readonly unknown[] = [],
): Polled<T> {
  const api = useApi();
  const [state, setState] = useState<{ data?: T | undefined; problem?: string | undefined }>({});
  const newest = useRef({ load, everyMs });
  newest.current = { load, everyMs };
  const ask = useRef<() => Promise<void>>(async () => undefined);

  useEffect(() => {
    const stop = new AbortController();
    let data: T | undefined;
    let failed = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let running: Promise<void> | undefined;
    setState({});
    const once = async (): Promise<void> => {
      try {
        data = await newest.current.load(api, stop.signal, data);
        failed = false;
        if (!stop.signal.aborted) setState({ data, problem: undefined });
      } catch (error) {
        failed = true;
        if (!stop.signal.aborted) setState({ data, problem: wordsOf(error) });
      }
    };
    const plan = (): void => {
      const { everyMs: pause } = newest.current;
      const wanted = typeof pause === 'function' ? pause(data) : pause;
      // What is asked for once only is asked for until it is there.
      const ms = failed && wanted === 0 ? RETRY_MS : wanted;
      clearTimeout(timer);
      if (ms > 0 && !stop.signal.aborted && !document.hidden) timer = setTimeout(() => void run(), ms);
    };
    const run = (): Promise<void> => {
      running ??= once().finally(() => {
        running = undefined;
        plan();
      });
      return running;
    };
    const shown = (): void => {
      if (!document.hidden) void run();
    };
    document.addEventListener('visibilitychange', shown);
    ask.current = async () => {
      // An answer that is under way may be older than what the caller has just changed.
      await running;
      await run();
    };
    void run();
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', shown);
    };
  }, [api, ...dependencies]);

  const reload = useCallback(() => ask.current(), []);
  return { data: state.data, problem: state.problem, reload };
}

/** Whether the service asks for a key. */
export function useAccess(): { needsKey: boolean; hasKey: boolean } {
  const api = useApi();
  const [, changed] = useReducer((count: number) => count + 1, 0);
  useEffect(() => api.onAccess(() => changed(undefined)), [api]);
  return { needsKey: api.needsKey, hasKey: api.hasKey };
}

/** The present time, ms since the epoch, renewed at an even pace. */
export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
