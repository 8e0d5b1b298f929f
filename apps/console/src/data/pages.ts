/** One page of a list, as the service hands it out. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string | undefined;
}

/** The pages of a list that were asked for so far, from the first one on. */
export interface PageRun<T> extends Page<T> {
  readonly pages: number;
  /** When the first of them was asked for, ms since the epoch: what relates to the present relates to this, on every page. */
  readonly at: number;
}

interface Wanted<T> {
  readonly before: PageRun<T> | undefined;
  /** Only the next page is fetched; otherwise all of them anew. */
  readonly grow: boolean;
  /** ms since the epoch */
  readonly now: number;
}

/** Fetches the pages one after the other. A list may move between two pages: each item is there once, where it came first. */
export async function loadPages<T>(
  load: (cursor: string | undefined, at: number) => Promise<Page<T>>,
  keyOf: (item: T) => string,
  { before, grow, now }: Wanted<T>,
): Promise<PageRun<T>> {
  const growing = grow && before?.nextCursor !== undefined;
  const at = growing ? before.at : now;
  const most = growing ? before.pages + 1 : (before?.pages ?? 1);
  const found = new Map<string, T>(growing ? before.items.map((item) => [keyOf(item), item]) : []);
  let pages = growing ? before.pages : 0;
  let cursor = growing ? before.nextCursor : undefined;
  do {
    const page = await load(cursor, at);
    for (const item of page.items) if (!found.has(keyOf(item))) found.set(keyOf(item), item);
    cursor = page.nextCursor;
    pages += 1;
  } while (cursor !== undefined && pages < most);
  return { items: [...found.values()], nextCursor: cursor, pages, at };
}
