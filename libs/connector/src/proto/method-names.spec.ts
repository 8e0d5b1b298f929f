import { describe, expect, it } from 'vitest';
import { wireMethods } from './index.js';
import { knownMethod } from './method-names.js';

const found = (text: string) => {
  const bytes = Buffer.from(`..${text}..`);
  return knownMethod(bytes, 2, bytes.length - 2);
};

describe('the names of wire methods', () => {
  it('are found by their bytes', () => {
    for (const name of wireMethods) expect(found(name)).toBe(name);
  });

  it('are not found in anything else', () => {
    for (const name of wireMethods) {
      expect(found(`${name}x`)).toBeUndefined();
      expect(found(`${name.slice(0, -1)}~`)).toBeUndefined();
      expect(found(`x${name.slice(1)}`)).toBeUndefined();
    }
    expect(found('')).toBeUndefined();
    expect(found('ü'.repeat(200))).toBeUndefined();
  });
});
