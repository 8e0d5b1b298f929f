import { SeededRandom } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { BackOff } from './back-off.js';

describe('back-off', () => {
  it('is uniform between nothing and the doubled ceiling, up to the cap', () => {
    const ceilings = [500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000];
    const random = new SeededRandom(1);
    const samples = ceilings.map(() => [] as number[]);
    for (let round = 0; round < 2_000; round += 1) {
      const backOff = new BackOff({ random });
      for (const delays of samples) delays.push(backOff.next());
    }
    samples.forEach((delays, n) => {
      const ceiling = ceilings[n]!;
      expect(Math.max(...delays)).toBeLessThanOrEqual(ceiling);
      const mean = delays.reduce((sum, delay) => sum + delay, 0) / delays.length;
      expect(mean / ceiling).toBeGreaterThan(0.46);
      expect(mean / ceiling).toBeLessThan(0.54);
      expect(Math.min(...delays) / ceiling).toBeLessThan(0.02);
    });
  });

  it('never gets stuck or infinite, however often it is asked', () => {
    const backOff = new BackOff({ random: { next: () => 0.999 } });
    let last = 0;
    for (let n = 0; n < 5_000; n += 1) last = backOff.next();
    expect(last).toBe(59_940);
    expect(backOff.attempts).toBe(5_000);
  });

  it('keeps as much of each delay certain as it was told to', () => {
    const random = new SeededRandom(2);
    for (let round = 0; round < 500; round += 1) {
      const backOff = new BackOff({ random, baseMs: 1_000, capMs: 3_000, certain: 0.5 });
      for (const ceiling of [1_000, 2_000, 3_000, 3_000]) {
        const delay = backOff.next();
        expect(delay).toBeGreaterThanOrEqual(ceiling / 2);
        expect(delay).toBeLessThanOrEqual(ceiling);
      }
    }
  });

  it('starts anew after a reset, and is never shorter than what was asked for', () => {
    const backOff = new BackOff({ random: { next: () => 0.5 } });
    for (let n = 0; n < 9; n += 1) backOff.next();
    backOff.reset();
    expect(backOff.next()).toBe(250);
    expect(backOff.next(120_000)).toBe(126_000);
  });
});
