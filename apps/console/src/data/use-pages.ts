import { useCallback, useRef, useState } from 'preact/hooks';
import type { Api } from '../api/api.js';
import { loadPages, type Page, type PageRun } from './pages.js';
import { usePoll } from './use-api.js';

/** More are not shown: the page would hold them all. */
const MOST_PAGES = 20;

export interface PagedList<T> {
  /** Undefined until the first answer; stays when a later request fails. */
  readonly items: readonly T[] | undefined;
  /** Why the last request failed, in words. */
  readonly problem: string | undefined;
  /** Whether the service has more: it can be asked for, or there are too many to show. */
  readonly rest: 'none' | 'more' | 'tooMany';
  readonly busy: boolean;
  /** Fetches the next page; nothing while one is being fetched. */
  readonly more: () => void;
}

/**
 * A list that is read page by page and renewed every `everyMs` for each page that is shown. `load` gets the cursor and the time
 * that the present of all pages is (ms since the epoch). What it depends on must be in `dependencies`.
 */
export function usePages<T>(
  load: (api: Api, signal: AbortSignal, cursor: string | undefined, at: number) => Promise<Page<T>>,
  keyOf: (item: T) => string,
  everyMs: number,
  dependencies: readonly unknown[],
): PagedList<T> {
  const grow = useRef(false);
  const [busy, setBusy] = useState(false);
  const { data, problem, reload } = usePoll<PageRun<T>>(
    (api, signal, before) => {
      const growing = grow.current;
      grow.current = false;
      return loadPages((cursor, at) => load(api, signal, cursor, at), keyOf, {
        before,
        grow: growing,
        now: Date.now(),
      });
    },
    (run) => everyMs * (run?.pages ?? 1),
    dependencies,
  );
  const asked = useRef(false);
  const more = useCallback(() => {
    if (asked.current) return;
    asked.current = true;
    grow.current = true;
    setBusy(true);
    void reload().finally(() => {
      asked.current = false;
      setBusy(false);
    });
  }, [reload]);
  const rest = data?.nextCursor === undefined ? 'none' : data.pages < MOST_PAGES ? 'more' : 'tooMany';
  return { items: data?.items, problem, rest, busy, more };
}
