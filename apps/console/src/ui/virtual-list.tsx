import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

interface Properties<T> {
  label: string;
  items: readonly T[];
  keyOf: (item: T) => string;
  /** All rows are equally high, px. */
  rowHeight: number;
  row: (item: T) => ComponentChildren;
}

/** Rows beyond the edges of the screen, so that the next one that gets the focus is there. */
const SPARE_ROWS = 8;

/** A list that only holds the rows near the screen, however long it is. It scrolls with the page. */
export function VirtualList<T>({ label, items, keyOf, rowHeight, row }: Properties<T>) {
  const list = useRef<HTMLUListElement>(null);
  const [range, setRange] = useState({ first: 0, last: 30 });

  useEffect(() => {
    let frame = 0;
    const measure = (): void => {
      frame = 0;
      const top = list.current?.getBoundingClientRect().top ?? 0;
      const first = Math.max(0, Math.floor(-top / rowHeight) - SPARE_ROWS);
      const last = Math.ceil((innerHeight - top) / rowHeight) + SPARE_ROWS;
      setRange((before) => (before.first === first && before.last === last ? before : { first, last }));
    };
    const plan = (): void => {
      frame ||= requestAnimationFrame(measure);
    };
    measure();
    addEventListener('scroll', plan, { passive: true });
    addEventListener('resize', plan);
    return () => {
      cancelAnimationFrame(frame);
      removeEventListener('scroll', plan);
      removeEventListener('resize', plan);
    };
  }, [rowHeight, items.length]);

  return (
    <ul ref={list} class="virtual" aria-label={label} style={{ height: `${items.length * rowHeight}px` }}>
      {items.slice(range.first, range.last).map((item, index) => (
        <li
          key={keyOf(item)}
          aria-setsize={items.length}
          aria-posinset={range.first + index + 1}
          style={{ top: `${(range.first + index) * rowHeight}px`, height: `${rowHeight}px` }}
        >
          {row(item)}
        </li>
      ))}
    </ul>
  );
}
