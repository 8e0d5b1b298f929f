import { FakeClock } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import { SourceHealth } from './source-health.js';
import {
  SOURCE_FAILURES,
  SOURCE_FAILURE_RULES,
  type SourceFailure,
  type SourceFailureRule,
} from './source-failures.js';

const OWN = { key: '', label: 'own address' };
const PROXY = { key: 'http://user:planted-secret@proxy:1', label: 'proxy:1' };

function setup(): { clock: FakeClock; health: SourceHealth } {
  const clock = new FakeClock();
  return { clock, health: new SourceHealth({ clock, random: { next: () => 0 } }) };
}

const MINUTES = 60_000;
/** Every row of the table, said twice: here in full. */
const ROWS: Readonly<Record<SourceFailure, SourceFailureRule>> = {
  deviceBlocked: { failure: 'refused', restAfter: 2, restMs: 30_000, next: 'any' },
  routeClosed: { failure: 'refused', restAfter: 1, restMs: 10 * MINUTES, next: 'any' },
  forbidden: { failure: 'refused', restAfter: 3, restMs: 30_000, next: 'any' },
  rateLimited: { failure: 'rateLimited', restAfter: 1, restMs: 30_000, next: 'any' },
  quotaSpent: { failure: 'quota', restAfter: 0, restMs: 0, next: 'any' },
  serverError: { failure: 'refused', restAfter: 3, restMs: 5_000, next: 'any' },
  keyRefused: { failure: 'configuration', restAfter: 1, restMs: 10 * MINUTES, next: 'any' },
  premiumRequired: { failure: 'configuration', restAfter: 1, restMs: 10 * MINUTES, next: 'any' },
  emptyAnswer: { failure: 'refused', restAfter: 3, restMs: 5_000, next: 'any' },
  signUnreachable: { failure: 'network', restAfter: 3, restMs: 5_000, next: 'any' },
  noCookie: { failure: 'refused', restAfter: 3, restMs: 30_000, next: 'any' },
  network: { failure: 'network', restAfter: 10, restMs: 1_000, next: 'free' },
  timeout: { failure: 'timeout', restAfter: 10, restMs: 1_000, next: 'free' },
  notLive: { failure: 'notLive', restAfter: 0, restMs: 0, next: 'none' },
  configuration: { failure: 'configuration', restAfter: 1, restMs: 10 * MINUTES, next: 'any' },
  unknown: { failure: 'refused', restAfter: 3, restMs: 5_000, next: 'any' },
};

describe('the health of the ways', () => {
  it.each(SOURCE_FAILURES)('%s is treated as the table says', (failure) => {
    const rule = SOURCE_FAILURE_RULES[failure];
    expect(rule).toEqual(ROWS[failure]);
    const { health } = setup();
    for (let n = 1; n <= Math.max(rule.restAfter, 20); n += 1) {
      const attempt = health.enter('direct', OWN);
      if (attempt === undefined) break;
      attempt.failed(failure);
      const rest = rule.restAfter > 0 && n >= rule.restAfter ? { ms: rule.restMs, failure } : undefined;
      expect([n, health.rest('direct', OWN)]).toEqual([n, rest]);
    }
    const figures = health.figures();
    expect(figures.failures.direct[failure]).toBe(rule.restAfter === 0 ? 20 : rule.restAfter);
    expect(figures.states.direct[rule.restAfter === 0 ? 'closed' : 'open']).toBe(1);
  });

  it('keeps each way over each route apart', () => {
    const { health } = setup();
    health.enter('direct', PROXY)?.failed('routeClosed');
    health.enter('direct', OWN)?.succeeded();
    health.enter('euler', PROXY)?.succeeded();
    expect(health.enter('direct', PROXY)).toBeUndefined();
    expect([health.rest('direct', OWN), health.rest('euler', PROXY)]).toEqual([undefined, undefined]);
    expect(health.routes()).toEqual([
      {
        source: 'direct',
        route: 'proxy:1',
        state: 'open',
        restForMs: 600_000,
        opened: 0,
        failed: 1,
        lastFailure: 'routeClosed',
        failuresInARow: 1,
      },
      expect.objectContaining({ source: 'direct', route: 'own address', state: 'closed', opened: 1 }),
      expect.objectContaining({ source: 'euler', route: 'proxy:1', state: 'closed', opened: 1 }),
    ]);
    expect(JSON.stringify([health.routes(), health.figures()])).not.toContain('planted-secret');
  });

  it('a retry-after that is longer than the rule’s rest counts', async () => {
    const { clock, health } = setup();
    health.enter('direct', OWN)?.failed('rateLimited', 90_000);
    expect(health.rest('direct', OWN)).toEqual({ ms: 90_000, failure: 'rateLimited' });
    await clock.advance(90_000);
    const trial = health.enter('direct', OWN);
    expect(health.enter('direct', OWN)).toBeUndefined();
    trial?.left();
    health.enter('direct', OWN)?.succeeded();
    expect(health.figures().states.direct).toEqual({ closed: 1, open: 0, halfOpen: 0 });
  });

  it('remembers a bounded number of routes', () => {
    const { health } = setup();
    for (let n = 0; n < 2_500; n += 1) health.enter('direct', { key: `p${n}`, label: `p${n}` })?.succeeded();
    expect(health.routes(10_000)).toHaveLength(2_000);
    expect(health.figures().opened.direct).toBe(2_500);
  });
});
