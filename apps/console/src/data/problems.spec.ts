import { describe, expect, it } from 'vitest';
import type { Sources, Status, Webhook } from '../api/types.js';
import { problemsOf } from './problems.js';

const STATUS: Status = {
  version: '1',
  replicaId: 'r',
  startedAt: '2026-01-31T00:00:00.000Z',
  ready: true,
  reasons: [],
  streamers: { total: 3, byState: { live: 1, offline: 2 } },
  rooms: {},
  leases: { held: 3, replicas: 1 },
  events: { admitted: 0, perSecond: 0 },
  journal: { bytes: 0, maxBytes: 1, pendingEvents: 0, full: false },
  history: {},
  webhooks: { pending: 0 },
  liveTail: { clients: 0 },
};
const SOURCES: Sources = {
  order: ['direct'],
  routes: [],
  signatures: { windows: [], reserved: 0, fleetReserved: 0, waiting: 0 },
};
const WEBHOOK: Webhook = {
  id: 'w1',
  origin: 'https://receiver.example',
  description: '',
  types: [],
  streamers: [],
  labels: [],
  enabled: true,
  consecutiveFailures: 0,
  droppedEvents: 0,
  createdAt: '2026-01-31T00:00:00.000Z',
};
const NOW = Date.parse('2026-01-31T01:00:00.000Z');
const ids = (facts: Omit<Parameters<typeof problemsOf>[0], 'now'>): string[] =>
  problemsOf({ ...facts, now: NOW }).map(({ id }) => id);

describe('problemsOf', () => {
  it('is silent when all is well, and when nothing is known yet', () => {
    expect(ids({})).toEqual([]);
    const readiness = { status: 'ok' as const, reasons: [] };
    expect(ids({ readiness, status: STATUS, sources: SOURCES, pools: [], webhooks: [WEBHOOK] })).toEqual([]);
  });

  it('names what does not work before what only warns', () => {
    const found = problemsOf({
      now: NOW,
      status: { ...STATUS, streamers: { total: 2, byState: { notFound: 2 } }, history: { problem: 'disk' } },
      readiness: { status: 'unavailable', reasons: [{ code: 'KAFKA_UNREACHABLE', message: 'No broker answers.' }] },
    });
    expect(found.map(({ id, severity }) => [id, severity])).toEqual([
      ['ready-KAFKA_UNREACHABLE', 'error'],
      ['history', 'error'],
      ['notFound', 'warning'],
    ]);
    expect(found[0]?.detail).toBe('No broker answers.');
  });

  it('knows pools without a healthy proxy, resting ways, waiting rooms and failing webhooks', () => {
    const proxy = { id: '1', address: 'http://p:1', health: { state: 'unreadable' } };
    const route = { source: 'direct', route: 'own address', opened: 0, failed: 3, failuresInARow: 3 };
    expect(
      ids({
        pools: [{ name: 'eu', description: '', healthy: 0, proxies: [proxy] }],
        sources: {
          ...SOURCES,
          routes: [
            { ...route, state: 'open', lastFailure: 'refused' },
            { ...route, state: 'open', route: 'proxy:1' },
          ],
          signatures: { ...SOURCES.signatures, waiting: 2, waitingFor: 'quota' },
        },
        webhooks: [
          { ...WEBHOOK, enabled: false, disabledReason: 'gone', droppedEvents: 4 },
          { ...WEBHOOK, id: 'w2', failingSince: '2026-01-31T00:00:00.000Z' },
          { ...WEBHOOK, id: 'w3', enabled: false, disabledReason: 'operator' },
        ],
      }),
    ).toEqual(['pool-secret-eu', 'pool-eu', 'hook-off-w1', 'source-direct', 'quota', 'hook-drop-w1', 'hook-w2']);
  });
});
