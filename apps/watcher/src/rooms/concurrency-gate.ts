/** A place in the gate's queue, or a slot. */
export interface GateTicket {
  /** Gives the slot (or the place in the queue) back. Further calls do nothing. */
  leave(): void;
}

/** Lets at most `limit` things run at once, in order of asking. The number that waits is bounded by the callers. */
export class ConcurrencyGate {
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(private readonly limit: number) {}

  get running(): number {
    return this.#running;
  }

  /** Calls `run` when there is a slot: at once if there is one, else after another ticket has left. */
  enter(run: () => void): GateTicket {
    let state: 'waiting' | 'running' | 'left' = 'waiting';
    const begin = (): void => {
      state = 'running';
      this.#running += 1;
      run();
    };
    const ticket: GateTicket = {
      leave: () => {
        const before = state;
        state = 'left';
        if (before === 'waiting') this.#waiting.delete(begin);
        if (before !== 'running') return;
        this.#running -= 1;
        this.#next();
      },
    };
    if (this.#running < this.limit) begin();
    else this.#waiting.add(begin);
    return ticket;
  }

  #next(): void {
    for (const begin of this.#waiting) {
      if (this.#running >= this.limit) return;
      this.#waiting.delete(begin);
      begin();
    }
  }
}
