import { afterEach, expect, it, vi } from 'vitest';
import { SystemClock } from './system-clock.adapter.js';

afterEach(() => {
  vi.useRealTimers();
});

it('takes a delay beyond what timers can hold for the longest one, not for none', () => {
  vi.useFakeTimers();
  const called = vi.fn<() => void>();
  new SystemClock().setTimeout(called, 1_760_000_000_000);
  vi.advanceTimersByTime(2_000_000_000);
  expect(called).not.toHaveBeenCalled();
});
