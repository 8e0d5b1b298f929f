import { useEffect, useState } from 'preact/hooks';

/** As in streamers.css. */
const NARROW = '(max-width: 46rem)';
const ROW_PX = 64;
const NARROW_ROW_PX = 72;

/** The height of a row of the list, px. */
export function useRowHeight(): number {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const query = matchMedia(NARROW);
    const changed = (): void => setNarrow(query.matches);
    query.addEventListener('change', changed);
    return () => query.removeEventListener('change', changed);
  }, []);
  return narrow ? NARROW_ROW_PX : ROW_PX;
}
