import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../api/types.js';
import { nearest, seriesOf, silences, thin, ticks } from './series.js';

const START = Date.parse('2026-01-31T10:00:00.000Z');
const snapshot = (seconds: number, viewers?: number): Snapshot => ({
  at: new Date(START + seconds * 1_000).toISOString(),
  ...(viewers === undefined ? {} : { viewers }),
  likes: 0,
  chats: 0,
  gifts: 0,
  diamonds: seconds,
  final: false,
});

describe('series', () => {
  it('leaves out what a snapshot does not state', () => {
    const points = seriesOf([snapshot(0, 5), snapshot(10), snapshot(20, 7)], 'viewers', START);
    expect(points).toEqual([
      { t: 0, v: 5 },
      { t: 20_000, v: 7 },
    ]);
  });

  it('adds up what each interval brought', () => {
    const points = seriesOf([snapshot(1), snapshot(2), snapshot(4)], 'diamonds', START);
    expect(points.map(({ v }) => v)).toEqual([1, 3, 7]);
  });

  it('thins without losing the lowest, the highest or the last', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(1_000), { minLength: 1, maxLength: 400 }),
        fc.integer({ min: 4, max: 60 }),
        (values, most) => {
          const points = values.map((v, t) => ({ t, v }));
          const kept = thin(points, most);
          expect(kept.length).toBeLessThanOrEqual(Math.max(most + 3, 4));
          expect(Math.max(...kept.map(({ v }) => v))).toBe(Math.max(...values));
          expect(Math.min(...kept.map(({ v }) => v))).toBe(Math.min(...values));
          expect(kept.at(-1)).toBe(points.at(-1));
          expect(kept.map(({ t }) => t)).toEqual([...kept.map(({ t }) => t)].sort((a, b) => a - b));
        },
      ),
    );
  });

  it('finds stretches without snapshots', () => {
    const run = [0, 10, 20, 30, 100, 110].map((seconds) => snapshot(seconds));
    expect(silences(run)).toEqual([{ from: START + 30_000, to: START + 100_000 }]);
    expect(silences(run.slice(0, 2))).toEqual([]);
  });

  it('makes round steps that reach the highest value', () => {
    expect(ticks(0)).toEqual([0, 1]);
    expect(ticks(3)).toEqual([0, 1, 2, 3]);
    expect(ticks(97)).toEqual([0, 25, 50, 75, 100]);
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10 ** 12 }), (highest) => {
        const steps = ticks(highest);
        expect(steps.length).toBeLessThanOrEqual(6);
        expect(steps.at(-1)).toBeGreaterThanOrEqual(highest);
      }),
    );
  });

  it('finds the nearest point', () => {
    const points = [0, 10, 20].map((t) => ({ t, v: 0 }));
    expect([-5, 4, 6, 14, 16, 99].map((t) => nearest(points, t))).toEqual([0, 0, 1, 1, 2, 2]);
  });
});
