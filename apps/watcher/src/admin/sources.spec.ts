import { FakeClock } from '@livetap/testkit';
import { expect, it } from 'vitest';
import { SourceHealth } from '../rooms/sources/source-health.js';
import type { SignBudgetStatus } from '../rooms/sign-budget/sign-budget.port.js';
import { sourcesSchema, sourcesStatus } from './sources.js';

const NOW = Date.UTC(2026, 0, 1);

it('shows ways, quota and who waits, without a secret, in the form that the document promises', () => {
  const health = new SourceHealth({ clock: new FakeClock(), random: { next: () => 0 } });
  const proxy = { key: 'socks5://user:planted-secret@proxy.example:1080', label: 'proxy.example:1080' };
  health.enter('direct', proxy)?.failed('rateLimited', 45_000);
  health.enter('euler', { key: '', label: 'own address' })?.succeeded();
  const status: SignBudgetStatus = {
    windows: [{ window: 'minute', limit: 60, remaining: 12, resetInMs: 30_000 }],
    reserved: 2,
    fleetReserved: 5,
    waiting: 7,
    waitingFor: 'asked',
    blockedForMs: 20_000,
    databaseAway: false,
    outcomes: { signed: 0, checked: 0, rateLimited: 0, refused: 0, unreachable: 0, cancelled: 0 },
  };
  const answer = sourcesStatus({ order: ['direct', 'euler'], health, budget: { status: () => status }, now: NOW });
  expect(sourcesSchema.parse(answer)).toEqual(answer);
  expect(answer).toEqual({
    order: ['direct', 'euler'],
    routes: [
      {
        source: 'direct',
        route: 'proxy.example:1080',
        state: 'open',
        restEndsAt: '2026-01-01T00:00:45.000Z',
        opened: 0,
        failed: 1,
        failuresInARow: 1,
        lastFailure: 'rateLimited',
      },
      { source: 'euler', route: 'own address', state: 'closed', opened: 1, failed: 0, failuresInARow: 0 },
    ],
    signatures: {
      windows: [{ window: 'minute', limit: 60, remaining: 12, resetsAt: '2026-01-01T00:00:30.000Z' }],
      reserved: 2,
      fleetReserved: 5,
      waiting: 7,
      waitingFor: 'asked',
      blockedUntil: '2026-01-01T00:00:20.000Z',
    },
  });
  expect(JSON.stringify(answer)).not.toContain('planted-secret');
});
