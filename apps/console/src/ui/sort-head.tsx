import { Icon } from './icon.js';

interface Properties {
  words: string;
  /** Whether the rows are in the order of this column now. */
  active: boolean;
  number?: boolean;
  onSort: () => void;
}

/** The head of a column by which the table can be put in order; the most comes first. */
export function SortHead({ words, active, number = false, onSort }: Properties) {
  return (
    <th scope="col" class={number ? 'number' : ''} {...(active ? { 'aria-sort': 'descending' as const } : {})}>
      <button type="button" class="sort" onClick={onSort}>
        {words}
        {active && <Icon name="down" size={14} />}
      </button>
    </th>
  );
}
