/*
 * AssemblyScript (not TypeScript): inflate, RFC 1951, of a whole payload whose unpacked size is known. Compiled to WebAssembly by
 * scripts/generate-assembly.mjs; src/socket/inflater.ts calls it.
 *
 * What makes it fast: all input and all memory for the output are there before it begins, so the innermost loop has one check of
 * bounds a turn; 56 bits are in hand after each refill, enough for four literals and one more look, or for a whole match; a match
 * is copied 16 bytes at a time, over its end where that is shorter. The memory behind input and output has room for what is read
 * and written too far. It is all the memory there is, so damaged input can do no harm outside.
 */

// Places in the memory.
const COUNTS: usize = 0x400; // u32 for each length of a code
const NEXT: usize = 0x480; // u32 for each length: place of its next symbol in SORTED
const LENGTHS: usize = 0x500; // u8 for each symbol: length of its code
const SORTED: usize = 0x800; // u16 each: symbols in the order of their codes
const LENGTH_TABLE: usize = 0x1000; // u32 each: the code in which lengths of codes are written
const DISTANCE_TABLE: usize = 0x2000;
const LITERAL_TABLE: usize = 0x4000;
const INPUT: usize = 0x10000;
const OUTPUT: usize = 0x60000;

/** Largest packed input, in bytes; behind it are 64 KiB of room. */
const MOST_PACKED: u32 = 0x40000;
/** Largest output, in bytes; behind it are 128 KiB of room. */
const MOST_UNPACKED: u32 = 0x100000;

// Bits by which each table is looked at; longer codes go on in a table behind it.
const LITERAL_BITS: u32 = 11;
const DISTANCE_BITS: u32 = 9;
const LENGTH_BITS: u32 = 7;

/*
 * An entry of a table, from its lowest bit: 6 bits, how many bits code and extra bits take together; at 8, 4 bits, those of the
 * code alone; at 16, what it stands for. A shift in WebAssembly looks at the lowest 6 bits of its count alone, so that an entry
 * is a count as it is. Of a LONGER entry: at 8 the bits by which to look further, at 16 where.
 */
const LITERAL: u32 = 0x8000_0000;
const SPECIAL: u32 = 0x8000; // longer, the end of the block, or no code
const LONGER: u32 = 0x4000;
const END: u32 = 0x2000;

// Kinds of codes.
const OF_LITERALS: u32 = 0;
const OF_DISTANCES: u32 = 1;
const OF_LENGTHS: u32 = 2;

/** Where the packed bytes belong. */
export function input(): usize {
  return INPUT;
}

/** Where the unpacked bytes are. */
export function output(): usize {
  return OUTPUT;
}

export function mostPacked(): u32 {
  return MOST_PACKED;
}

export function mostUnpacked(): u32 {
  return MOST_UNPACKED;
}

function literalEntry(symbol: u32): u32 {
  if (symbol < 256) return LITERAL | (symbol << 16);
  if (symbol == 256) return SPECIAL | END;
  if (symbol < 265) return (symbol - 254) << 16;
  if (symbol < 285) {
    const extra = (symbol - 261) >> 2;
    return ((3 + ((4 + ((symbol - 261) & 3)) << extra)) << 16) | extra;
  }
  return symbol == 285 ? 258 << 16 : SPECIAL;
}

function distanceEntry(symbol: u32): u32 {
  if (symbol < 4) return (symbol + 1) << 16;
  if (symbol >= 30) return SPECIAL;
  const extra = (symbol - 2) >> 1;
  return ((1 + ((2 + (symbol & 1)) << extra)) << 16) | extra;
}

function entryOf(symbol: u32, kind: u32): u32 {
  if (kind == OF_LITERALS) return literalEntry(symbol);
  if (kind == OF_DISTANCES) return distanceEntry(symbol);
  return symbol << 16;
}

/** Longest code, or 0xff when the lengths make no code that zlib takes. Fills COUNTS and SORTED. */
function sortSymbols(lengths: usize, symbols: u32, kind: u32): u32 {
  memory.fill(COUNTS, 0, 64);
  for (let i: u32 = 0; i < symbols; i++) {
    const at = COUNTS + ((<usize>load<u8>(lengths + i)) << 2);
    store<u32>(at, load<u32>(at) + 1);
  }
  store<u32>(COUNTS, 0);
  let longest: u32 = 0;
  let left: i32 = 1;
  let sum: u32 = 0;
  for (let length: u32 = 1; length < 16; length++) {
    const count = load<u32>(COUNTS + (length << 2));
    store<u32>(NEXT + (length << 2), sum);
    sum += count;
    left = (left << 1) - <i32>count;
    if (left < 0) return 0xff;
    if (count != 0) longest = length;
  }
  // Codes that lead nowhere: allowed where there is one distance or none.
  if (left > 0 && (kind != OF_DISTANCES || longest > 1)) return 0xff;
  for (let i: u32 = 0; i < symbols; i++) {
    const length = <u32>load<u8>(lengths + i);
    if (length == 0) continue;
    const at = NEXT + (length << 2);
    const place = load<u32>(at);
    store<u16>(SORTED + (place << 1), <u16>i);
    store<u32>(at, place + 1);
  }
  return longest;
}

/** The bits by which to look further, so that all codes with the prefix of one that has `length` bits have room. */
function bitsBehind(bits: u32, length: u32, longest: u32, codesLeft: u32): u32 {
  let more = length - bits;
  let room: i32 = (1 << more) - <i32>codesLeft;
  while (room > 0 && more + bits < longest) {
    more++;
    room = (room << 1) - <i32>load<u32>(COUNTS + ((more + bits) << 2));
  }
  return more;
}

/** Fills a table from lengths of codes. False when they make no code. */
function build(table: usize, bits: u32, lengths: usize, symbols: u32, kind: u32): bool {
  const longest = sortSymbols(lengths, symbols, kind);
  if (longest == 0xff) return false;
  const size: u32 = 1 << bits;
  let code: u32 = 0; // its first bit is the lowest, as in the input
  let place: u32 = 0;
  let length: u32 = 1;
  // The table as it is when looked at by one bit less, twice: what a code does not fill by then, longer ones will.
  store<u32>(table, SPECIAL);
  for (; length <= bits; length++) {
    const half: usize = 2 << length;
    memory.copy(table + half, table, half);
    for (let left = load<u32>(COUNTS + (length << 2)); left > 0; left--) {
      const entry = entryOf(<u32>load<u16>(SORTED + (place++ << 1)), kind);
      store<u32>(table + (code << 2), (entry + length) | (length << 8));
      code = codeAfter(code, length);
    }
  }
  let prefix: u32 = size;
  let further: u32 = 0;
  let furtherBits: u32 = 0;
  let end: u32 = size;
  for (; length <= longest; length++) {
    const more = length - bits;
    for (let left = load<u32>(COUNTS + (length << 2)); left > 0; left--) {
      if ((code & (size - 1)) != prefix) {
        prefix = code & (size - 1);
        further = end;
        furtherBits = bitsBehind(bits, length, longest, left);
        end += 1 << furtherBits;
        store<u32>(table + (prefix << 2), SPECIAL | LONGER | (further << 16) | (furtherBits << 8));
      }
      const entry = entryOf(<u32>load<u16>(SORTED + (place++ << 1)), kind);
      for (let i = code >> bits; i < (<u32>1) << furtherBits; i += 1 << more)
        store<u32>(table + ((further + i) << 2), (entry + more) | (more << 8));
      code = codeAfter(code, length);
    }
  }
  return true;
}

/** The next code of a length: one more, counted from its last bit. */
function codeAfter(code: u32, length: u32): u32 {
  let bit: u32 = 1 << (length - 1);
  while ((code & bit) != 0) {
    code ^= bit;
    bit >>= 1;
  }
  return code | bit;
}

function buildFixed(): void {
  memory.fill(LENGTHS, 8, 144);
  memory.fill(LENGTHS + 144, 9, 112);
  memory.fill(LENGTHS + 256, 7, 24);
  memory.fill(LENGTHS + 280, 8, 8);
  build(LITERAL_TABLE, LITERAL_BITS, LENGTHS, 288, OF_LITERALS);
  memory.fill(LENGTHS, 5, 32);
  build(DISTANCE_TABLE, DISTANCE_BITS, LENGTHS, 32, OF_DISTANCES);
}

/** Symbols of the code of lengths in the order in which theirs are written: 16 17 18 0 8 7 9 6 10 5 11 4 12 3 13 2 14 1 15. */
function lengthSymbol(at: u32): u32 {
  if (at < 3) return 16 + at;
  if (at == 3) return 0;
  return (at & 1) != 0 ? 8 - ((at - 3) >> 1) : 8 + ((at - 4) >> 1);
}

function literalAt(bits: u64): u32 {
  return load<u32>(((<usize>bits) & ((1 << LITERAL_BITS) - 1)) << 2, LITERAL_TABLE);
}

function distanceAt(bits: u64): u32 {
  return load<u32>(((<usize>bits) & ((1 << DISTANCE_BITS) - 1)) << 2, DISTANCE_TABLE);
}

/** Place of the entry that a longer one points to, for the bits behind the first ones. */
function furtherAt(entry: u32, bits: u64): usize {
  return ((entry >> 16) + ((<u32>bits) & ((1 << ((entry >> 8) & 15)) - 1))) << 2;
}

/** What an entry stands for, its extra bits added. */
function valueOf(entry: u32, bits: u64): usize {
  return <usize>(entry >> 16) + <usize>((bits & (((<u64>1) << entry) - 1)) >> ((entry >> 8) & 15));
}

function copy16(to: usize, from: usize): void {
  v128.store(to, v128.load(from));
}

/** A match of `length` bytes, up to 31 more written. */
function copyMatch(to: usize, distance: usize, length: usize): void {
  let from = to - distance;
  const end = to + length;
  if (distance >= 16) {
    copy16(to, from);
    if (length <= 16) return;
    copy16(to + 16, from + 16);
    while (to + 32 < end) {
      to += 32;
      from += 32;
      copy16(to, from);
      copy16(to + 16, from + 16);
    }
  } else if (distance == 1) {
    const bytes = i8x16.splat(load<u8>(from));
    for (; to < end; to += 16) v128.store(to, bytes);
  } else {
    for (; to < end; to++) store<u8>(to, load<u8>(from++));
  }
}

/**
 * Unpacks `packed` bytes at INPUT to OUTPUT. True when they are blocks of deflate that end with the last byte and make exactly
 * `size` bytes; for anything else false, and OUTPUT holds whatever came before.
 */
export function inflate(packed: u32, size: u32): bool {
  if (packed > MOST_PACKED || size > MOST_UNPACKED) return false;
  let next: usize = INPUT;
  const inputEnd = next + packed;
  // Bits are taken in before they are needed; more than that is behind the end.
  const lastRefill = inputEnd + 8;
  let to: usize = OUTPUT;
  const outputEnd = to + size;
  let bits: u64 = 0;
  // How many bits are in hand; of its own bits only the lowest 6 count.
  let inHand: u64 = 0;
  let last = false;
  while (!last) {
    if (next > lastRefill) return false;
    bits |= load<u64>(next) << inHand;
    next += <usize>((~inHand & 63) >> 3);
    inHand |= 56;
    last = (bits & 1) != 0;
    const type = (<u32>(bits >> 1)) & 3;
    bits >>= 3;
    inHand -= 3;
    if (type == 0) {
      // Stored: from the next whole byte on, length and its complement, bytes.
      next -= <usize>((inHand & 63) >> 3);
      bits = 0;
      inHand = 0;
      if (next + 4 > inputEnd) return false;
      const length = <u32>load<u16>(next);
      if (length != ((<u32>load<u16>(next + 2)) ^ 0xffff)) return false;
      next += 4;
      if (next + length > inputEnd || to + length > outputEnd) return false;
      memory.copy(to, next, length);
      next += length;
      to += length;
      continue;
    }
    if (type == 3) return false;
    if (type == 1) buildFixed();
    else {
      const literals = ((<u32>bits) & 31) + 257;
      const distances = ((<u32>(bits >> 5)) & 31) + 1;
      const written = ((<u32>(bits >> 10)) & 15) + 4;
      if (literals > 286 || distances > 30) return false;
      bits >>= 14;
      inHand -= 14;
      memory.fill(LENGTHS, 0, 19);
      for (let i: u32 = 0; i < written; i++) {
        bits |= load<u64>(next) << inHand;
        next += <usize>((~inHand & 63) >> 3);
        inHand |= 56;
        store<u8>(LENGTHS + lengthSymbol(i), <u8>(bits & 7));
        bits >>= 3;
        inHand -= 3;
      }
      if (!build(LENGTH_TABLE, LENGTH_BITS, LENGTHS, 19, OF_LENGTHS)) return false;
      const all = literals + distances;
      for (let i: u32 = 0; i < all;) {
        if (next > lastRefill) return false;
        bits |= load<u64>(next) << inHand;
        next += <usize>((~inHand & 63) >> 3);
        inHand |= 56;
        const entry = load<u32>(((<usize>bits) & ((1 << LENGTH_BITS) - 1)) << 2, LENGTH_TABLE);
        bits >>= entry;
        inHand -= entry;
        const symbol = entry >> 16;
        if (symbol < 16) {
          store<u8>(LENGTHS + i++, <u8>symbol);
          continue;
        }
        // 16: the length before, 3 to 6 times; 17 and 18: none, 3 to 10 or 11 to 138 times.
        if (symbol == 16 && i == 0) return false;
        const length: u8 = symbol == 16 ? load<u8>(LENGTHS + i - 1) : 0;
        const extra: u32 = symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
        const repeats = (symbol == 18 ? 11 : 3) + ((<u32>bits) & ((1 << extra) - 1));
        bits >>= extra;
        inHand -= extra;
        if (i + repeats > all) return false;
        memory.fill(LENGTHS + i, length, repeats);
        i += repeats;
      }
      if (load<u8>(LENGTHS + 256) == 0) return false;
      if (!build(DISTANCE_TABLE, DISTANCE_BITS, LENGTHS + literals, distances, OF_DISTANCES)) return false;
      if (!build(LITERAL_TABLE, LITERAL_BITS, LENGTHS, literals, OF_LITERALS)) return false;
    }
    if (next > lastRefill) return false;
    bits |= load<u64>(next) << inHand;
    next += <usize>((~inHand & 63) >> 3);
    inHand |= 56;
    let entry = literalAt(bits);
    for (;;) {
      if (next > lastRefill || to > outputEnd) return false;
      if (<i32>entry < 0) {
        // Up to four literals of 11 bits at most, and the look at what follows, with the 56 bits in hand.
        bits >>= entry;
        inHand -= entry;
        store<u8>(to, <u8>(entry >> 16));
        entry = literalAt(bits);
        if (<i32>entry < 0) {
          bits >>= entry;
          inHand -= entry;
          store<u8>(to, <u8>(entry >> 16), 1);
          entry = literalAt(bits);
          if (<i32>entry < 0) {
            bits >>= entry;
            inHand -= entry;
            store<u8>(to, <u8>(entry >> 16), 2);
            entry = literalAt(bits);
            if (<i32>entry < 0) {
              bits >>= entry;
              inHand -= entry;
              store<u8>(to, <u8>(entry >> 16), 3);
              entry = literalAt(bits);
              to += 4;
            } else to += 3;
          } else to += 2;
        } else to += 1;
        bits |= load<u64>(next) << inHand;
        next += <usize>((~inHand & 63) >> 3);
        inHand |= 56;
        if (<i32>entry < 0) continue;
      }
      if ((entry & SPECIAL) != 0) {
        if ((entry & LONGER) != 0) {
          bits >>= LITERAL_BITS;
          inHand -= LITERAL_BITS;
          entry = load<u32>(furtherAt(entry, bits), LITERAL_TABLE);
          if (<i32>entry < 0) {
            bits >>= entry;
            inHand -= entry;
            store<u8>(to++, <u8>(entry >> 16));
            bits |= load<u64>(next) << inHand;
            next += <usize>((~inHand & 63) >> 3);
            inHand |= 56;
            entry = literalAt(bits);
            continue;
          }
        }
        if ((entry & SPECIAL) != 0) {
          if ((entry & END) == 0) return false;
          bits >>= entry;
          inHand -= entry;
          break;
        }
      }
      const length = valueOf(entry, bits);
      bits >>= entry;
      inHand -= entry;
      entry = distanceAt(bits);
      if ((entry & SPECIAL) != 0) {
        if ((entry & LONGER) == 0) return false;
        bits >>= DISTANCE_BITS;
        inHand -= DISTANCE_BITS;
        entry = load<u32>(furtherAt(entry, bits), DISTANCE_TABLE);
        if ((entry & SPECIAL) != 0) return false;
      }
      const distance = valueOf(entry, bits);
      bits >>= entry;
      inHand -= entry;
      if (distance > to - OUTPUT) return false;
      // The next look does not wait for the copy.
      bits |= load<u64>(next) << inHand;
      next += <usize>((~inHand & 63) >> 3);
      inHand |= 56;
      entry = literalAt(bits);
      copyMatch(to, distance, length);
      to += length;
    }
  }
  return next - <usize>((inHand & 63) >> 3) == inputEnd && to == outputEnd;
}
