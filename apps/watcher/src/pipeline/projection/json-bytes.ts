const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const ZERO = 0x30;
const BILLION = 1_000_000_000;
const TWO_32 = 0x1_0000_0000;
const HIGH_BITS = 0x8080_8080 | 0;
const DAY_MS = 86_400_000;
/** Escapes of JSON with a letter of their own; the other controls are `\u00..`. */
const SHORT_ESCAPES: Readonly<Record<number, string>> = { 8: 'b', 9: 't', 10: 'n', 12: 'f', 13: 'r' };
const HEX = Buffer.from('0123456789abcdef');

/** Buffer's native slice; in Node's own types only `toString` is declared, which adds a layer of argument checks. */
interface NativeSlices {
  latin1Slice(start: number, end: number): string;
}

/** Bytes that are JSON already, cut into words: four bytes at a time are written as fast as one. */
export class Literal {
  /** Little-endian; the last one is filled up with zeros. */
  readonly words: Int32Array;
  readonly length: number;

  constructor(text: string) {
    const bytes = Buffer.from(text);
    this.length = bytes.length;
    this.words = new Int32Array(Math.ceil(bytes.length / 4));
    for (let i = 0; i < bytes.length; i++) this.words[i >> 2]! |= bytes[i]! << (8 * (i & 3));
  }
}

/**
 * Writes JSON as bytes. Writing behind the end of `out` does nothing and moves `at` on all the same: look at `full` when
 * a value is done. Texts are copied from UTF-8 as they stand, checked and escaped as `JSON.stringify` does it.
 */
export class JsonBytes {
  out: Buffer & NativeSlices;
  at = 0;
  view: DataView;
  #day = -1;
  #dayText = new Literal('');
  /** The day before that one: an event has two times, and a room's history is older than its receipt. */
  #lastDay = -1;
  #lastDayText = this.#dayText;

  readonly #slabBytes: number;
  #wasFull = false;

  /** What is written stays where it is: every `slabBytes` a new piece of memory is begun. */
  constructor(slabBytes: number) {
    this.#slabBytes = slabBytes;
    this.out = Buffer.allocUnsafeSlow(slabBytes) as Buffer & NativeSlices;
    this.view = new DataView(this.out.buffer);
  }

  /** Makes sure that `bytes` can be written in one piece; what was written before stays as it is. */
  reserve(bytes: number): void {
    this.#wasFull = false;
    if (this.at + bytes <= this.out.length) return;
    this.out = Buffer.allocUnsafeSlow(Math.max(this.#slabBytes, bytes)) as Buffer & NativeSlices;
    this.view = new DataView(this.out.buffer);
    this.at = 0;
  }

  /** True when something was written behind the end, also of what was discarded since the last `reserve`. */
  get full(): boolean {
    return this.#wasFull || this.at > this.out.length;
  }

  /** Takes back what was written since `at` was `start`. */
  discard(start: number): void {
    this.#wasFull = this.full;
    this.at = start;
  }

  /** ASCII that was written at `[from, to)`, as text. */
  slice(from: number, to: number): string {
    return this.out.latin1Slice(from, to);
  }

  byte(value: number): void {
    this.out[this.at++] = value;
  }

  literal({ words, length }: Literal): void {
    const { view, at } = this;
    // The last word may reach behind the text: what comes next is written over that.
    if (at + 4 * words.length > this.out.length) {
      this.at = this.out.length + 1;
      return;
    }
    for (let i = 0; i < words.length; i++) view.setInt32(at + 4 * i, words[i]!, true);
    this.at = at + length;
  }

  /** Bytes that are JSON already, many of them. */
  block(bytes: Uint8Array): void {
    if (this.at + bytes.length <= this.out.length) this.out.set(bytes, this.at);
    this.at += bytes.length;
  }

  /** ASCII text that needs no escape. */
  ascii(text: string): void {
    const { out } = this;
    let { at } = this;
    for (let i = 0; i < text.length; i++) out[at++] = text.charCodeAt(i);
    this.at = at;
  }

  /**
   * The inside of a JSON string from UTF-8 at `[from, to)` of `bytes`, of which `view` is a view. False when it is not
   * UTF-8, or does not fit.
   */
  text(bytes: Uint8Array, view: DataView, from: number, to: number): boolean {
    const { out, view: written } = this;
    let { at } = this;
    // The longest escape has six bytes; a text that cannot be sure to fit is not begun.
    if (at + (to - from) * 6 > out.length) {
      this.at = out.length + 1;
      return false;
    }
    let i = from;
    for (;;) {
      // Eight bytes, then four at a time while none of them is a quote, a backslash, a control or beyond ASCII: nearly always.
      while (i + 8 <= to) {
        const first = view.getInt32(i, true);
        const second = view.getInt32(i + 4, true);
        if (((special(first) | special(second)) & HIGH_BITS) !== 0) break;
        written.setInt32(at, first, true);
        written.setInt32(at + 4, second, true);
        i += 8;
        at += 8;
      }
      while (i + 4 <= to) {
        const word = view.getInt32(i, true);
        if ((special(word) & HIGH_BITS) !== 0) break;
        written.setInt32(at, word, true);
        i += 4;
        at += 4;
      }
      if (i >= to) break;
      const byte = bytes[i]!;
      if (byte >= 0x80) {
        const length = sequenceLength(bytes, i, to);
        if (length === 0) return false;
        out[at++] = byte;
        out[at++] = bytes[i + 1]!;
        if (length > 2) out[at++] = bytes[i + 2]!;
        if (length > 3) out[at++] = bytes[i + 3]!;
        i += length;
        continue;
      }
      i += 1;
      if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) out[at++] = byte;
      else {
        this.at = at;
        this.#escaped(byte);
        at = this.at;
      }
    }
    this.at = at;
    return true;
  }

  /** A signed 32-bit integer. */
  int32(value: number): void {
    if (value < 0) {
      this.out[this.at++] = MINUS;
      this.#digits(-value);
    } else this.#digits(value);
  }

  /** A whole number of at most 2^53−1. */
  whole(value: number): void {
    let size = value;
    if (value < 0) {
      this.out[this.at++] = MINUS;
      size = -value;
    }
    this.#digits(size);
  }

  /** The decimal digits of a 64-bit integer of which the signed halves are given. */
  int64(high: number, low: number, signed: boolean): void {
    if (high === 0 && low >= 0) {
      this.#digits(low);
      return;
    }
    if (signed && high < 0) {
      this.out[this.at++] = MINUS;
      this.#uint64(low === 0 ? -high : ~high, -low | 0);
      return;
    }
    this.#uint64(high, low);
  }

  /** RFC 3339 in UTC with 3 decimals; `ms` since the epoch, in the years 1970 to 9999. */
  timestamp(ms: number): void {
    const day = Math.floor(ms / DAY_MS);
    if (day !== this.#day) this.#turnTo(day);
    this.literal(this.#dayText);
    const { out } = this;
    let { at } = this;
    let rest = ms - day * DAY_MS;
    const milliseconds = rest % 1000;
    rest = (rest - milliseconds) / 1000;
    const seconds = rest % 60;
    rest = ((rest - seconds) / 60) | 0;
    at = two(out, at, (rest / 60) | 0);
    out[at++] = 0x3a;
    at = two(out, at, rest % 60);
    out[at++] = 0x3a;
    at = two(out, at, seconds);
    out[at++] = 0x2e;
    out[at++] = ZERO + ((milliseconds / 100) | 0);
    at = two(out, at, milliseconds % 100);
    out[at++] = 0x5a;
    this.at = at;
  }

  /** `value` with zeros before it. */
  padded(value: number, digits: number): void {
    this.#padded(this.at, value, digits);
    this.at += digits;
  }

  #turnTo(day: number): void {
    const text =
      day === this.#lastDay ? this.#lastDayText : new Literal(new Date(day * DAY_MS).toISOString().slice(0, 11));
    this.#lastDay = this.#day;
    this.#lastDayText = this.#dayText;
    this.#day = day;
    this.#dayText = text;
  }

  /** Digits of a whole number of at most 2^53−1, without sign. */
  #digits(value: number): void {
    if (value < 10) {
      this.out[this.at++] = ZERO + value;
      return;
    }
    const digits = digitCount(value);
    this.#padded(this.at, value, digits);
    this.at += digits;
  }

  #padded(at: number, value: number, digits: number): void {
    const { out } = this;
    let end = at + digits;
    // Beyond 32 bits the arithmetic is slower, so that part is cut off first.
    while (value >= BILLION) {
      const upper = Math.floor(value / BILLION);
      let lower = (value - upper * BILLION) | 0;
      for (let i = 0; i < 9; i++) {
        const next = (lower / 10) | 0;
        out[--end] = ZERO + (lower - next * 10);
        lower = next;
      }
      value = upper;
    }
    let rest = value | 0;
    while (end > at) {
      const next = (rest / 10) | 0;
      out[--end] = ZERO + (rest - next * 10);
      rest = next;
    }
  }

  /** Long division by 10^9 in pieces that doubles hold exactly. */
  #uint64(high: number, low: number): void {
    const unsigned = high >>> 0;
    const first = Math.floor(unsigned / BILLION);
    let rest = unsigned - first * BILLION;
    let piece = rest * 65_536 + (low >>> 16);
    const second = Math.floor(piece / BILLION);
    rest = piece - second * BILLION;
    piece = rest * 65_536 + (low & 0xffff);
    const third = Math.floor(piece / BILLION);
    rest = piece - third * BILLION;
    const upper = first * TWO_32 + second * 65_536 + third;
    if (upper === 0) {
      this.#digits(rest);
      return;
    }
    this.#digits(upper);
    this.#padded(this.at, rest, 9);
    this.at += 9;
  }

  #escaped(byte: number): void {
    const { out } = this;
    out[this.at++] = BACKSLASH;
    if (byte === QUOTE || byte === BACKSLASH) {
      out[this.at++] = byte;
      return;
    }
    const letter = SHORT_ESCAPES[byte];
    if (letter !== undefined) {
      out[this.at++] = letter.charCodeAt(0);
      return;
    }
    this.ascii('u00');
    out[this.at++] = HEX[byte >>> 4]!;
    out[this.at++] = HEX[byte & 15]!;
  }
}

function two(out: Uint8Array, at: number, value: number): number {
  const tens = (value / 10) | 0;
  out[at] = ZERO + tens;
  out[at + 1] = ZERO + (value - tens * 10);
  return at + 2;
}

function digitCount(value: number): number {
  if (value < 100_000) return value < 100 ? 2 : value < 1_000 ? 3 : value < 10_000 ? 4 : 5;
  let digits = 6;
  for (let bound = 1_000_000; value >= bound && digits < 16; bound *= 10) digits += 1;
  return digits;
}

/** The high bit of a byte is set when that byte of the word, or one below it, needs more than to be copied. */
function special(word: number): number {
  const quote = word ^ 0x2222_2222;
  const backslash = word ^ 0x5c5c_5c5c;
  return word | (word - 0x2020_2020) | ((quote - 0x0101_0101) & ~quote) | ((backslash - 0x0101_0101) & ~backslash);
}

/** Bytes of the UTF-8 sequence that begins at `i` with a byte above 0x7f; 0 when it is none. */
function sequenceLength(bytes: Uint8Array, i: number, to: number): number {
  const first = bytes[i]!;
  if (first < 0xc2 || first > 0xf4) return 0;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (i + length > to) return 0;
  const second = bytes[i + 1]!;
  if ((second & 0xc0) !== 0x80) return 0;
  if (length === 2) return 2;
  // Overlong forms, surrogates, and what is above U+10FFFF.
  if ((first === 0xe0 && second < 0xa0) || (first === 0xed && second > 0x9f)) return 0;
  if ((first === 0xf0 && second < 0x90) || (first === 0xf4 && second > 0x8f)) return 0;
  if ((bytes[i + 2]! & 0xc0) !== 0x80) return 0;
  return length === 4 && (bytes[i + 3]! & 0xc0) !== 0x80 ? 0 : length;
}
