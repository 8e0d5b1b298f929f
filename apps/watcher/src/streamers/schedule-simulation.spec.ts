import { describe, expect, it } from 'vitest';
import { simulateSchedule } from './testing/schedule-simulation.js';

describe('the schedule by habit', () => {
  it('notices starts in far less time than a fixed interval with as many requests, and stays within its budget', async () => {
    const requestsPerSecond = 0.05;
    const days = 7;
    const { habit, fixed } = await simulateSchedule({
      streamers: 100,
      days,
      learningDays: 14,
      requestsPerSecond,
      seed: 4,
    });
    expect(habit.starts).toBeGreaterThan(200);
    expect(habit.starts).toBe(fixed.starts);
    expect(habit.requests / (days * 86_400)).toBeLessThanOrEqual(requestsPerSecond);
    expect(habit.medianMs).toBeLessThan(fixed.medianMs / 2);
    expect(habit.meanMs).toBeLessThan(fixed.meanMs / 1.5);
    expect(habit.p95Ms).toBeLessThan(fixed.p95Ms);
  });
});
