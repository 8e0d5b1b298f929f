export interface SilenceLimits {
  /** So long without a frame is silence, ms. */
  readonly silenceMs: number;
  /** The limit of a room that proved to be quiet grows up to this, ms. */
  readonly maxSilenceMs: number;
}

/** A room that says something more often than this share of the limit is not a quiet one any more. */
const LIVELY_SHARE = 0.5;

/** When a socket that says nothing becomes suspicious. Times are monotonic ms. */
export class SilenceWatch {
  #limits: SilenceLimits;
  #limit: number;
  #heardAt = 0;
  #notBefore = 0;

  constructor(limits: SilenceLimits) {
    this.#limits = limits;
    this.#limit = limits.silenceMs;
  }

  get limitMs(): number {
    return this.#limit;
  }

  /** Other limits from now on; what was learned about the room starts anew when they differ. */
  change(limits: SilenceLimits): void {
    if (limits.silenceMs === this.#limits.silenceMs && limits.maxSilenceMs === this.#limits.maxSilenceMs) return;
    this.#limits = limits;
    this.#limit = limits.silenceMs;
  }

  /** A frame came. */
  heard(at: number): void {
    if (at - this.#heardAt < this.#limits.silenceMs * LIVELY_SHARE) this.#limit = this.#limits.silenceMs;
    this.#heardAt = at;
  }

  /** Silence counts from here: a new socket is open, or the present one was not read until now. */
  restart(at: number): void {
    this.#heardAt = at;
  }

  isSilent(at: number): boolean {
    return at >= this.#notBefore && at - this.#heardAt >= this.#limit;
  }

  /** The second socket could not be opened: not suspicious again before `at`. */
  postpone(at: number): void {
    this.#notBefore = at;
  }

  /** A second socket was silent as well: the room is quiet, wait twice as long. */
  quiet(at: number): void {
    this.#limit = Math.min(this.#limit * 2, this.#limits.maxSilenceMs);
    this.#heardAt = at;
  }
}
