import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHECKPOINT_IDS, MAX_IDS, RecentIds, WINDOW_MS } from './recent-ids.js';

describe('RecentIds', () => {
  it('knows an id for ten minutes by receipt', () => {
    const ids = new RecentIds();
    expect(ids.add('7286184903362312160', 0)).toBe(true);
    for (let i = 1; i <= CHECKPOINT_IDS; i += 1) ids.add(String(i), 1);
    expect(ids.add('7286184903362312160', WINDOW_MS - 1)).toBe(false);
    expect(ids.add('7286184903362312160', WINDOW_MS)).toBe(true);
  });

  it('knows the newest ones for ever: the history of a quiet room is old', () => {
    const ids = new RecentIds();
    for (let i = 1; i <= CHECKPOINT_IDS; i += 1) ids.add(String(i), 0);
    const later = 100 * WINDOW_MS;
    for (let i = 1; i <= CHECKPOINT_IDS; i += 1) expect(ids.add(String(i), later)).toBe(false);
    expect(ids.add('new', later)).toBe(true);
    expect(ids.size).toBe(CHECKPOINT_IDS + 1);
    ids.add('newer', later);
    expect(ids.size).toBe(CHECKPOINT_IDS + 1);
  });

  it('tells ids apart that differ in any of their 64 bits', () => {
    const ids = new RecentIds();
    const base = 7_286_184_903_362_312_160n;
    expect(ids.add(String(base), 0)).toBe(true);
    for (let bit = 0n; bit < 64n; bit += 1n) expect(ids.add(String(base ^ (1n << bit)), 0), `bit ${bit}`).toBe(true);
    expect(ids.size).toBe(65);
  });

  it('tells ids apart that end in the same nine digits', () => {
    const ids = new RecentIds();
    expect(ids.add('312160000', 0)).toBe(true);
    for (let bit = 0n; bit < 34n; bit += 1n) {
      expect(ids.add(String((1n << bit) * 1_000_000_000n + 312_160_000n), 0), `bit ${bit}`).toBe(true);
    }
    expect(ids.size).toBe(35);
  });

  it('holds at most its bound and forgets the oldest first', () => {
    const ids = new RecentIds();
    for (let i = 1; i <= MAX_IDS + 1; i += 1) ids.add(String(i), 0);
    expect(ids.size).toBe(MAX_IDS);
    expect(ids.add(String(MAX_IDS + 1), 0)).toBe(false);
    expect(ids.add('2', 0)).toBe(false);
    expect(ids.add('1', 0)).toBe(true);
  });

  it('is not misled by a clock that is set back, nor by the length of the epoch', () => {
    const ids = new RecentIds();
    const now = Date.UTC(2026, 10, 26);
    for (let i = 1; i <= 2 * CHECKPOINT_IDS; i += 1) ids.add(String(i), now);
    expect(ids.add('1', now - 3_600_000)).toBe(false);
    expect(ids.add('1', now + WINDOW_MS - 1)).toBe(false);
    expect(ids.add('1', now + WINDOW_MS)).toBe(true);
  });

  it('does not take an id of long ago for one of the future', () => {
    const ids = new RecentIds();
    for (let i = 1; i <= CHECKPOINT_IDS; i += 1) ids.add(String(i), 0);
    // Where the lower 32 bits of the time have their highest one set.
    const now = Date.UTC(2027, 0, 1);
    expect(now | 0).toBeLessThan(0);
    for (let i = 1; i <= 2 * CHECKPOINT_IDS; i += 1) ids.add(String(1_000 + i), now);
    expect(ids.size).toBe(2 * CHECKPOINT_IDS);
  });

  it('hands the newest ids to a checkpoint, newest last', () => {
    const ids = new RecentIds();
    for (let i = 1; i <= CHECKPOINT_IDS + 50; i += 1) ids.add(String(i), 0);
    const newest = ids.newest();
    expect(newest).toHaveLength(CHECKPOINT_IDS);
    expect(newest[0]).toBe('51');
    expect(newest.at(-1)).toBe(String(CHECKPOINT_IDS + 50));
  });

  it('forgets no other id with one whose time is over', () => {
    const ids = new RecentIds();
    const count = 500;
    for (let i = 1; i <= count; i += 1) ids.add(String(i), i);
    for (let gone = 1; gone <= count - CHECKPOINT_IDS; gone += 1) {
      ids.add(`h-${String(gone).padStart(32, '0')}`, WINDOW_MS + gone);
      const known = Array.from({ length: count }, (_, n) => ids.has(String(n + 1)));
      expect(known.indexOf(true)).toBe(gone);
      expect(known.lastIndexOf(false)).toBe(gone - 1);
    }
  });

  it('agrees with a plain map over any history', () => {
    const id = fc.oneof(
      fc.integer({ min: 1, max: 300 }).map(String),
      fc.integer({ min: 0, max: 40 }).map((n) => `h-deadbeef${String(n).padStart(8, '0')}${'0'.repeat(16)}`),
      fc.bigInt({ min: 1n, max: (1n << 63n) - 1n }).map(String),
    );
    // Steps up to a third of the window, so that ids expire while others stay.
    const step = fc.tuple(id, fc.integer({ min: 0, max: WINDOW_MS / 3 }));
    fc.assert(
      fc.property(fc.array(step, { minLength: 200, maxLength: 600 }), (steps) => {
        const ids = new RecentIds();
        const model = new Map<string, number>();
        const [found, expected]: [(boolean | number)[], (boolean | number)[]] = [[], []];
        let now = 0;
        for (const [name, wait] of steps) {
          now += wait % 1_000 === 0 ? wait : wait % 50;
          for (const [known, at] of model) {
            if (model.size <= CHECKPOINT_IDS || at > now - WINDOW_MS) break;
            model.delete(known);
          }
          const fresh = !model.has(keyOf(name));
          if (fresh) model.set(keyOf(name), now);
          found.push(ids.add(name, now), ids.size);
          expected.push(fresh, model.size);
        }
        // Once for all steps: there are a hundred thousand of them.
        expect(found).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });
});

/** Hashed ids are known by their first 64 bits. */
function keyOf(id: string): string {
  return id.startsWith('h-') ? id.slice(0, 18) : id;
}
