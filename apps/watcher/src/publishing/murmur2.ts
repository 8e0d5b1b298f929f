const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/** Kafka's murmur2 of the bytes, as a signed 32-bit number like the Java client's `Utils.murmur2`. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length;
  let hash = SEED ^ length;
  const whole = length & ~3;
  for (let at = 0; at < whole; at += 4) {
    let word = byte(bytes, at) | (byte(bytes, at + 1) << 8) | (byte(bytes, at + 2) << 16) | (byte(bytes, at + 3) << 24);
    word = Math.imul(word, M);
    word ^= word >>> R;
    word = Math.imul(word, M);
    hash = Math.imul(hash, M) ^ word;
  }
  const rest = length - whole;
  if (rest > 0) {
    if (rest === 3) hash ^= byte(bytes, whole + 2) << 16;
    if (rest >= 2) hash ^= byte(bytes, whole + 1) << 8;
    hash ^= byte(bytes, whole);
    hash = Math.imul(hash, M);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  hash ^= hash >>> 15;
  return hash | 0;
}

/** The partition that the Java client's default partitioner gives to a record with this key. */
export function partitionOf(key: string, partitions: number): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
}

function byte(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0;
}
