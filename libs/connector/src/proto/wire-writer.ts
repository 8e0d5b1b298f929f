import type { Writer } from 'protobufjs/minimal.js';

const LOW_MASK = 0xffff_ffffn;
/** Decimal texts up to this length are below 2^53 and need no BigInt. */
const SAFE_DIGITS = 15;

/** protobufjs takes anything with two 32-bit halves; its types name the class of an optional package. */
type Int64 = Parameters<Writer['int64']>[0];

/**
 * The wire form of a 64-bit integer given as decimal text; negative values in two's complement.
 * @throws SyntaxError when the text is not an integer.
 */
export function int64Bits(value: string | number): Int64 {
  if (typeof value === 'number' || (value.length <= SAFE_DIGITS && /^-?\d+$/.test(value))) return Number(value);
  const bits = BigInt.asUintN(64, BigInt(value));
  return { low: Number(bits & LOW_MASK), high: Number(bits >> 32n), unsigned: true };
}

/** Sets an entry of a decoded map; a key named `__proto__` is an entry like any other. */
export function setEntry<V>(map: Record<string, V>, key: string | number, value: V): void {
  if (key === '__proto__')
    Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
  else map[key] = value;
}
