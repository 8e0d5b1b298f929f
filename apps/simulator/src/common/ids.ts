import type { Clock } from './clock.js';

const SHIFT = 4_294_967_296n;

/**
 * Message ids as TikTok makes them: 19 digits, the seconds since the epoch in the upper 32 bits, always rising within one
 * process, so no two messages share one.
 */
export class MessageIds {
  private second = 0;
  private base = 0n;
  private low = 0;

  constructor(private readonly clock: Clock) {}

  next(): string {
    const second = Math.max(this.second, Math.floor(this.clock.now() / 1000));
    if (second !== this.second) {
      this.second = second;
      this.base = BigInt(second) * SHIFT;
      this.low = 0;
    }
    // Odd step: the low half looks spread out, as on the wire, and has room for 400,000 ids a second before it would wrap.
    this.low += 10_007;
    if (this.low >= 4_294_967_295) {
      this.second += 1;
      this.base = BigInt(this.second) * SHIFT;
      this.low = 10_007;
    }
    return (this.base + BigInt(this.low)).toString();
  }
}

/** A 19-digit id whose upper half is the given time in seconds and whose lower half is `low` (32 bits). */
export const timeId = (seconds: number, low: number): string => (BigInt(seconds) * SHIFT + BigInt(low)).toString();
