import { randomBytes } from 'node:crypto';

/** `length` decimal digits, the first of them not zero. */
export function randomDigits(length: number, random: () => number = Math.random): string {
  let text = String(1 + Math.floor(random() * 9));
  while (text.length < length) text += String(Math.floor(random() * 10));
  return text;
}

/** A random positive 63-bit integer as a decimal string, at least 1. */
export function generateUniqId(): string {
  const value = randomBytes(8).readBigUInt64BE() >> 1n;
  return (value === 0n ? 1n : value).toString();
}
