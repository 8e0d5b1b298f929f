import { describe, expect, it } from 'vitest';
import type { JournalStats } from '../journal/journal.port.js';
import type { LeaseKeeperStatus } from '../leases/lease-keeper.js';
import type { PublishState } from '../publishing/publish-loop.js';
import { databaseCheck, journalCheck, leasesCheck, publisherCheck } from './health-checks.js';
import { Health, READINESS_CODES } from './health.js';

describe('Health', () => {
  it('is not ready before the start is complete and never again after the stop began', () => {
    const health = new Health();
    expect(health.readiness()).toMatchObject({ ready: false, reasons: [{ code: 'SERVICE_STARTING' }] });
    health.markStarted();
    expect(health.readiness()).toMatchObject({ ready: true, reasons: [] });
    health.markStopping();
    expect(health.readiness()).toMatchObject({ ready: false, reasons: [{ code: 'SERVICE_STOPPING' }] });
  });

  it('gives the reason of every failing check', () => {
    const health = new Health();
    let full = false;
    const reason = { code: 'JOURNAL_NEARLY_FULL', message: 'It is 95 % full.' } as const;
    health.add({ name: 'journal', problem: () => (full ? reason : undefined) });
    health.add({ name: 'leases', problem: () => undefined });
    health.markStarted();
    expect(health.readiness().checks).toEqual({ journal: 'ok', leases: 'ok' });
    full = true;
    expect(health.readiness()).toEqual({
      ready: false,
      checks: { journal: 'failing', leases: 'ok' },
      reasons: [reason],
    });
  });
});

describe('the checks', () => {
  const journal = (stats: Partial<JournalStats>): string | undefined =>
    journalCheck(() => ({
      bytes: 100,
      heldBytes: 0,
      maxBytes: 1_000,
      pendingEvents: 0,
      lastOffset: 0,
      firstOffset: 1,
      oldestPendingAt: undefined,
      full: false,
      diskFull: false,
      ...stats,
    })).problem()?.code;
  const leases = (status: Partial<LeaseKeeperStatus>): string | undefined =>
    leasesCheck(() => ({
      held: 1,
      started: true,
      sinceContactMs: 1_000,
      healthy: true,
      lost: { taken: 0, grace: 0 },
      handOvers: { given: 0, kept: 0 },
      replicas: 1,
      ...status,
    })).problem()?.code;
  const publisher = (state: Partial<PublishState>, away = false, stalled?: string): string | undefined =>
    publisherCheck({ state: { status: 'publishing', since: 0, ...state }, problem: () => stalled }, { away }).problem()
      ?.code;
  const error = { code: 'WATCHER_KAFKA_DENIED', message: 'Kafka refuses this client.' };

  const cases: [string, string | undefined, string | undefined][] = [
    ['a journal with room', journal({ heldBytes: 899, bytes: 1_000 }), undefined],
    ['a journal at 90 %', journal({ heldBytes: 900 }), 'JOURNAL_NEARLY_FULL'],
    ['a full journal', journal({ full: true, pressure: 'size', heldBytes: 990 }), 'JOURNAL_FULL'],
    ['a full disk', journal({ full: true, pressure: 'disk', diskFull: true }), 'JOURNAL_DISK_FULL'],
    ['a disk without room for cursors', journal({ diskFull: true }), 'JOURNAL_DISK_FULL'],
    ['a slow disk', journal({ full: true, pressure: 'backlog' }), 'JOURNAL_DISK_SLOW'],
    ['renewed leases', leases({}), undefined],
    ['leases that are not renewed', leases({ healthy: false }), 'LEASES_NOT_RENEWED'],
    ['a database that answers', databaseCheck({ away: false }).problem()?.code, undefined],
    ['a database that does not', databaseCheck({ away: true }).problem()?.code, 'DATABASE_UNREACHABLE'],
    ['a publisher at work', publisher({}), undefined],
    ['one that is not connected yet', publisher({ status: 'starting' }, true), 'PUBLISHER_NOT_CONNECTED'],
    ['one that fails', publisher({ status: 'retrying', error }, true), 'PUBLISHER_FAILING'],
    ['one without events and without brokers', publisher({}, true), 'KAFKA_UNREACHABLE'],
    ['one without an answer', publisher({}, false, 'Kafka has not answered for 6 s'), 'PUBLISHER_STALLED'],
  ];
  it.each(cases)('%s', (_name, code, expected) => {
    expect(code).toBe(expected);
  });

  it('give every code that there is, but for start and stop', () => {
    const given = new Set(cases.map(([, code]) => code));
    const others = READINESS_CODES.filter((code) => !given.has(code));
    expect(others).toEqual(['SERVICE_STARTING', 'SERVICE_STOPPING']);
  });
});
