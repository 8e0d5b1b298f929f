import { describe, expect, it } from 'vitest';
import { ManualClock } from './clock.js';
import { MessageIds, timeId } from './ids.js';
import { Random, WeightedChoice } from './random.js';

describe('Random', () => {
  it('gives the same numbers for the same seed and others for another', () => {
    const numbers = (seed: string): number[] => {
      const random = new Random(seed);
      return Array.from({ length: 50 }, () => random.uint32());
    };
    expect(numbers('a')).toEqual(numbers('a'));
    expect(numbers('a')).not.toEqual(numbers('b'));
  });

  it('stays within its bounds and spreads evenly', () => {
    const random = new Random('spread');
    const seen = new Map<number, number>();
    for (let index = 0; index < 10_000; index += 1) {
      const number = random.int(1, 4);
      seen.set(number, (seen.get(number) ?? 0) + 1);
    }
    expect([...seen.keys()].sort()).toEqual([1, 2, 3, 4]);
    for (const count of seen.values()) expect(count).toBeGreaterThan(2200);
  });

  it('has exponential gaps with the asked mean', () => {
    const random = new Random('gaps');
    const sum = Array.from({ length: 20_000 }, () => random.exponential(10)).reduce((total, gap) => total + gap, 0);
    expect(sum / 20_000).toBeGreaterThan(9.5);
    expect(sum / 20_000).toBeLessThan(10.5);
  });

  it('chooses by weight, and never what weighs nothing', () => {
    const choice = new WeightedChoice<string>([
      ['often', 9],
      ['never', 0],
      ['rarely', 1],
    ]);
    const random = new Random('weights');
    const picks = Array.from({ length: 5000 }, () => choice.pick(random));
    expect(picks).not.toContain('never');
    expect(picks.filter((pick) => pick === 'rarely').length).toBeGreaterThan(400);
    expect(picks.filter((pick) => pick === 'rarely').length).toBeLessThan(600);
  });
});

describe('MessageIds', () => {
  it('rises always, with 19 digits, also when the clock stands still or goes back', () => {
    let now = 1_790_000_000_000;
    const ids = new MessageIds({
      ...new ManualClock(),
      now: () => now,
      setTimeout: () => ({}),
      clearTimeout: () => undefined,
    });
    const made: string[] = [];
    for (let index = 0; index < 1000; index += 1) {
      if (index === 300) now += 5000;
      if (index === 600) now -= 60_000;
      made.push(ids.next());
    }
    expect(made.every((id) => /^\d{19}$/.test(id))).toBe(true);
    expect(made.every((id, index) => index === 0 || BigInt(id) > BigInt(made[index - 1] ?? '0'))).toBe(true);
  });

  it('goes on rising past the ids of one second', () => {
    const ids = new MessageIds(new ManualClock());
    let last = 0n;
    for (let index = 0; index < 450_000; index += 1) {
      const id = BigInt(ids.next());
      if (id <= last) throw new Error(`not rising at ${index}`);
      last = id;
    }
  });

  it('builds room ids from seconds and 32 bits', () => {
    expect(timeId(1_696_447_142, 7)).toBe(String(1_696_447_142n * 4_294_967_296n + 7n));
  });
});

describe('ManualClock', () => {
  it('runs timers in order of time, nested ones too, and forgets cancelled ones', () => {
    const clock = new ManualClock(0);
    const ran: string[] = [];
    clock.setTimeout(() => ran.push('b'), 20);
    clock.setTimeout(() => {
      ran.push('a');
      clock.setTimeout(() => ran.push(`nested ${clock.now()}`), 5);
    }, 10);
    clock.clearTimeout(clock.setTimeout(() => ran.push('never'), 15));
    clock.advance(30);
    expect(ran).toEqual(['a', 'nested 15', 'b']);
    expect(clock.now()).toBe(30);
  });
});
