import { FakeClock } from '@livetap/testkit';
import { expect, it } from 'vitest';
import { SignMeter } from './sign-meter.js';

it('counts every outcome and asks for the quota at most once a minute, and only when signatures are asked for', async () => {
  const clock = new FakeClock();
  let asked = 0;
  const meter = new SignMeter({
    clock,
    askQuota: () => {
      asked += 1;
      return asked === 2
        ? Promise.reject(new Error('away'))
        : Promise.resolve({ minute: 10 - asked, hour: 100, day: 1_000 });
    },
  });
  await clock.advance(600_000);
  expect([asked, meter.quota]).toEqual([0, undefined]);
  meter.count('unreachable');
  expect(asked).toBe(0);
  for (let n = 0; n < 5; n += 1) meter.count('signed');
  meter.count('rateLimited');
  await clock.advance(0);
  expect([asked, meter.quota]).toEqual([1, { minute: 9, hour: 100, day: 1_000 }]);
  await clock.advance(60_000);
  meter.count('refused');
  await clock.advance(60_000);
  // The second answer failed: the figure stays.
  expect([asked, meter.quota?.minute]).toEqual([2, 9]);
  meter.count('signed');
  await clock.advance(0);
  expect([asked, meter.quota?.minute]).toEqual([3, 7]);
  expect(meter.outcomes).toEqual({ signed: 6, rateLimited: 1, refused: 1, unreachable: 1, cancelled: 0 });
});
