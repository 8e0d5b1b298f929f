import { describe, expect, inject, it } from 'vitest';
import { runQuota } from './quota-run.js';

const brokers = inject('kafkaBrokers');
/** The minute of this sign server lasts four seconds; `npm run quota` has the real one, and 500 streamers. */
const SETTING = { streamers: 30, perMinute: 12, minuteMs: 4_000, replicas: 2, say: console.log } as const;

describe.skipIf(brokers.length === 0)('the quota of the sign server', () => {
  it('is not touched while the direct way is open; closed, two replicas never exceed it and connect every room', async () => {
    const { open, closed, learnedLimit, leaks } = await runQuota({ ...SETTING, brokers });
    console.log(JSON.stringify({ open, closed }));
    expect(open).toMatchObject({ connected: 30, granted: 0, refused: 0, waited: 0 });
    expect(closed).toMatchObject({ connected: 30, granted: 30, refused: 0 });
    expect(Math.max(...closed.windows)).toBeLessThanOrEqual(12);
    expect(closed.waited).toBeGreaterThan(0);
    expect(Math.min(...closed.sockets)).toBeGreaterThan(0);
    expect(learnedLimit).toBe(12);
    expect(leaks).toEqual([]);
  });
});
