import { expect, it } from 'vitest';
import { Redactor } from '../common/redactor.js';
import { DiscreetLiveChecker } from './discreet-live-checker.js';
import type { LiveChecker, LiveCheckResult } from './live-checker.port.js';

const QUOTING: LiveCheckResult = { verdict: 'offline', reason: 'html: refused planted-secret' };

function discreet(more: Partial<LiveChecker> = {}): DiscreetLiveChecker {
  const redactor = new Redactor();
  redactor.learn('planted-secret');
  return new DiscreetLiveChecker({ check: async () => QUOTING, ...more }, redactor);
}

it('gives reasons without secrets, of single checks and of those of many at once', async () => {
  const bulk = { limit: 50, gapMs: 7, pausedFor: () => 3, check: async () => new Map([['5', QUOTING]]) };
  const checker = discreet({ bulk, addressOf: ({ id = '' }) => `address ${id}` });
  const single = await checker.check({ uniqueId: 'anna' });
  expect(single.verdict).toBe('offline');
  expect(single.reason).not.toContain('planted');
  expect(checker.bulk).toMatchObject({ limit: 50, gapMs: 7 });
  expect(checker.bulk?.pausedFor()).toBe(3);
  const answer = (await checker.bulk?.check(['5']))?.get('5');
  expect(answer?.verdict).toBe('offline');
  expect(answer?.reason).not.toContain('planted');
  expect(checker.addressOf({ uniqueId: 'anna', id: '7' })).toBe('address 7');
});

it('has no bulk check where there is none', () => {
  expect(discreet().bulk).toBeUndefined();
  expect(discreet().addressOf({ uniqueId: 'anna' })).toBe('');
});
