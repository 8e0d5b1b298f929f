/** What the oracle found wrong: a count of each kind and a few examples in words. */
export class Findings {
  readonly #counts = new Map<string, number>();
  readonly #examples = new Map<string, string[]>();

  add(kind: string, example: string): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
    const examples = this.#examples.get(kind) ?? [];
    if (examples.length < MAX_EXAMPLES) this.#examples.set(kind, [...examples, example]);
  }

  count(kind: string): number {
    return this.#counts.get(kind) ?? 0;
  }

  get none(): boolean {
    return this.#counts.size === 0;
  }

  toString(): string {
    return [...this.#counts]
      .map(([kind, count]) =>
        [`${kind}: ${count}`, ...(this.#examples.get(kind) ?? []).map((text) => `  ${text}`)].join('\n'),
      )
      .join('\n');
  }
}

const MAX_EXAMPLES = 5;
