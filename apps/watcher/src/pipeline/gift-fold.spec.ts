import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GiftFold, STREAK_TIMEOUT_MS } from './gift-fold.js';

const T0 = 1_720_000_000_000;

interface Step {
  readonly kind: 'gift' | 'ask';
  readonly group: number;
  /** Since the step before, ms; clocks are set back sometimes. */
  readonly passed: number;
  readonly open: boolean;
  /** For how long there has been a healthy socket, ms; undefined without one. */
  readonly healthyFor: number | undefined;
}

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('gift', 'gift', 'ask'),
    group: fc.integer({ min: 0, max: 6 }),
    passed: fc.integer({ min: -4_000, max: 16_000 }),
    open: fc.boolean(),
    healthyFor: fc.option(fc.integer({ min: 0, max: 60_000 }), { nil: undefined }),
  }),
  { maxLength: 80 },
);

describe('streaks without a frame for 30 s', () => {
  it('are told as over as if every streak was looked at each time', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const fold = new GiftFold(undefined, []);
        /** By its id: when the newest frame of a streak that is not over came. */
        const open = new Map<string, number>();
        const over = new Set<string>();
        let now = T0;
        history.forEach((step, index) => {
          now += step.passed;
          const id = `1-5-${step.group}`;
          if (step.kind === 'gift') {
            const frame = { user: {}, to: undefined, gift: {}, giftId: '5', said: 1, diamondsEach: 1 };
            fold.frame({ ...frame, repeatCount: index, streakId: id, open: step.open }, String(index), now);
            if (over.has(id)) return;
            open.set(id, Math.max(open.get(id) ?? now, now));
            if (!step.open) end(id);
            return;
          }
          const healthySince = step.healthyFor === undefined ? undefined : now - step.healthyFor;
          const due = [...open].filter(
            ([, at]) => healthySince !== undefined && Math.max(at, healthySince) + STREAK_TIMEOUT_MS <= now,
          );
          const told = fold.timeouts(now, healthySince).map(({ data }) => (data.streak as { id: string }).id);
          expect([...told].sort()).toEqual(due.map(([name]) => name).sort());
          told.forEach(end);
        });
        expect(fold.end()).toHaveLength(open.size);

        function end(id: string): void {
          open.delete(id);
          over.add(id);
        }
      }),
      { numRuns: 500 },
    );
  });
});
