/**
 * A place in the topics of a fleet: for each partition the offset of the next record. Partitions that are not in it begin at
 * their first record. Keys are made by `streamOf`.
 */
export type FleetPlace = ReadonlyMap<string, number>;

/** The name of a partition in a place: `<topic>:<partition>`. */
export function streamOf(topic: string, partition: number): string {
  return `${topic}:${partition}`;
}

/** Changes with the form of the text. */
const VERSION = 1;
/** Above any number of partitions that a topic has; a text that claims more is none of ours. */
const MAX_PARTITIONS = 10_000;

/** The opaque text of a place: for each topic in the given order its partitions and their offsets, as short as they can be. */
export function encodeFleetPlace(place: FleetPlace, topics: readonly string[]): string {
  const bytes: number[] = [VERSION];
  for (const topic of topics) {
    let partitions = 0;
    while (place.has(streamOf(topic, partitions))) partitions += 1;
    pushNumber(bytes, partitions);
    for (let partition = 0; partition < partitions; partition += 1) {
      pushNumber(bytes, place.get(streamOf(topic, partition)) ?? 0);
    }
  }
  return Buffer.from(bytes).toString('base64url');
}

/** undefined when the text was not made by `encodeFleetPlace` with the same topics. */
export function decodeFleetPlace(text: string, topics: readonly string[]): FleetPlace | undefined {
  const bytes = Buffer.from(text, 'base64url');
  const place = new Map<string, number>();
  let at = 1;
  const next = (): number => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at] as number;
      at += 1;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    at = Infinity;
    return 0;
  };
  if (bytes[0] !== VERSION) return undefined;
  for (const topic of topics) {
    const partitions = next();
    if (partitions > MAX_PARTITIONS) return undefined;
    for (let partition = 0; partition < partitions && at <= bytes.length; partition += 1) {
      const offset = next();
      if (!Number.isSafeInteger(offset)) return undefined;
      place.set(streamOf(topic, partition), offset);
    }
  }
  return at === bytes.length ? place : undefined;
}

/** Seven bits a byte, the lowest first. */
function pushNumber(bytes: number[], value: number): void {
  let left = value;
  while (left >= 0x80) {
    bytes.push((left % 128) + 0x80);
    left = Math.floor(left / 128);
  }
  bytes.push(left);
}

/** Whether nothing that comes after `other` was left out by who stands at `place`: each partition is as far or further. */
export function reaches(place: FleetPlace, other: FleetPlace): boolean {
  for (const [stream, offset] of other) if ((place.get(stream) ?? 0) < offset) return false;
  return true;
}
