import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** Number of an event in the table. */
export type Slot = number;

const INITIAL_CAPACITY = 1 << 16;
const MAX_LOAD = 0.6;
const EMPTY = 0;

/**
 * What the oracle knows of each admitted event, by the hash of (`source`, `id`): 17 bytes an event, so that millions fit
 * into the memory of a test. 64 bits of the hash are kept: among two million events two are taken for one with a chance
 * of 10⁻⁷.
 */
export class EventTable {
  #capacity = INITIAL_CAPACITY;
  #size = 0;
  #high = new Uint32Array(INITIAL_CAPACITY);
  #low = new Uint32Array(INITIAL_CAPACITY);
  #value = new Uint32Array(INITIAL_CAPACITY);
  /** Offset in the journal, from 1; 0: the slot is free. */
  #offset = new Uint32Array(INITIAL_CAPACITY);
  #published = new Uint8Array(INITIAL_CAPACITY);
  #marks = new Uint8Array(INITIAL_CAPACITY);

  get size(): number {
    return this.#size;
  }

  /** The event's slot. `fresh`: it was not known; then it is entered with this offset and value. */
  admit(
    source: string,
    id: string,
    offset: number,
    value: Uint8Array,
  ): { readonly slot: Slot; readonly fresh: boolean } {
    if (this.#size >= this.#capacity * MAX_LOAD) this.#grow();
    const [high, low] = hash(source, id);
    const slot = this.#find(high, low);
    if (this.#offset[slot] !== EMPTY) return { slot, fresh: false };
    this.#high[slot] = high;
    this.#low[slot] = low;
    this.#offset[slot] = offset;
    this.#value[slot] = crc32(value);
    this.#size += 1;
    return { slot, fresh: true };
  }

  /** Slots change when events are admitted: use them at once. */
  slotOf(source: string, id: string): Slot | undefined {
    const slot = this.#find(...hash(source, id));
    return this.#offset[slot] === EMPTY ? undefined : slot;
  }

  offsetOf(slot: Slot): number {
    return this.#offset[slot] ?? EMPTY;
  }

  /** Whether the value is, byte for byte, the one that was admitted. */
  sameValue(slot: Slot, value: Uint8Array): boolean {
    return this.#value[slot] === crc32(value);
  }

  /** Counts a record of the event; returns how many there are now (255 at most). */
  published(slot: Slot): number {
    const count = Math.min(255, (this.#published[slot] ?? 0) + 1);
    this.#published[slot] = count;
    return count;
  }

  publishedCount(slot: Slot): number {
    return this.#published[slot] ?? 0;
  }

  mark(slot: Slot, bit: number): void {
    this.#marks[slot] = (this.#marks[slot] ?? 0) | bit;
  }

  marked(slot: Slot, bit: number): boolean {
    return ((this.#marks[slot] ?? 0) & bit) !== 0;
  }

  *slots(): Generator<Slot> {
    for (let slot = 0; slot < this.#capacity; slot += 1) if (this.#offset[slot] !== EMPTY) yield slot;
  }

  #find(high: number, low: number): Slot {
    const mask = this.#capacity - 1;
    let slot = low & mask;
    while (this.#offset[slot] !== EMPTY && (this.#high[slot] !== high || this.#low[slot] !== low))
      slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const before = [this.#high, this.#low, this.#value, this.#offset, this.#published, this.#marks] as const;
    const [high, low, value, offset, published, marks] = before;
    this.#capacity *= 2;
    this.#high = new Uint32Array(this.#capacity);
    this.#low = new Uint32Array(this.#capacity);
    this.#value = new Uint32Array(this.#capacity);
    this.#offset = new Uint32Array(this.#capacity);
    this.#published = new Uint8Array(this.#capacity);
    this.#marks = new Uint8Array(this.#capacity);
    for (let old = 0; old < offset.length; old += 1) {
      if (offset[old] === EMPTY) continue;
      const slot = this.#find(high[old] ?? 0, low[old] ?? 0);
      this.#high[slot] = high[old] ?? 0;
      this.#low[slot] = low[old] ?? 0;
      this.#value[slot] = value[old] ?? 0;
      this.#offset[slot] = offset[old] ?? 0;
      this.#published[slot] = published[old] ?? 0;
      this.#marks[slot] = marks[old] ?? 0;
    }
  }
}

function hash(source: string, id: string): [number, number] {
  const digest = createHash('md5').update(`${source}\0${id}`).digest();
  return [digest.readUInt32BE(0), digest.readUInt32BE(4)];
}
