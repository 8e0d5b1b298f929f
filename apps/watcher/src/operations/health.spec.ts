import { describe, expect, it } from 'vitest';
import { Health } from './health.js';

describe('Health', () => {
  it('is not ready before the start is complete and never again after the stop began', () => {
    const health = new Health();
    expect(health.readiness()).toMatchObject({ ready: false, reasons: ['the service is starting'] });
    health.markStarted();
    expect(health.readiness()).toMatchObject({ ready: true, reasons: [] });
    health.markStopping();
    expect(health.readiness()).toMatchObject({ ready: false, reasons: ['the service is stopping'] });
  });

  it('gives the reason of every failing check', () => {
    const health = new Health();
    let full = false;
    health.add({ name: 'journal', problem: () => (full ? 'it is 95 % full' : undefined) });
    health.add({ name: 'leases', problem: () => undefined });
    health.markStarted();
    expect(health.readiness().checks).toEqual({ journal: 'ok', leases: 'ok' });
    full = true;
    expect(health.readiness()).toEqual({
      ready: false,
      checks: { journal: 'failing', leases: 'ok' },
      reasons: ['journal: it is 95 % full'],
    });
  });
});
