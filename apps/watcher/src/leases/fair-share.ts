import type { Fleet, FleetReplica } from './lease-store.port.js';

/** Leases that a replica should give to another. */
export interface Gift {
  readonly to: string;
  readonly count: number;
}

/** A spread of this share of the mean (or of one lease) is fair enough: nothing moves for less. */
const TOLERANCE = 0.1;

/** What a replica holds when everything under way has arrived. */
function settled({ held, giving, getting }: FleetReplica): number {
  return held - giving + getting;
}

/**
 * Those that count when streamers are shared out: a replica that was silent for longer than `silentMs` has probably died,
 * or is cut off from the database. It keeps what it holds until that runs out, but gets nothing more. `self` always counts.
 */
export function membersOf(fleet: Fleet, self: string, silentMs: number): readonly FleetReplica[] {
  return fleet.replicas.filter(({ id, silentMs: silent }) => id === self || silent <= silentMs);
}

/** How many of the free leases are this replica's to take. Never negative. */
export function shareOf(members: readonly FleetReplica[], self: string, total: number): number {
  const me = members.find(({ id }) => id === self);
  return Math.max(0, Math.ceil(total / Math.max(1, members.length)) - (me === undefined ? 0 : settled(me)));
}

/**
 * What `self` gives away so that all hold the same, give or take one. Every replica that sees the same fleet comes to a part
 * of the same plan, which moves as few leases as can be: those above the share give, those below get, nobody does both.
 * Nothing while the spread is at most 10 % of the mean, or one lease.
 */
export function planGifts(members: readonly FleetReplica[], self: string): readonly Gift[] {
  const counts = members.map((member) => ({ id: member.id, count: settled(member) }));
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const mean = total / Math.max(1, counts.length);
  // Who holds most keeps the one lease more that does not divide: that moves least.
  counts.sort((left, right) => right.count - left.count || (left.id < right.id ? -1 : 1));
  const spread = (counts[0]?.count ?? 0) - (counts.at(-1)?.count ?? 0);
  if (spread <= Math.max(1, TOLERANCE * mean)) return [];
  const target = (index: number): number =>
    Math.floor(mean) + (index < total - Math.floor(mean) * counts.length ? 1 : 0);
  const surplus = counts.map(({ id, count }, index) => ({ id, count: count - target(index) }));
  return match(
    surplus.filter(({ count }) => count > 0),
    surplus.filter(({ count }) => count < 0).map(({ id, count }) => ({ id, count: -count })),
    self,
  );
}

/** How `self` shares out `count` leases when it stops: to whoever holds least, one by one. Empty when it is alone. */
export function planFarewell(members: readonly FleetReplica[], self: string, count: number): readonly Gift[] {
  const others = members
    .filter(({ id }) => id !== self)
    .map((member) => ({ id: member.id, held: settled(member), gets: 0 }));
  others.sort((left, right) => left.held - right.held || (left.id < right.id ? -1 : 1));
  if (others.length === 0) return [];
  let left = count;
  // Raise the lowest to the level of the next one, then those two to the third, and so on.
  for (let n = 1; n <= others.length && left > 0; n += 1) {
    const low = others.slice(0, n);
    const level = low[0]!.held + low[0]!.gets;
    const next = others[n]?.held ?? Infinity;
    const rise = Math.min(left, (next - level) * n);
    low.forEach((other, index) => (other.gets += Math.floor(rise / n) + (index < rise % n ? 1 : 0)));
    left -= rise;
  }
  return others.filter(({ gets }) => gets > 0).map(({ id, gets }) => ({ to: id, count: gets }));
}

interface Part {
  readonly id: string;
  readonly count: number;
}

/** Pairs givers with takers in their order, and returns what `self` gives. */
function match(givers: readonly Part[], takers: readonly Part[], self: string): readonly Gift[] {
  const gifts: Gift[] = [];
  let at = 0;
  let open = takers[0]?.count ?? 0;
  for (const giver of givers) {
    for (let left = giver.count; left > 0;) {
      const taker = takers[at];
      if (taker === undefined) return gifts;
      const count = Math.min(left, open);
      if (giver.id === self && count > 0) gifts.push({ to: taker.id, count });
      left -= count;
      open -= count;
      if (open > 0) continue;
      at += 1;
      open = takers[at]?.count ?? 0;
    }
  }
  return gifts;
}
