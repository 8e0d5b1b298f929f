interface Due {
  readonly key: string;
  readonly at: number;
  readonly priority: number;
}

/**
 * What is due when: a binary heap by time, and by priority where times are equal, with one entry for each key.
 * Pure and synchronous; O(log n) for each change. Holds at most as many entries as there are keys.
 */
export class DueList {
  readonly #heap: Due[] = [];
  readonly #index = new Map<string, number>();

  get size(): number {
    return this.#heap.length;
  }

  has(key: string): boolean {
    return this.#index.has(key);
  }

  /** When a key is due, undefined when it is not on the list. */
  timeOf(key: string): number | undefined {
    const index = this.#index.get(key);
    return index === undefined ? undefined : this.#heap[index]?.at;
  }

  /** Time of the earliest entry, undefined when there is none. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.at;
  }

  /** Sets when a key is due; replaces what was set before. Times are in any one unit; higher priority comes first. */
  set(key: string, at: number, priority = 0): void {
    this.delete(key);
    this.#heap.push({ key, at, priority });
    this.#index.set(key, this.#heap.length - 1);
    this.#rise(this.#heap.length - 1);
  }

  delete(key: string): boolean {
    const index = this.#index.get(key);
    if (index === undefined) return false;
    this.#index.delete(key);
    const last = this.#heap.pop();
    if (last !== undefined && index < this.#heap.length) {
      this.#heap[index] = last;
      this.#index.set(last.key, index);
      this.#rise(index);
      this.#sink(this.#index.get(last.key) ?? index);
    }
    return true;
  }

  /** Takes the earliest entry that is due at `now` off the list. */
  take(now: number): { readonly key: string; readonly at: number } | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.delete(first.key);
    return { key: first.key, at: first.at };
  }

  #before(a: number, b: number): boolean {
    const left = this.#heap[a];
    const right = this.#heap[b];
    if (left === undefined || right === undefined) return false;
    return left.at < right.at || (left.at === right.at && left.priority > right.priority);
  }

  #swap(a: number, b: number): void {
    const left = this.#heap[a];
    const right = this.#heap[b];
    if (left === undefined || right === undefined) return;
    this.#heap[a] = right;
    this.#heap[b] = left;
    this.#index.set(right.key, a);
    this.#index.set(left.key, b);
  }

  #rise(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#before(index, parent)) return;
      this.#swap(index, parent);
      index = parent;
    }
  }

  #sink(start: number): void {
    let index = start;
    for (;;) {
      const left = 2 * index + 1;
      let least = index;
      if (this.#before(left, least)) least = left;
      if (this.#before(left + 1, least)) least = left + 1;
      if (least === index) return;
      this.#swap(index, least);
      index = least;
    }
  }
}
