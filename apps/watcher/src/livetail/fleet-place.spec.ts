import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeTailCursor } from './tail-cursor.js';
import { decodeFleetPlace, encodeFleetPlace, reaches, type FleetPlace } from './fleet-place.js';

const TOPICS = ['live.chat', 'live.gift', 'live.room'];
const place = (offsets: readonly (readonly number[])[]): FleetPlace =>
  new Map(offsets.flatMap((list, topic) => list.map((offset, n) => [`${TOPICS[topic] ?? ''}:${n}`, offset] as const)));
const anyPlace = fc
  .array(fc.array(fc.nat(Number.MAX_SAFE_INTEGER), { maxLength: 12 }), { minLength: 3, maxLength: 3 })
  .map(place);

describe('places in the topics of a fleet', () => {
  it('are written and read without a loss', () => {
    fc.assert(
      fc.property(anyPlace, (given) => {
        expect(decodeFleetPlace(encodeFleetPlace(given, TOPICS), TOPICS)).toEqual(given);
      }),
    );
  });

  it('are short: 144 partitions with a million records each stay far below what a header may hold', () => {
    const topics = Array.from({ length: 12 }, (_, n) => `t${n}`);
    const large = new Map(
      topics.flatMap((t) => Array.from({ length: 12 }, (_, p) => [`${t}:${p}`, 1_000_000] as const)),
    );
    expect(encodeFleetPlace(large, topics).length).toBeLessThan(650);
  });

  it('are not read from anything else', () => {
    const good = encodeFleetPlace(place([[5], [6], [7]]), TOPICS);
    for (const text of ['', 'x', encodeTailCursor({ journalId: 'j', offset: 3 }), good.slice(0, -3), `${good}AAAA`])
      expect(decodeFleetPlace(text, TOPICS)).toBeUndefined();
    fc.assert(
      fc.property(fc.string(), (text) => {
        const read = decodeFleetPlace(text, TOPICS);
        if (read !== undefined) expect(encodeFleetPlace(read, TOPICS).length).toBeGreaterThan(0);
      }),
    );
  });

  it('compare by partition', () => {
    expect(reaches(place([[5, 2]]), place([[5, 1]]))).toBe(true);
    expect(reaches(place([[5, 0]]), place([[4, 1]]))).toBe(false);
    expect(reaches(place([]), place([[1]]))).toBe(false);
    expect(reaches(place([[1]]), place([]))).toBe(true);
  });
});
