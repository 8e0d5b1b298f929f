interface Properties<Sort extends string> {
  /** The orders with their words. */
  sorts: Readonly<Record<Sort, string>>;
  value: Sort;
  onChange: (sort: Sort) => void;
}

/** The order of a list. */
export function SortSelect<Sort extends string>({ sorts, value, onChange }: Properties<Sort>) {
  return (
    <label class="inline">
      Sort by
      <select value={value} onChange={(event) => onChange(event.currentTarget.value as Sort)}>
        {Object.entries<string>(sorts).map(([key, words]) => (
          <option key={key} value={key}>
            {words}
          </option>
        ))}
      </select>
    </label>
  );
}
