import { describe, expect, it } from 'vitest';
import { askedWait } from './asked-wait.js';

describe('askedWait', () => {
  it('honours what may be meant, and takes a point in time for the mistake that it is', () => {
    expect([0, 60_000, 86_400_000].map(askedWait)).toEqual([0, 60_000, 86_400_000]);
    expect([86_400_001, 1_760_000_000_000, Infinity].map(askedWait)).toEqual([3_600_000, 3_600_000, 3_600_000]);
  });
});
