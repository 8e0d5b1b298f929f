/*
 * Finding the fields that are wanted in the bytes of a message, without decoding the others. One function walks every type:
 * what differs between types is data, so it is compiled once and stays hot.
 *
 * A place takes two numbers: the bounds of what has a length; the halves of a varint; of a repeated field its first tag
 * (position + 1) and the end of its last item. 0 and 0: absent. A length-delimited field never begins at 0, for its tag is before it.
 */

/** Which fields of a message are wanted, and in which place each goes. */
export interface ScanPlan {
  /** By field number: place + 1 of a field with a length, −(place + 1) when it is repeated, 0 when it is not wanted. */
  readonly lengths: Int16Array;
  /** The same for varints, none of which is repeated. */
  readonly varints: Int16Array;
  /** REFUSED for floats that a message must not have to be scanned. */
  readonly fixed: Int16Array;
  /** Nested messages of which fields are wanted. */
  readonly nested: readonly NestedPlan[];
  /** Places of the members of each oneof: the last on the wire wins. */
  readonly oneofs: readonly (readonly number[])[];
}

export interface NestedPlan {
  /** Where its bounds are. */
  readonly place: number;
  readonly plan: ScanPlan;
}

/** Instead of a place: a message that has the field is left to the decoder. */
export const REFUSED = 0x7fff;

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;
const MAX_VARINT_BYTES = 10;

/**
 * Puts what `plan` wants of the message at `[pos, end)` into `places` from `base` on, which must be 0 there. False when the
 * bytes are not what a plain writer makes (cut short, groups, oversized varints): then decode the message instead.
 */
export function scanFields(
  bytes: Uint8Array,
  pos: number,
  end: number,
  plan: ScanPlan,
  places: Int32Array,
  base: number,
): boolean {
  const { lengths, varints } = plan;
  while (pos < end) {
    const at = pos;
    let tag = bytes[pos++]!;
    if (tag >= 0x80) {
      const second = bytes[pos++]!;
      if (second >= 0x80) {
        const third = bytes[pos++]!;
        if (third >= 0x80) return false;
        tag = (tag & 0x7f) | ((second & 0x7f) << 7) | (third << 14);
      } else tag = (tag & 0x7f) | (second << 7);
    }
    const field = tag >>> 3;
    if (field === 0) return false;
    switch (tag & 7) {
      case LENGTH: {
        let length = bytes[pos++]!;
        if (length >= 0x80) {
          const second = bytes[pos++]!;
          length = (length & 0x7f) | ((second & 0x7f) << 7);
          if (second >= 0x80) {
            const third = bytes[pos++]!;
            length |= (third & 0x7f) << 14;
            if (third >= 0x80) return false;
          }
        }
        const from = pos;
        pos += length;
        if (field < lengths.length) {
          const place = lengths[field]!;
          if (place === REFUSED) return false;
          if (place > 0) {
            places[base + place - 1] = from;
            places[base + place] = pos;
          } else if (place < 0) {
            if (places[base - place - 1] === 0) places[base - place - 1] = at + 1;
            places[base - place] = pos;
          }
        }
        break;
      }
      case VARINT: {
        const place = field < varints.length ? varints[field]! : 0;
        if (place === 0) {
          let left = MAX_VARINT_BYTES;
          while (bytes[pos++]! >= 0x80) if (--left === 0) return false;
        } else if (place === REFUSED) return false;
        else {
          pos = scanVarint(bytes, pos, places, base + place - 1);
          if (pos < 0) return false;
        }
        break;
      }
      case FIXED32:
        if (field < plan.fixed.length && plan.fixed[field] === REFUSED) return false;
        pos += 4;
        break;
      case FIXED64:
        if (field < plan.fixed.length && plan.fixed[field] === REFUSED) return false;
        pos += 8;
        break;
      default:
        return false;
    }
  }
  if (pos !== end) return false;
  if (plan.oneofs.length > 0) settleOneofs(plan.oneofs, places, base);
  const { nested } = plan;
  for (let i = 0; i < nested.length; i++) {
    const { place, plan: inner } = nested[i]!;
    const from = places[base + place]!;
    if (from !== 0 && !scanFields(bytes, from, places[base + place + 1]!, inner, places, base)) return false;
  }
  return true;
}

/** The low and the high half of a varint to `places[at]` and the one behind it. The position behind it; −1 when it has more than 10 bytes. */
function scanVarint(bytes: Uint8Array, pos: number, places: Int32Array, at: number): number {
  let byte = bytes[pos++]!;
  let low = byte & 0x7f;
  let high = 0;
  if (byte >= 0x80) {
    let shift = 7;
    do {
      byte = bytes[pos++]!;
      const bits = byte & 0x7f;
      if (shift < 28) low |= bits << shift;
      else if (shift === 28) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (shift - 32);
      shift += 7;
      if (shift > 70) return -1;
    } while (byte >= 0x80);
  }
  places[at] = low;
  places[at + 1] = high;
  return pos;
}

function settleOneofs(oneofs: ScanPlan['oneofs'], places: Int32Array, base: number): void {
  for (const members of oneofs) {
    let last = 0;
    for (const place of members) last = Math.max(last, places[base + place]!);
    for (const place of members) {
      if (places[base + place] === last) continue;
      places[base + place] = 0;
      places[base + place + 1] = 0;
    }
  }
}

/** Behind everything: where a walk ends that met bytes it does not understand. */
const LOST = 0x7fff_ffff;

/**
 * The items of a repeated field with a length, one after the other: `next` says true while there is one at `[from, to)`.
 * In the end `to` is where the walk ended: at `last`, unless the bytes are not what a plain writer makes.
 */
export class ItemCursor {
  from = 0;
  to = 0;

  /** The next item of `field` in `[pos, last)`. */
  next(bytes: Uint8Array, pos: number, last: number, field: number): boolean {
    while (pos < last) {
      const tag = this.#varint(bytes, pos);
      pos = this.to;
      switch (tag & 7) {
        case LENGTH: {
          const length = this.#varint(bytes, pos);
          const from = this.to;
          pos = from + length;
          if (tag >>> 3 !== field) break;
          this.from = from;
          this.to = pos;
          return true;
        }
        case VARINT: {
          let left = MAX_VARINT_BYTES;
          while (bytes[pos++]! >= 0x80) if (--left === 0) pos = LOST;
          break;
        }
        case FIXED32:
          pos += 4;
          break;
        case FIXED64:
          pos += 8;
          break;
        default:
          pos = LOST;
      }
      if (tag >>> 3 === 0) pos = LOST;
    }
    this.to = pos;
    return false;
  }

  /** A varint of up to 28 bits; `to` is behind it. */
  #varint(bytes: Uint8Array, pos: number): number {
    let byte = bytes[pos++]!;
    let value = byte & 0x7f;
    for (let shift = 7; byte >= 0x80; shift += 7) {
      if (shift > 21) {
        this.to = LOST;
        return 0;
      }
      byte = bytes[pos++]!;
      value |= (byte & 0x7f) << shift;
    }
    this.to = pos;
    return value;
  }
}
