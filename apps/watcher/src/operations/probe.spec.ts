import { FakeClock } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { Probe } from './probe.js';

/** The other side: answers, refuses, or says nothing until the test lets it. */
class Side {
  state: 'answers' | 'refuses' | 'silent' = 'answers';
  looks = 0;
  readonly silent: (() => void)[] = [];

  readonly check = (): Promise<void> => {
    this.looks += 1;
    if (this.state === 'silent') return new Promise((resolve) => this.silent.push(resolve));
    return this.state === 'answers' ? Promise.resolve() : Promise.reject(new Error('refused'));
  };
}

describe('Probe', () => {
  it.each(['refuses', 'silent'] as const)(
    'of a side that %s: known in less than five seconds, and so is its return',
    async (fault) => {
      // Whenever in the interval the fault comes.
      for (let offset = 0; offset < 1_600; offset += 100) {
        const clock = new FakeClock();
        const side = new Side();
        const probe = new Probe({ clock, check: side.check });
        probe.start();
        await clock.advance(10_000 + offset);
        expect(probe.away).toBe(false);
        side.state = fault;
        await clock.advance(4_999);
        expect(probe.away).toBe(true);
        side.state = 'answers';
        for (const answer of side.silent.splice(0)) answer();
        await clock.advance(4_999);
        expect(probe.away).toBe(false);
        probe.stop();
      }
    },
  );

  it('has one look under way at a time, and none after it was stopped', async () => {
    const clock = new FakeClock();
    const side = new Side();
    side.state = 'silent';
    const probe = new Probe({ clock, check: side.check });
    probe.start();
    await clock.advance(60_000);
    expect(side.looks).toBe(1);
    probe.stop();
    side.silent[0]?.();
    await clock.advance(60_000);
    expect([side.looks, clock.pendingTimers]).toEqual([1, 0]);
  });
});
