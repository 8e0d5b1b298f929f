/** How long an id is remembered, by receipt; the newest ones (as many as a checkpoint carries) stay longer. */
export const WINDOW_MS = 600_000;
/** How many ids a room remembers at most. */
export const MAX_IDS = 50_000;
/** How many ids a checkpoint carries. */
export const CHECKPOINT_IDS = 200;

/** A clock that is set back so far at most does not make ids old. */
const CLOCK_STEP_MS = 24 * 3_600_000;
const FIRST_CAPACITY = 64;
/** Of an index that holds nothing at a place, and what a search without a hit gives. */
const EMPTY = 0;
const NONE = -1;
/** Decimal digits of the lower part of an id; the upper part of a 64-bit id then needs 34 bits. */
const LOW_DIGITS = 9;
const ZERO = 0x30;
const TWO_32 = 0x1_0000_0000;
const TWO_30 = 0x4000_0000;

/**
 * The ids of a room's last 10 minutes, and the newest 200 whatever their age (a quiet room's history repeats old messages
 * at every connect); at most 50,000, 16 to 40 bytes each: a ring of the ids in order of receipt and an
 * open-addressing index into it. Ids of 64 bits are kept exactly; hashed ids (`h-…`) by their first 64 bits.
 */
export class RecentIds {
  #high = new Uint32Array(FIRST_CAPACITY);
  #low = new Uint32Array(FIRST_CAPACITY);
  /** Receipt, the lower 32 bits of the milliseconds: enough to tell ages of up to 24 days. */
  #at = new Uint32Array(FIRST_CAPACITY);
  /** Slots of the ring, each one higher. */
  #index = emptyIndex(FIRST_CAPACITY);
  #head = 0;
  #size = 0;
  readonly #bits = new IdBits();
  readonly #newest: string[] = [];
  #newestHead = 0;

  get size(): number {
    return this.#size;
  }

  /** Remembers an id. False when it is remembered already: the event is a repeat. `at`: receipt, milliseconds. */
  add(id: string, at: number): boolean {
    this.#expire(at);
    const { high, low } = this.#bits.read(id);
    if (this.#find(high, low) !== NONE) return false;
    if (this.#size === MAX_IDS) this.#removeOldest();
    if (this.#size === this.#high.length) this.#grow();
    const slot = (this.#head + this.#size) & (this.#high.length - 1);
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#at[slot] = at;
    this.#size += 1;
    this.#link(slot);
    this.#remember(id);
    return true;
  }

  /** True when the id is remembered. */
  has(id: string): boolean {
    const { high, low } = this.#bits.read(id);
    return this.#find(high, low) !== NONE;
  }

  /** The newest ids, newest last, for a checkpoint. */
  newest(): string[] {
    return [...this.#newest.slice(this.#newestHead), ...this.#newest.slice(0, this.#newestHead)];
  }

  #remember(id: string): void {
    if (this.#newest.length < CHECKPOINT_IDS) {
      this.#newest.push(id);
      return;
    }
    this.#newest[this.#newestHead] = id;
    this.#newestHead = (this.#newestHead + 1) % CHECKPOINT_IDS;
  }

  #expire(now: number): void {
    while (this.#size > CHECKPOINT_IDS && this.#isOld(now)) this.#removeOldest();
  }

  /** Whether the oldest id is older than the window. Far in the future it seems to be when it is older than the lower 32 bits tell. */
  #isOld(now: number): boolean {
    const age = (now - (this.#at[this.#head] ?? 0)) | 0;
    return age >= WINDOW_MS || age < -CLOCK_STEP_MS;
  }

  #removeOldest(): void {
    this.#unlink(this.#head);
    this.#head = (this.#head + 1) & (this.#high.length - 1);
    this.#size -= 1;
  }

  #grow(): void {
    const capacity = this.#high.length * 2;
    const high = new Uint32Array(capacity);
    const low = new Uint32Array(capacity);
    const at = new Uint32Array(capacity);
    for (let i = 0; i < this.#size; i += 1) {
      const from = (this.#head + i) & (this.#high.length - 1);
      high[i] = this.#high[from] ?? 0;
      low[i] = this.#low[from] ?? 0;
      at[i] = this.#at[from] ?? 0;
    }
    this.#high = high;
    this.#low = low;
    this.#at = at;
    this.#head = 0;
    this.#index = emptyIndex(capacity);
    for (let slot = 0; slot < this.#size; slot += 1) this.#link(slot);
  }

  #home(high: number, low: number): number {
    return (Math.imul(low ^ Math.imul(high, 0x9e37_79b1), 0x85eb_ca6b) >>> 7) & (this.#index.length - 1);
  }

  #find(high: number, low: number): number {
    const mask = this.#index.length - 1;
    for (let place = this.#home(high, low); ; place = (place + 1) & mask) {
      const slot = (this.#index[place] ?? EMPTY) - 1;
      if (slot === NONE || (this.#high[slot] === high && this.#low[slot] === low)) return slot;
    }
  }

  #link(slot: number): void {
    const mask = this.#index.length - 1;
    let place = this.#home(this.#high[slot] ?? 0, this.#low[slot] ?? 0);
    while (this.#index[place] !== EMPTY) place = (place + 1) & mask;
    this.#index[place] = slot + 1;
  }

  /** Takes a slot out of the index and moves up those behind it, so that no hole cuts a chain. */
  #unlink(slot: number): void {
    const mask = this.#index.length - 1;
    let hole = this.#home(this.#high[slot] ?? 0, this.#low[slot] ?? 0);
    while (this.#index[hole] !== slot + 1) hole = (hole + 1) & mask;
    for (let place = (hole + 1) & mask; this.#index[place] !== EMPTY; place = (place + 1) & mask) {
      const moved = this.#index[place] ?? EMPTY;
      const home = this.#home(this.#high[moved - 1] ?? 0, this.#low[moved - 1] ?? 0);
      if (((place - home) & mask) >= ((place - hole) & mask)) {
        this.#index[hole] = moved;
        hole = place;
      }
    }
    this.#index[hole] = EMPTY;
  }
}

/** Twice as many places as the ring has slots, of two bytes each where that is enough. */
function emptyIndex(capacity: number): Uint16Array | Uint32Array {
  return capacity < 2 ** 16 ? new Uint16Array(capacity * 2) : new Uint32Array(capacity * 2);
}

/** 64 bits of an id as two halves; one for a room, so that no id costs an object. */
class IdBits {
  high = 0;
  low = 0;

  read(id: string): this {
    if (id.startsWith('h-')) {
      this.high = parseInt(id.slice(2, 10), 16);
      this.low = parseInt(id.slice(10, 18), 16);
      return this;
    }
    const split = Math.max(0, id.length - LOW_DIGITS);
    const upper = digits(id, 0, split);
    const lower = digits(id, split, id.length);
    // Below 10^9 the lower part leaves two bits free, which take what the upper part has beyond 32.
    this.high = upper % TWO_32;
    this.low = (Math.floor(upper / TWO_32) * TWO_30 + lower) % TWO_32;
    return this;
  }
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let i = from; i < to; i++) value = value * 10 + text.charCodeAt(i) - ZERO;
  return value;
}
