/*
 * AssemblyScript (not TypeScript): deflate, RFC 1951, of the records of one batch, with one code for all of them. Compiled to
 * WebAssembly by scripts/generate-assembly.mjs; src/publishing/record-deflater.ts calls it.
 *
 * A batch is mostly one to ten events of 1 KB. zlib spends half of its time on the best code for each of them; events are alike
 * enough for one that was made once (event-code.ts). Matches are looked for at one place, where the same four bytes were last.
 */
import { DISTANCE_LENGTHS, HEADER, HEADER_BITS, LITERAL_LENGTHS } from './event-code';

// Places in the memory.
const LITERAL_CODES: usize = 0x4000; // u32 for each literal and length symbol: code, its bits at 16
const DISTANCE_CODES: usize = 0x4800; // u32 for each symbol: the same
const MATCH_CODES: usize = 0x5000; // u32 for each length of a match: code and extra bits, their number at 24
const LAST_PLACES: usize = 0x8000; // u32 for each hash of four bytes: where they were last
const INPUT: usize = 0x20000;
const OUTPUT: usize = 0x140000;

/** Largest input, in bytes. */
const MOST: u32 = 0x100000;
const HASH_BITS: u32 = 13;
/** A match lies at most so far back. */
const WINDOW: u32 = 32768;
const SHORTEST: usize = 4;
const LONGEST: usize = 258;
const END_OF_BLOCK: u32 = 256;
/** Places are counted on from batch to batch, so that those of earlier ones need not be forgotten; here they begin anew. */
const LAST_START: u32 = 0x8000_0000;

/** The place of the first byte of the next batch. No place that is stored is 0. */
let start: u32 = WINDOW;

/** Where the bytes of a batch belong. */
export function input(): usize {
  return INPUT;
}

/** Where the packed bytes are. */
export function output(): usize {
  return OUTPUT;
}

export function most(): u32 {
  return MOST;
}

/** Canonical codes from their lengths, each with its first bit lowest. */
function makeCodes(lengths: usize, symbols: u32, codes: usize): void {
  let code: u32 = 0;
  for (let length: u32 = 1; length < 16; length++) {
    for (let symbol: u32 = 0; symbol < symbols; symbol++) {
      if (load<u8>(lengths + symbol) != length) continue;
      let reversed: u32 = 0;
      for (let bit: u32 = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
      store<u32>(codes + (symbol << 2), reversed | (length << 16));
      code++;
    }
    code <<= 1;
  }
}

/** To be called once, before anything else. */
export function prepare(): void {
  makeCodes(LITERAL_LENGTHS, 286, LITERAL_CODES);
  makeCodes(DISTANCE_LENGTHS, 30, DISTANCE_CODES);
  for (let length: u32 = 3; length <= <u32>LONGEST; length++) {
    let symbol: u32 = 285;
    let extraBits: u32 = 0;
    let extra: u32 = 0;
    if (length < 11) symbol = 254 + length;
    else if (length < <u32>LONGEST) {
      const above = length - 3;
      extraBits = 29 - clz(above);
      symbol = 257 + 4 * extraBits + (above >> extraBits);
      extra = above & ((1 << extraBits) - 1);
    }
    const code = load<u32>(LITERAL_CODES + (symbol << 2));
    const bits = code >> 16;
    store<u32>(MATCH_CODES + (length << 2), (code & 0xffff) | (extra << bits) | ((bits + extraBits) << 24));
  }
}

function placeOf(four: u32): usize {
  return LAST_PLACES + ((<usize>((four * 0x9e37_79b1) >> (32 - HASH_BITS))) << 2);
}

/** How many bytes are the same at both places, from the fourth on, `longest` at most. */
function sameBytes(at: usize, before: usize, longest: usize): usize {
  let length: usize = SHORTEST;
  while (length + 8 <= longest) {
    const differing = load<u64>(at + length) ^ load<u64>(before + length);
    if (differing != 0) return length + <usize>(ctz(differing) >> 3);
    length += 8;
  }
  while (length < longest && load<u8>(at + length) == load<u8>(before + length)) length++;
  return length;
}

/** Packs `size` bytes at INPUT; returns how many bytes that makes at OUTPUT, or 0 when they would not be fewer. */
export function deflate(size: u32): u32 {
  if (size > MOST) return 0;
  if (start >= LAST_START) {
    memory.fill(LAST_PLACES, 0, 4 << HASH_BITS);
    start = WINDOW;
  }
  let at: usize = INPUT;
  const end = at + size;
  // Four bytes are looked at, eight compared.
  const lastLook: usize = size > 8 ? end - 8 : at;
  const first = start;
  const toPlace: u32 = first - <u32>INPUT;
  // One more than the window, so that the next batch finds nothing of this one.
  start = first + size + WINDOW + 1;

  let to: usize = OUTPUT;
  const enough = to + size;
  memory.copy(to, HEADER, (HEADER_BITS + 7) >> 3);
  to += HEADER_BITS >> 3;
  let bits: u64 = (HEADER_BITS & 7) != 0 ? <u64>load<u8>(to) : 0;
  let inHand: u64 = HEADER_BITS & 7;
  while (at < end) {
    if (to > enough) return 0;
    let code = load<u32>(LITERAL_CODES + ((<usize>load<u8>(at)) << 2));
    let length: usize = 1;
    if (at < lastLook) {
      const four = load<u32>(at);
      const look = placeOf(four);
      const place = <u32>at + toPlace;
      const before = load<u32>(look);
      store<u32>(look, place);
      const distance = place - before;
      if (before >= first && distance <= WINDOW && load<u32>(at - distance) == four) {
        length = sameBytes(at, at - distance, min<usize>(LONGEST, end - at));
        // Up to 20 bits, with 7 that are in hand and 28 of the distance to come.
        code = load<u32>(MATCH_CODES + (length << 2));
        bits |= (<u64>(code & 0xff_ffff)) << inHand;
        inHand += code >> 24;
        const above = distance - 1;
        const extraBits: u32 = above < 4 ? 0 : 30 - clz(above);
        const symbol = above < 4 ? above : 2 * (extraBits + 1) + ((above >> extraBits) & 1);
        const distanceCode = load<u32>(DISTANCE_CODES + (symbol << 2));
        const codeBits = distanceCode >> 16;
        bits |= ((<u64>(distanceCode & 0xffff)) | ((<u64>(above & ((1 << extraBits) - 1))) << codeBits)) << inHand;
        inHand += codeBits + extraBits;
        // What follows a match is often what followed it before.
        if (at + length < lastLook) {
          store<u32>(placeOf(load<u32>(at + 1)), place + 1);
          store<u32>(placeOf(load<u32>(at + length - 1)), place + <u32>length - 1);
        }
      }
    }
    if (length == 1) {
      bits |= (<u64>(code & 0xffff)) << inHand;
      inHand += code >> 16;
    }
    store<u64>(to, bits);
    to += <usize>(inHand >> 3);
    bits >>= inHand & ~7;
    inHand &= 7;
    at += length;
  }
  const last = load<u32>(LITERAL_CODES + (END_OF_BLOCK << 2));
  bits |= (<u64>(last & 0xffff)) << inHand;
  inHand += last >> 16;
  store<u64>(to, bits);
  to += <usize>((inHand + 7) >> 3);
  return to < enough ? <u32>(to - OUTPUT) : 0;
}
