import { describe, expect, it } from 'vitest';
import { CLOSE_CODES, CONNECT_FAILURES, GAP_REASONS, ruleForClose } from './failure-table.js';

describe('failures', () => {
  it.each([
    ['network', 'disconnected', false, 0],
    ['timeout', 'disconnected', false, 0],
    ['notLive', 'disconnected', true, 0],
    ['refused', 'refused', true, 5_000],
    ['restricted', 'refused', true, 30_000],
    ['rateLimited', 'quota', false, 5_000],
    ['quota', 'quota', false, 1_000],
    ['configuration', 'refused', false, 60_000],
  ] as const)('to connect: %s is a gap "%s", ask %s, after %i ms', (failure, gapReason, ask, floorMs) => {
    expect(CONNECT_FAILURES[failure]).toEqual({ gapReason, ask, floorMs });
  });

  it.each([
    [1000, 'disconnected', true],
    [1001, 'disconnected', false],
    [1002, 'disconnected', false],
    [1003, 'refused', true],
    [1005, 'disconnected', true],
    [1006, 'disconnected', false],
    [1007, 'disconnected', false],
    [1008, 'refused', true],
    [1009, 'disconnected', false],
    [1010, 'refused', true],
    [1011, 'disconnected', false],
    [1012, 'disconnected', false],
    [1013, 'quota', false],
    [1014, 'disconnected', false],
    [1015, 'disconnected', false],
  ])('close code %i is a gap "%s", ask %s', (code, gapReason, ask) => {
    expect(ruleForClose(code)).toMatchObject({ gapReason, ask, known: true });
  });

  it('every known close code stands in the list above', () => {
    expect(CLOSE_CODES.size).toBe(15);
  });

  it.each([3000, 4000, 4999, 0])('unknown close code %i: asked and tried again', (code) => {
    expect(ruleForClose(code)).toEqual({ gapReason: 'disconnected', ask: true, floorMs: 0, known: false });
  });

  it('has every reason of the contract', () => {
    expect([...GAP_REASONS].sort()).toEqual(
      ['backpressure', 'disconnected', 'failover', 'frameRejected', 'quota', 'refused', 'restart', 'stalled'].sort(),
    );
  });
});
