const TWO_32 = 4_294_967_296;
/** Halves below this make a value below 2^53, which a number holds exactly. */
const SAFE_HIGH = 0x20_0000;
const BILLION = 1_000_000_000;

/** Decimal text of the unsigned 64-bit integer with the given 32-bit halves (signed or unsigned numbers). */
export function uint64Text(high: number, low: number): string {
  const lowPart = low >>> 0;
  const highPart = high >>> 0;
  if (highPart < SAFE_HIGH) return highPart === 0 ? `${lowPart}` : `${highPart * TWO_32 + lowPart}`;
  // Long division by 10^9 in steps of 16 bits: every intermediate value stays below 2^46, so doubles are exact.
  const q0 = Math.floor(highPart / BILLION);
  const t1 = (highPart - q0 * BILLION) * 65_536 + (lowPart >>> 16);
  const q1 = Math.floor(t1 / BILLION);
  const t2 = (t1 - q1 * BILLION) * 65_536 + (lowPart & 0xffff);
  const q2 = Math.floor(t2 / BILLION);
  const rest = t2 - q2 * BILLION;
  return `${q0 * TWO_32 + q1 * 65_536 + q2}${`${rest + BILLION}`.slice(1)}`;
}

/** Decimal text of the signed 64-bit integer with the given 32-bit halves. */
export function int64Text(high: number, low: number): string {
  if (high >= 0) return uint64Text(high, low);
  // Two's complement: invert, add one.
  const lowPart = (~low + 1) | 0;
  return `-${uint64Text(lowPart === 0 ? ~high + 1 : ~high, lowPart)}`;
}

/** The nearest number to the unsigned 64-bit integer. */
export function uint64Value(high: number, low: number): number {
  return (high >>> 0) * TWO_32 + (low >>> 0);
}

/** The nearest number to the signed 64-bit integer. */
export function int64Value(high: number, low: number): number {
  return high * TWO_32 + (low >>> 0);
}
