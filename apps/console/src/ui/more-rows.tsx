import type { PagedList } from '../data/use-pages.js';
import { whole } from '../format.js';

interface Properties {
  list: PagedList<unknown>;
  /** What the rows are, as in “50 sessions shown”. */
  things: string;
  /** Where those are that the page does not show. */
  beyond: string;
}

/** The end of a list that is read page by page: how much is shown, and the button that fetches more. */
export function MoreRows({ list, things, beyond }: Properties) {
  const { items = [], rest, busy, more } = list;
  return (
    <>
      <p class="hidden" role="status">
        {list.items === undefined ? '' : `${whole(items.length)} ${things} shown`}
      </p>
      {rest === 'more' && (
        <p class="more">
          <button type="button" aria-busy={busy} onClick={more}>
            {busy ? 'Loading …' : `More ${things}`}
          </button>
        </p>
      )}
      {rest === 'tooMany' && <p class="more note">{`The first ${whole(items.length)} are shown. ${beyond}`}</p>}
    </>
  );
}
