/**
 * Gives one object for all values that are equal, so that thousands of connections with the same settings hold it once.
 * It remembers the newest few; a value that is none of them is taken as it is. What it gives must never be changed.
 */
export class Interner<T extends object> {
  private readonly newest: T[] = [];

  /** @param remembered how many different values are kept at most, for good */
  constructor(
    private readonly isEqual: (a: T, b: T) => boolean,
    private readonly remembered = 8,
  ) {}

  /** The value that is equal to this one and was given before, else this one. */
  intern(value: T): T {
    const known = this.newest.find((candidate) => this.isEqual(candidate, value));
    if (known !== undefined) return known;
    this.newest.unshift(value);
    if (this.newest.length > this.remembered) this.newest.pop();
    return value;
  }
}

/** True when both have the same own keys in the same order, and equal values by `isEqual`, by default identical ones. */
export function hasSameEntries(
  a: object,
  b: object,
  isEqual: (a: unknown, b: unknown) => boolean = Object.is,
): boolean {
  const [first, second] = [Object.entries(a), Object.entries(b)];
  return (
    first.length === second.length &&
    first.every(([key, value], at) => key === second[at]?.[0] && isEqual(value, second[at][1]))
  );
}
