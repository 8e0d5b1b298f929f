import { describe, expect, it } from 'vitest';
import { hasSameEntries, Interner } from './interner.js';

describe('an interner', () => {
  it('gives the first of all equal values', () => {
    const interner = new Interner<{ a: number }>(hasSameEntries);
    const [first, other] = [{ a: 1 }, { a: 2 }];
    expect(interner.intern(first)).toBe(first);
    expect(interner.intern(other)).toBe(other);
    expect(interner.intern({ a: 1 })).toBe(first);
    expect(interner.intern({ a: 2 })).toBe(other);
  });

  it('is bounded: the oldest are forgotten', () => {
    const interner = new Interner<{ a: number }>(hasSameEntries, 2);
    const values = [{ a: 1 }, { a: 2 }, { a: 3 }];
    for (const value of values) interner.intern(value);
    expect(interner.intern({ a: 3 })).toBe(values[2]);
    const again = { a: 1 };
    expect(interner.intern(again)).toBe(again);
  });
});

describe('hasSameEntries', () => {
  it.each([
    [{ a: 1, b: 2 }, { a: 1, b: 2 }, true],
    // The order of parameters and headers is part of what they are.
    [{ a: 1, b: 2 }, { b: 2, a: 1 }, false],
    [{ a: 1 }, { a: 1, b: undefined }, false],
    [{ a: 1 }, { a: '1' }, false],
    [['x'], ['x'], true],
    [['x'], ['x', 'y'], false],
  ])('%j and %j: %s', (a, b, expected) => expect(hasSameEntries(a, b)).toBe(expected));

  it('compares deeper when told to', () => {
    const deep = (a: unknown, b: unknown): boolean => hasSameEntries(a as object, b as object);
    expect(hasSameEntries({ m: { x: '1' } }, { m: { x: '1' } }, deep)).toBe(true);
    expect(hasSameEntries({ m: { x: '1' } }, { m: { x: '2' } }, deep)).toBe(false);
  });
});
