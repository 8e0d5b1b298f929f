import { int64Text, int64Value, uint64Text, uint64Value } from './int64-text.js';

/**
 * How deep messages may be nested before the inner one counts as unreadable. The deepest chain of the schema that is not
 * recursive is about 10 levels; the bound keeps hostile input from exhausting the stack.
 */
export const MAX_NESTING = 100;

/** A varint has at most 10 bytes; with that many left in the buffer no check of the end is needed while reading it. */
const MAX_VARINT_BYTES = 10;

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const START_GROUP = 3;
const END_GROUP = 4;
const FIXED32 = 5;

/** Buffer's native slice; in Node's own types only `toString` is declared, which adds a layer of argument checks. */
interface NativeSlices {
  utf8Slice(start: number, end: number): string;
}

/** What an absent `bytes` field holds. Shared: there is nothing in it to change. */
export const NO_BYTES: Uint8Array = Buffer.alloc(0);

const scratch = new DataView(new ArrayBuffer(8));

/**
 * Cursor over the protobuf bytes of one message, with the bounds of the nested message that is being read.
 *
 * Why not the reader of protobufjs: it throws at the first unexpected byte, so one bad nested message costs the whole
 * one; it checks every byte against the end; and its 64-bit integers pass through an object each. Here a fault sets a
 * flag, ends the loops by moving the cursor to the limit, and is settled where the nested message ends (`leave`), so
 * hostile bytes cost no exceptions. Not shared between decodes; not for use after `failed()` said true.
 */
export class WireReader {
  /** Next byte to read. */
  pos = 0;
  /** First byte behind the message being read. */
  limit: number;
  /** Nested messages left out so far because their bytes could not be read. */
  dropped = 0;

  readonly #buffer: Buffer & NativeSlices;
  readonly #end: number;
  /** Set while the message being read is known to be unreadable. */
  #bad = false;
  #depth = 0;
  /** The 64-bit varint read last, as two signed 32-bit halves. */
  #low = 0;
  #high = 0;

  constructor(input: Uint8Array) {
    const buffer = Buffer.isBuffer(input) ? input : Buffer.from(input.buffer, input.byteOffset, input.byteLength);
    this.#buffer = buffer as Buffer & NativeSlices;
    this.#end = input.length;
    this.limit = input.length;
  }

  /** True when the outermost message could not be read to its end. */
  failed(): boolean {
    return this.#bad;
  }

  /**
   * Reads a length and makes that many bytes the message being read.
   * Returns what `leave` needs, or -1 when the length reaches behind the current message (which is then unreadable).
   */
  enter(): number {
    const length = this.uint32();
    const outer = this.limit;
    const limit = this.pos + length;
    if (limit > outer || this.#bad) {
      this.fail();
      return -1;
    }
    this.limit = limit;
    if (++this.#depth > MAX_NESTING) this.fail();
    return outer;
  }

  /** Goes back to the message around. False when the nested one was unreadable: it is counted, the one around is intact. */
  leave(outer: number): boolean {
    if (outer < 0) return false;
    const limit = this.limit;
    const intact = !this.#bad && this.pos === limit;
    this.#depth -= 1;
    this.limit = outer;
    if (intact) return true;
    this.pos = limit;
    this.#bad = false;
    this.dropped += 1;
    return false;
  }

  /** Marks the message being read as unreadable and ends its loop. */
  fail(): void {
    this.#bad = true;
    this.pos = this.limit;
  }

  /** Field number and wire type, as on the wire. */
  tag(): number {
    const buffer = this.#buffer;
    const pos = this.pos;
    const first = buffer[pos]!;
    if (first < 0x80) {
      this.pos = pos + 1;
      return first;
    }
    if (pos + 1 < this.#end) {
      const second = buffer[pos + 1]!;
      if (second < 0x80) {
        this.pos = pos + 2;
        return (first & 0x7f) | (second << 7);
      }
    }
    return this.uint32();
  }

  /**
   * The low 32 bits of a varint, unsigned. Like all varints it may run into the message around when the nested one is cut
   * short; `leave` notices.
   */
  uint32(): number {
    const buffer = this.#buffer;
    let pos = this.pos;
    let byte = buffer[pos++]!;
    if (byte < 0x80) {
      this.pos = pos;
      return byte;
    }
    if (this.#end - pos < MAX_VARINT_BYTES) return this.#slowVarint() >>> 0;
    let value = byte & 0x7f;
    byte = buffer[pos++]!;
    value |= (byte & 0x7f) << 7;
    if (byte >= 0x80) {
      byte = buffer[pos++]!;
      value |= (byte & 0x7f) << 14;
      if (byte >= 0x80) {
        byte = buffer[pos++]!;
        value |= (byte & 0x7f) << 21;
        if (byte >= 0x80) return this.#slowVarint() >>> 0;
      }
    }
    this.pos = pos;
    return value;
  }

  /** The low 32 bits of a varint, signed; also how enums are read. */
  int32(): number {
    return this.uint32() | 0;
  }

  bool(): boolean {
    const pos = this.pos;
    if (pos < this.limit) {
      const byte = this.#buffer[pos]!;
      if (byte < 0x80) {
        this.pos = pos + 1;
        return byte !== 0;
      }
    }
    this.#varint64();
    return (this.#low | this.#high) !== 0;
  }

  /** Exact decimal string. */
  int64(): string {
    this.#varint64();
    return int64Text(this.#high, this.#low);
  }

  /** Exact decimal string. */
  uint64(): string {
    this.#varint64();
    return uint64Text(this.#high, this.#low);
  }

  /** Nearest number; exact up to 2^53. */
  int64Number(): number {
    this.#varint64();
    return int64Value(this.#high, this.#low);
  }

  /** Nearest number; exact up to 2^53. */
  uint64Number(): number {
    this.#varint64();
    return uint64Value(this.#high, this.#low);
  }

  float(): number {
    const pos = this.pos;
    if (this.limit - pos < 4) return this.#short();
    this.pos = pos + 4;
    for (let i = 0; i < 4; i++) scratch.setUint8(i, this.#buffer[pos + i]!);
    return scratch.getFloat32(0, true);
  }

  double(): number {
    const pos = this.pos;
    if (this.limit - pos < 8) return this.#short();
    this.pos = pos + 8;
    for (let i = 0; i < 8; i++) scratch.setUint8(i, this.#buffer[pos + i]!);
    return scratch.getFloat64(0, true);
  }

  /** UTF-8 text; a byte sequence that is not UTF-8 becomes U+FFFD. */
  string(): string {
    const length = this.uint32();
    const start = this.pos;
    const end = start + length;
    if (end > this.limit) {
      this.fail();
      return '';
    }
    this.pos = end;
    return length === 0 ? '' : this.#buffer.utf8Slice(start, end);
  }

  /** As `string`; `known` may give a text that is there already for the bytes at `[from, to)` of the input. */
  name(known: (bytes: Uint8Array, from: number, to: number) => string | undefined): string {
    const start = this.pos;
    const length = this.uint32();
    const from = this.pos;
    const to = from + length;
    const name = to <= this.limit ? known(this.#buffer, from, to) : undefined;
    this.pos = name === undefined ? start : to;
    return name ?? this.string();
  }

  /** A copy: what is decoded outlives its input. */
  bytes(): Uint8Array {
    const view = this.view();
    return view.length === 0 ? NO_BYTES : Buffer.from(view);
  }

  /** A view of the input, not a copy. A Buffer, because a decoder that gets it back needs no new view. */
  view(): Uint8Array {
    const length = this.uint32();
    const start = this.pos;
    const end = start + length;
    if (end > this.limit) {
      this.fail();
      return NO_BYTES;
    }
    this.pos = end;
    return this.#buffer.subarray(start, end);
  }

  /** Steps over a field that is unknown or has another wire type than the schema says. */
  skip(tag: number): void {
    if (tag >>> 3 === 0) {
      this.fail();
      return;
    }
    switch (tag & 7) {
      case START_GROUP:
        this.#skipGroup();
        return;
      case END_GROUP:
        // The end of a group that was never opened holds no bytes: nothing to step over.
        return;
      default:
        this.#skipValue(tag & 7);
    }
  }

  #skipValue(wireType: number): void {
    switch (wireType) {
      case VARINT:
        this.#varint64();
        return;
      case FIXED64:
        this.#skipBytes(8);
        return;
      case BYTES:
        this.#skipBytes(this.uint32());
        return;
      case FIXED32:
        this.#skipBytes(4);
        return;
      default:
        this.fail();
    }
  }

  #skipBytes(length: number): void {
    const end = this.pos + length;
    if (end > this.limit) this.fail();
    else this.pos = end;
  }

  /** Groups are of an older protobuf; a loop and a counter, so that their nesting costs no stack. */
  #skipGroup(): void {
    let open = 1;
    while (open > 0) {
      if (this.pos >= this.limit) {
        this.fail();
        return;
      }
      const tag = this.tag();
      const wireType = tag & 7;
      if (tag >>> 3 === 0) {
        this.fail();
        return;
      }
      if (wireType === START_GROUP) open += 1;
      else if (wireType === END_GROUP) open -= 1;
      else this.#skipValue(wireType);
    }
  }

  #short(): 0 {
    this.fail();
    return 0;
  }

  /** Reads a varint of up to 64 bits into `#low` and `#high`. */
  #varint64(): void {
    const buffer = this.#buffer;
    let pos = this.pos;
    if (this.#end - pos < MAX_VARINT_BYTES) {
      this.#slowVarint();
      return;
    }
    let byte = buffer[pos++]!;
    let low = byte & 0x7f;
    let high = 0;
    read: {
      if (byte < 0x80) break read;
      byte = buffer[pos++]!;
      low |= (byte & 0x7f) << 7;
      if (byte < 0x80) break read;
      byte = buffer[pos++]!;
      low |= (byte & 0x7f) << 14;
      if (byte < 0x80) break read;
      byte = buffer[pos++]!;
      low |= (byte & 0x7f) << 21;
      if (byte < 0x80) break read;
      byte = buffer[pos++]!;
      low |= byte << 28;
      high = (byte & 0x7f) >>> 4;
      if (byte < 0x80) break read;
      byte = buffer[pos++]!;
      high |= (byte & 0x7f) << 3;
      if (byte < 0x80) break read;
      byte = buffer[pos++]!;
      high |= (byte & 0x7f) << 10;
      if (byte < 0x80) break read;
      byte = buffer[pos++]!;
      high |= (byte & 0x7f) << 17;
      if (byte < 0x80) break read;
      byte = buffer[pos++]!;
      high |= (byte & 0x7f) << 24;
      if (byte < 0x80) break read;
      byte = buffer[pos++]!;
      high |= byte << 31;
      if (byte < 0x80) break read;
      this.#low = 0;
      this.#high = 0;
      this.fail();
      return;
    }
    this.pos = pos;
    this.#low = low;
    this.#high = high;
  }

  /** The same, byte by byte with a check of the end: for the last bytes of the input and for long 32-bit varints. */
  #slowVarint(): number {
    let low = 0;
    let high = 0;
    let shift = 0;
    let pos = this.pos;
    for (;;) {
      if (pos >= this.limit || shift >= MAX_VARINT_BYTES * 7) {
        this.#low = 0;
        this.#high = 0;
        return this.#short();
      }
      const byte = this.#buffer[pos++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      shift += 7;
      if (byte < 0x80) break;
    }
    this.pos = pos;
    this.#low = low;
    this.#high = high;
    return low;
  }
}
