/** Keeps what is made for a key, at most so many: the one not asked for for the longest time goes first. */
export class RecentlyUsed<T> {
  readonly #entries = new Map<string, T>();

  constructor(private readonly limit: number) {}

  /** What was made for the key, made now if there is none. What `make` throws passes through, and nothing is kept. */
  get(key: string, make: () => T): T {
    const known = this.#entries.get(key);
    const entry = known ?? make();
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.limit) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }

  /** Those that are kept, the one not asked for for the longest time first. */
  values(): IterableIterator<T> {
    return this.#entries.values();
  }
}
