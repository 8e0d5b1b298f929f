import { describe, expect, it } from 'vitest';
import { loadPages, type Page } from './pages.js';

/** A list of two entries a page, and what was asked of it. */
function listOf(items: readonly string[]) {
  const asked: (readonly [string | undefined, number])[] = [];
  const load = async (cursor: string | undefined, at: number): Promise<Page<string>> => {
    asked.push([cursor, at]);
    const start = Number(cursor ?? 0);
    const next = start + 2;
    return { items: items.slice(start, next), nextCursor: next < items.length ? String(next) : undefined };
  };
  return { load, asked };
}
const self = (item: string): string => item;

describe('loadPages', () => {
  it('grows by the next page alone, at the time of the first one', async () => {
    const { load, asked } = listOf(['a', 'b', 'c', 'd', 'e']);
    const first = await loadPages(load, self, { before: undefined, grow: false, now: 10 });
    expect(first).toEqual({ items: ['a', 'b'], nextCursor: '2', pages: 1, at: 10 });
    const second = await loadPages(load, self, { before: first, grow: true, now: 20 });
    const third = await loadPages(load, self, { before: second, grow: true, now: 30 });
    expect(third).toEqual({ items: ['a', 'b', 'c', 'd', 'e'], nextCursor: undefined, pages: 3, at: 10 });
    expect(asked).toEqual([
      [undefined, 10],
      ['2', 10],
      ['4', 10],
    ]);
  });

  it('fetches as many pages anew as were there, at the present time', async () => {
    const { load, asked } = listOf(['a', 'b', 'c', 'd', 'e']);
    const before = { items: ['x', 'y', 'z', 'w'], nextCursor: '4', pages: 2, at: 10 };
    const again = await loadPages(load, self, { before, grow: false, now: 40 });
    expect(again).toEqual({ items: ['a', 'b', 'c', 'd'], nextCursor: '4', pages: 2, at: 40 });
    expect(asked).toEqual([
      [undefined, 40],
      ['2', 40],
    ]);
  });

  it('shows once what moved between two pages, and starts anew when there is no further page', async () => {
    const { load } = listOf(['a', 'b', 'b', 'c']);
    const run = { items: [], pages: 2, at: 1 };
    expect((await loadPages(load, self, { before: run, grow: true, now: 2 })).items).toEqual(['a', 'b', 'c']);
  });
});
