import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { membersOf, planFarewell, planGifts, shareOf } from './fair-share.js';
import type { FleetReplica } from './lease-store.port.js';

const replica = (id: string, held: number, more: Partial<FleetReplica> = {}): FleetReplica => ({
  id,
  held,
  giving: 0,
  getting: 0,
  silentMs: 0,
  ...more,
});

const fleetOf = fc
  .array(fc.nat(2_000), { minLength: 1, maxLength: 12 })
  .map((counts) => counts.map((held, index) => replica(`r${index}`, held)));

/** Everything that all replicas give at one moment, carried out. */
function settle(fleet: readonly FleetReplica[]): { readonly held: Map<string, number>; readonly moves: number } {
  const held = new Map(fleet.map((member) => [member.id, member.held]));
  let moves = 0;
  for (const { id } of fleet) {
    for (const { to, count } of planGifts(fleet, id)) {
      held.set(id, held.get(id)! - count);
      held.set(to, held.get(to)! + count);
      moves += count;
    }
  }
  return { held, moves };
}

const spread = (counts: Iterable<number>): number => {
  const list = [...counts];
  return Math.max(...list) - Math.min(...list);
};

/** What must move at least so that nobody holds more than one lease more than another. */
function fewestMoves(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const floor = Math.floor(total / counts.length);
  const larger = total - floor * counts.length;
  const sorted = [...counts].sort((left, right) => right - left);
  return sorted.reduce((sum, count, index) => sum + Math.max(0, count - floor - (index < larger ? 1 : 0)), 0);
}

describe('the plan of what replicas give', () => {
  it('of all replicas together, made without a word between them, is fair and moves as little as can be', () => {
    fc.assert(
      fc.property(fleetOf, (fleet) => {
        const counts = fleet.map(({ held }) => held);
        const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
        const { held, moves } = settle(fleet);
        if (spread(counts) <= Math.max(1, mean / 10)) {
          expect(moves).toBe(0);
        } else {
          expect(spread(held.values())).toBeLessThanOrEqual(1);
          expect(moves).toBe(fewestMoves(counts));
        }
        expect([...held.values()].every((count) => count >= 0)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('counts what is under way as arrived, so that nothing is given twice', () => {
    const fleet = [replica('a', 100, { giving: 50 }), replica('b', 0, { getting: 50 })];
    expect(planGifts(fleet, 'a')).toEqual([]);
    expect(planGifts([replica('a', 100, { giving: 20 }), replica('b', 0, { getting: 20 })], 'a')).toEqual([
      { to: 'b', count: 30 },
    ]);
  });

  it('moves nothing for a spread of one lease, or of a tenth of the mean', () => {
    expect(planGifts([replica('a', 4), replica('b', 3)], 'a')).toEqual([]);
    expect(planGifts([replica('a', 105), replica('b', 95)], 'a')).toEqual([]);
    expect(planGifts([replica('a', 106), replica('b', 95)], 'a')).toEqual([{ to: 'b', count: 5 }]);
    expect(planGifts([replica('a', 5), replica('b', 3)], 'a')).toEqual([{ to: 'b', count: 1 }]);
    expect(planGifts([replica('a', 7)], 'a')).toEqual([]);
  });

  it('at a farewell shares everything out, and leaves the others as even as they can be', () => {
    fc.assert(
      fc.property(fleetOf, fc.nat(3_000), (others, count) => {
        const gifts = planFarewell([...others, replica('self', count)], 'self', count);
        const after = new Map(others.map(({ id, held }) => [id, held]));
        for (const gift of gifts) after.set(gift.to, after.get(gift.to)! + gift.count);
        expect(gifts.reduce((sum, gift) => sum + gift.count, 0)).toBe(count);
        // Whoever got something is at the lowest level, give or take one.
        const lowest = Math.min(...after.values());
        for (const { to } of gifts) expect(after.get(to)! - lowest).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
    expect(planFarewell([replica('self', 5)], 'self', 5)).toEqual([]);
  });
});

describe('the share of free leases', () => {
  it('is what is missing to an equal part, rounded up: together the replicas take everything', () => {
    fc.assert(
      fc.property(fleetOf, fc.nat(5_000), (fleet, free) => {
        const held = fleet.reduce((sum, member) => sum + member.held, 0);
        const shares = fleet.map(({ id }) => shareOf(fleet, id, held + free));
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeGreaterThanOrEqual(free);
      }),
    );
    expect(shareOf([replica('a', 10), replica('b', 0)], 'a', 20)).toBe(0);
    expect(shareOf([replica('a', 10), replica('b', 0)], 'b', 20)).toBe(10);
    expect(shareOf([], 'a', 20)).toBe(20);
  });

  it('does not count on a replica that was silent for two renewals, but on itself always', () => {
    const fleet = { total: 9, free: 0, now: 0, upSince: 0 };
    const replicas = [replica('a', 3, { silentMs: 12_000 }), replica('b', 3), replica('c', 3, { silentMs: 11_000 })];
    expect(membersOf({ ...fleet, replicas }, 'a', 10_000).map(({ id }) => id)).toEqual(['a', 'b']);
  });
});
