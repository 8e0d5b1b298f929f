import { describe, expect, it } from 'vitest';
import { FakeClock } from './fake-clock.js';

describe('FakeClock', () => {
  it('fires timers in the order of their due times, also those set on the way, and lets promises run between', async () => {
    const clock = new FakeClock(1_000);
    const seen: string[] = [];
    clock.setTimeout(() => seen.push(`b ${clock.now()}`), 20);
    clock.setTimeout(() => {
      seen.push(`a ${clock.now()}`);
      void Promise.resolve().then(() => clock.setTimeout(() => seen.push(`c ${clock.now()}`), 5));
    }, 10);
    clock.setTimeout(() => seen.push('never'), 15).cancel();
    clock.setTimeout(() => seen.push('later'), 31);
    await clock.advance(30);
    expect(seen).toEqual(['a 1010', 'c 1015', 'b 1020']);
    expect([clock.now(), clock.monotonic(), clock.pendingTimers, clock.nextTimerIn]).toEqual([1_030, 30, 1, 1]);
  });

  it('jumps without moving monotonic time or firing anything', () => {
    const clock = new FakeClock(1_000);
    clock.setTimeout(() => expect.unreachable(), 10);
    clock.jump(-500);
    expect([clock.now(), clock.monotonic()]).toEqual([500, 0]);
  });
});
