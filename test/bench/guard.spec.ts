import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { fallen, measureGuard } from './guard.mjs';

/** So many steps of work that the compiler cannot leave out. */
function work(steps: number): () => number {
  return () => {
    let sum = 0;
    for (let step = 0; step < steps; step += 1) sum = (sum * 31 + step) | 0;
    return sum;
  };
}

describe('the guard of the ratios', () => {
  it('measures how often the yardstick fits into the work', async () => {
    const pairs = {
      same: { ours: work(400_000), yardstick: work(400_000) },
      slow: { ours: work(4_000_000), yardstick: work(400_000) },
    };
    const measured = await measureGuard(pairs, { rounds: 5, turnMicros: 5_000 });
    expect(Object.keys(measured)).toEqual(['same', 'slow']);
    // Work of ten times the length is no guard if it passes for the same.
    expect(fallen(measured, { same: 1, slow: 1 }).map(({ name }) => name)).toContain('slow');
  });

  it('names what fell by more than 30 %, also what is not measured any more', () => {
    const committed = { kept: 2, little: 2, much: 2, gone: 2 };
    expect(fallen({ kept: 3, little: 1.41, much: 1.39 }, committed)).toEqual([
      { name: 'much', measured: 1.39, committed: 2 },
      { name: 'gone', measured: 0, committed: 2 },
    ]);
  });

  it('has ratios to compare with', async () => {
    const ratios = JSON.parse(await readFile(new URL('./ratios.json', import.meta.url), 'utf8')) as object;
    expect(Object.keys(ratios).length).toBeGreaterThan(5);
    for (const ratio of Object.values(ratios)) expect(ratio).toBeGreaterThan(0);
  });
});
