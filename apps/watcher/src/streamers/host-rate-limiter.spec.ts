import { FakeClock } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { HostRateLimiter } from './host-rate-limiter.js';

function grants(limiter: HostRateLimiter, clock: FakeClock, host: string, count: number): number[] {
  const at: number[] = [];
  for (let n = 0; n < count; n += 1) void limiter.acquire(host).then(() => at.push(clock.monotonic()));
  return at;
}

describe('the limit of requests', () => {
  it('is one a second for each host, in order of asking', async () => {
    const clock = new FakeClock();
    const limiter = new HostRateLimiter({ clock });
    const [a, b] = [grants(limiter, clock, 'a', 5), grants(limiter, clock, 'b', 2)];
    await clock.advance(10_000);
    expect(a).toEqual([0, 1_000, 2_000, 3_000, 4_000]);
    expect(b).toEqual([0, 1_000]);
    expect(limiter.waiting).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  it('never lets more through in any time than rate and burst allow', async () => {
    const clock = new FakeClock();
    const limiter = new HostRateLimiter({ clock, perSecond: 20, burst: 5 });
    const at = grants(limiter, clock, 'a', 200);
    await clock.advance(12_000);
    expect(at).toHaveLength(200);
    for (let from = 0; from < at.length; from += 1) {
      for (let to = from; to < at.length; to += 1) {
        expect(to - from + 1).toBeLessThanOrEqual(5 + ((at[to]! - at[from]!) / 1_000) * 20 + 0.001);
      }
    }
  });

  it('waits as long as a host asks, and forgets those who gave up', async () => {
    const clock = new FakeClock();
    const limiter = new HostRateLimiter({ clock });
    limiter.block('a', 30_000);
    limiter.block('a', 5_000);
    expect(limiter.blockedFor('a')).toBe(30_000);
    const abort = new AbortController();
    const given = limiter.acquire('a', abort.signal);
    const at = grants(limiter, clock, 'a', 1);
    const reason = new Error('changed my mind');
    abort.abort(reason);
    await expect(given).rejects.toBe(reason);
    await expect(limiter.acquire('a', abort.signal)).rejects.toBe(reason);
    await clock.advance(29_000);
    expect(at).toEqual([]);
    await clock.advance(2_000);
    expect(at).toEqual([30_000]);
  });
});
