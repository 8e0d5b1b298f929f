import { FakeClock } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { CircuitBreaker, type RestRule } from './circuit-breaker.js';

const RULE: RestRule = { restAfter: 3, restMs: 10_000 };

function breaker(random = 0): { clock: FakeClock; way: CircuitBreaker; fail: (rule?: RestRule) => void } {
  const clock = new FakeClock();
  const way = new CircuitBreaker({ clock, random: { next: () => random } });
  return {
    clock,
    way,
    fail: (rule = RULE) => {
      way.enter();
      way.failed(rule);
    },
  };
}

describe('the circuit breaker', () => {
  it('opens at the last failure in a row that its rule allows; a success in between begins anew', () => {
    const { way, fail } = breaker();
    fail();
    fail();
    way.succeeded();
    fail();
    fail();
    expect([way.state, way.restForMs, way.failures]).toEqual(['closed', 0, 2]);
    fail();
    expect([way.state, way.restForMs]).toEqual(['open', 10_000]);
    expect(way.enter()).toBe(false);
  });

  it('lets one attempt through after its rest, which closes it', async () => {
    const { clock, way, fail } = breaker();
    for (let n = 0; n < 3; n += 1) fail();
    await clock.advance(9_999);
    expect(way.enter()).toBe(false);
    await clock.advance(1);
    expect(way.state).toBe('halfOpen');
    expect([way.enter(), way.enter()]).toEqual([true, false]);
    way.succeeded();
    expect([way.state, way.enter(), way.enter()]).toEqual(['closed', true, true]);
  });

  it('rests twice as long each time that the deciding attempt fails, up to ten minutes', async () => {
    const { clock, way, fail } = breaker();
    for (let n = 0; n < 3; n += 1) fail();
    const rests: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      rests.push(way.restForMs);
      await clock.advance(way.restForMs);
      fail();
    }
    expect(rests).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 320_000, 600_000, 600_000]);
  });

  it('spreads its rests by a quarter', () => {
    const { way, fail } = breaker(0.8);
    for (let n = 0; n < 3; n += 1) fail();
    expect(way.restForMs).toBe(12_000);
  });

  it('rests as long as it was asked to, also longer than its own cap', () => {
    const { way, fail } = breaker();
    fail({ restAfter: 1, restMs: 30_000, askedMs: 3_600_000 });
    expect(way.restForMs).toBe(3_600_000);
  });

  it('attempts that were under way when it opened do not make its rest longer', () => {
    const { way, fail } = breaker();
    for (let n = 0; n < 5; n += 1) way.enter();
    for (let n = 0; n < 5; n += 1) way.failed(RULE);
    expect(way.restForMs).toBe(10_000);
    fail();
    expect(way.restForMs).toBe(10_000);
  });

  it('an attempt that was given up decides nothing; one that is never heard of blocks the way for two minutes at most', async () => {
    const { clock, way, fail } = breaker();
    for (let n = 0; n < 3; n += 1) fail();
    await clock.advance(10_000);
    way.enter();
    way.left();
    expect([way.state, way.enter(), way.enter()]).toEqual(['halfOpen', true, false]);
    await clock.advance(120_000);
    expect(way.enter()).toBe(true);
  });

  it('what is not the way’s fault does not count', () => {
    const { way, fail } = breaker();
    for (let n = 0; n < 10; n += 1) fail({ restAfter: 0, restMs: 0 });
    expect([way.state, way.failures]).toEqual(['closed', 0]);
  });
});
