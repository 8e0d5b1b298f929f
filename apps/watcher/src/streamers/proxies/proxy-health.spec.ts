import { FakeClock, SeededRandom } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { ProxyHealth } from './proxy-health.js';

function setUp(random = 0): { clock: FakeClock; health: ProxyHealth } {
  const clock = new FakeClock();
  return { clock, health: new ProxyHealth({ clock, random: { next: () => random } }) };
}

describe('the health of a proxy', () => {
  it('rests after three failures in a row, not after three with a tunnel between', () => {
    const { health } = setUp();
    health.failed('unreachable');
    health.failed('failed');
    health.connected();
    health.failed('unreachable');
    health.failed('timeout');
    expect([health.waitMs, health.report().state]).toEqual([0, 'healthy']);
    health.failed('unreachable');
    expect(health.report()).toMatchObject({ state: 'resting', failures: 3, lastFailure: 'unreachable' });
    expect(health.waitMs).toBe(7_500);
  });

  it('rests at once when it does not know the login', () => {
    const { health } = setUp();
    health.failed('denied');
    expect(health.report()).toMatchObject({ state: 'resting', lastFailure: 'denied' });
  });

  it('rests when it lets everybody in and says nothing', () => {
    const { health } = setUp();
    for (let n = 0; n < 3; n += 1) {
      health.connected();
      health.silent();
    }
    expect(health.report()).toMatchObject({ state: 'resting', lastFailure: 'timeout' });
  });

  it('rests twice as long each time, up to ten minutes, with jitter, and one attempt decides', async () => {
    const { clock, health } = setUp(1);
    for (let n = 0; n < 3; n += 1) health.failed('unreachable');
    const rests: number[] = [];
    for (let n = 0; n < 8; n += 1) {
      rests.push(health.waitMs);
      await clock.advance(health.waitMs);
      expect(health.report().state).toBe('probing');
      health.chosen();
      expect(health.waitMs).toBe(30_000);
      health.failed('unreachable');
    }
    expect(rests).toEqual([15_000, 30_000, 60_000, 120_000, 240_000, 480_000, 600_000, 600_000]);
    const random = new SeededRandom(5);
    const spread = new Set<number>();
    for (let n = 0; n < 50; n += 1) {
      const other = new ProxyHealth({ clock, random });
      other.failed('denied');
      spread.add(other.waitMs);
      expect(other.waitMs).toBeGreaterThanOrEqual(7_500);
      expect(other.waitMs).toBeLessThanOrEqual(15_000);
    }
    expect(spread.size).toBeGreaterThan(40);
  });

  it('starts with the short rest again only after an answer; an attempt that says nothing frees its place', async () => {
    const { clock, health } = setUp(1);
    for (let n = 0; n < 3; n += 1) health.failed('unreachable');
    await clock.advance(15_000);
    health.chosen();
    await clock.advance(30_000);
    expect(health.waitMs).toBe(0);
    health.connected();
    expect(health.report().state).toBe('healthy');
    for (let n = 0; n < 3; n += 1) health.failed('unreachable');
    expect(health.waitMs).toBe(30_000);
    // What was under way before it rested makes the rest no longer.
    health.failed('unreachable');
    expect(health.waitMs).toBe(30_000);
    await clock.advance(30_000);
    health.answered();
    expect(health.report()).toMatchObject({ state: 'healthy', failures: 0, lastAnswerAt: clock.now() });
    for (let n = 0; n < 3; n += 1) health.failed('unreachable');
    expect(health.waitMs).toBe(15_000);
  });
});
