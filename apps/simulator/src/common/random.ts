/** FNV-1a: a stable 32-bit number for a text, so that each streamer and room has a stream of random numbers of its own. */
export const hash32 = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
};

/** Seeded random numbers (sfc32): equal seeds give equal sequences, on every machine. Not for secrets. */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter = 1;

  constructor(seed: string | number) {
    const text = String(seed);
    this.a = hash32(`a${text}`);
    this.b = hash32(`b${text}`);
    this.c = hash32(`c${text}`);
    for (let index = 0; index < 12; index += 1) this.uint32();
  }

  /** Uniform in 0 … 2^32 − 1. */
  uint32(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    this.c |= 0;
    return sum >>> 0;
  }

  /** Uniform in [0, 1). */
  next(): number {
    return this.uint32() / 4_294_967_296;
  }

  /** Whole number in [min, max], both included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.next() * (max - min + 1));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** One element of a list that is not empty. */
  pick<T>(items: readonly T[]): T {
    const item = items[Math.floor(this.next() * items.length)];
    if (item === undefined) throw new RangeError('pick from an empty list');
    return item;
  }

  /** Exponentially distributed with the given mean: the gaps of independent arrivals. */
  exponential(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }

  /** A decimal string of `digits` digits that does not start with 0. */
  digits(digits: number): string {
    let text = String(this.int(1, 9));
    while (text.length < digits) text += String(this.int(0, 9));
    return text;
  }

  /** `length` characters of the alphabet. */
  text(length: number, alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'): string {
    let result = '';
    for (let index = 0; index < length; index += 1) result += alphabet.charAt(this.int(0, alphabet.length - 1));
    return result;
  }
}

/** Picks among weighted choices in O(log n). */
export class WeightedChoice<T> {
  private readonly bounds: number[] = [];
  private readonly values: T[] = [];
  private total = 0;

  constructor(choices: readonly (readonly [T, number])[]) {
    for (const [value, weight] of choices) {
      this.total += weight;
      this.bounds.push(this.total);
      this.values.push(value);
    }
    if (this.total <= 0) throw new RangeError('no choice has a weight');
  }

  pick(random: Random): T {
    const point = random.next() * this.total;
    let low = 0;
    let high = this.bounds.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.bounds[middle] ?? 0) > point) high = middle;
      else low = middle + 1;
    }
    return this.values[low] as T;
  }
}
