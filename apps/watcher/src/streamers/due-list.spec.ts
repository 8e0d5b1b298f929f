import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DueList } from './due-list.js';

describe('the due list', () => {
  it('behaves like a list that is sorted at each look', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    const step = fc.oneof(
      fc.record({ op: fc.constant('set' as const), key, at: fc.nat(50), priority: fc.nat(3) }),
      fc.record({ op: fc.constant('delete' as const), key }),
      fc.record({ op: fc.constant('take' as const), at: fc.nat(60) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const list = new DueList();
        const model = new Map<string, { at: number; priority: number }>();
        for (const s of steps) {
          if (s.op === 'set') {
            list.set(s.key, s.at, s.priority);
            model.set(s.key, { at: s.at, priority: s.priority });
          } else if (s.op === 'delete') {
            expect(list.delete(s.key)).toBe(model.delete(s.key));
          } else {
            const least = [...model.values()].sort((x, y) => x.at - y.at || y.priority - x.priority)[0];
            const taken = list.take(s.at);
            if (least === undefined || least.at > s.at) expect(taken).toBeUndefined();
            else {
              expect(taken?.at).toBe(least.at);
              expect(model.get(taken?.key ?? '')).toEqual(least);
              model.delete(taken?.key ?? '');
            }
          }
          expect(list.size).toBe(model.size);
          expect(list.timeOf(s.op === 'take' ? 'a' : s.key)).toBe(model.get(s.op === 'take' ? 'a' : s.key)?.at);
          expect(list.nextAt).toBe(model.size === 0 ? undefined : Math.min(...[...model.values()].map(({ at }) => at)));
        }
      }),
    );
  });
});
