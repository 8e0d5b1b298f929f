import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../api/types.js';
import { nearest, seriesOf, thin, ticks, unseen, within } from './series.js';

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

  it('shows the gaps of a session, and stretches without snapshots only where gaps were not kept one by one', () => {
    const run = [0, 10, 20, 30, 100, 110].map((seconds) => snapshot(seconds));
    const gap = { id: 'a', from: snapshot(42).at, to: snapshot(44).at, durationMs: 2_000, reason: 'stalled' };
    expect(unseen(1, [gap], run)).toEqual([{ from: START + 42_000, to: START + 44_000 }]);
    expect(unseen(1, [], run)).toEqual([{ from: START + 30_000, to: START + 100_000 }]);
    expect(unseen(1, [], run.slice(0, 2))).toEqual([]);
    expect(unseen(0, [], run)).toEqual([]);
  });

  it('cuts intervals off where the chart ends', () => {
    const intervals = [
      { from: 0, to: 10 },
      { from: 12, to: 14 },
      { from: 18, to: 30 },
      { from: 40, to: 50 },
    ];
    expect(within(intervals, 5, 20)).toEqual([
      { from: 5, to: 10 },
      { from: 12, to: 14 },
      { from: 18, to: 20 },
    ]);
    expect(within(intervals, 30, 40)).toEqual([]);
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
