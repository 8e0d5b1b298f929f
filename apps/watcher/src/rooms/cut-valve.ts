/**
 * Everything that can happen to a room goes through here. While it is shut what happens is kept, in order; when it opens
 * again it happens then. So a room can stand still for the moment of a hand-over and, should that fail, go on with
 * nothing lost.
 */
export class CutValve {
  #kept: (() => void)[] | undefined;
  #sealed = false;

  get isShut(): boolean {
    return this.#kept !== undefined || this.#sealed;
  }

  run(action: () => void): void {
    if (this.#sealed) return;
    if (this.#kept === undefined) action();
    else this.#kept.push(action);
  }

  shut(): void {
    this.#kept ??= [];
  }

  /** What was kept happens now. */
  open(): void {
    const kept = this.#kept ?? [];
    this.#kept = undefined;
    for (const action of kept) this.run(action);
  }

  /** Nothing happens any more, for good. */
  seal(): void {
    this.#sealed = true;
    this.#kept = undefined;
  }
}
