import { FakeClock, sampleEvent } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import type { StoredEvent } from '../journal/journal.port.js';
import type { EventPublisher } from '../publishing/event-publisher.port.js';
import { SourceHealth } from '../rooms/sources/source-health.js';
import { FakeSignBudget } from '../rooms/testing/fake-sign-budget.js';
import { MeteredPublisher } from './metered-publisher.js';
import { Metrics } from './metrics.js';
import { registerSourceMetrics } from './source-metrics.js';

function newMetrics(): Metrics {
  const metrics = new Metrics({ version: '1.2.3', commit: 'abc', canaryTopic: 'p.canary' });
  const health = new SourceHealth({ clock: new FakeClock(), random: { next: () => 0 } });
  registerSourceMetrics(metrics.registry, { health, budget: new FakeSignBudget() });
  return metrics;
}

async function values(metrics: Metrics): Promise<ReadonlyMap<string, number>> {
  const lines = (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

const sum = (all: ReadonlyMap<string, number>, name: string): number =>
  [...all].filter(([key]) => key === name || key.startsWith(`${name}{`)).reduce((total, [, value]) => total + value, 0);

describe('Metrics', () => {
  it('has every name and label value from the start, at zero', async () => {
    const all = await values(newMetrics());
    for (const name of [
      'livetap_frames_received_total',
      'livetap_messages_received_total',
      'livetap_events_synthesized_total{type="livetap.room.gap.v1"}',
      'livetap_events_admitted_total{type="livetap.chat.v1"}',
      'livetap_events_published_total{type="livetap.gift.v1"}',
      'livetap_events_deduplicated_total',
      'livetap_events_dropped_total{reason="leaseLost"}',
      'livetap_publish_errors_total{code="WATCHER_KAFKA_UNREACHABLE"}',
      'livetap_publish_duration_seconds_count',
      'livetap_admission_lag_seconds_count',
      'livetap_journal_bytes',
      'livetap_journal_events',
      'livetap_journal_oldest_timestamp_seconds',
      'livetap_rooms{state="live"}',
      'livetap_reconnects_total{reason="stalled"}',
      'livetap_gap_seconds_total{reason="restart"}',
      'livetap_leases_held',
      'livetap_lease_renewal_duration_seconds_count',
      'livetap_lease_lost_total{reason="taken"}',
      'livetap_canary_timestamp_seconds{topic="p.canary"}',
      'livetap_events_pending{stage="admission"}',
      'livetap_journal_full{pressure="disk"}',
      'livetap_sign_requests_total{outcome="rateLimited"}',
      'livetap_sign_waiting_rooms{reason="quota"}',
      'livetap_sign_reserved',
      'livetap_socket_source_failures_total{source="direct",failure="deviceBlocked"}',
      'livetap_socket_source_routes{source="euler",state="open"}',
      'livetap_socket_source_opened_total{source="fixed"}',
    ]) {
      expect([name, all.get(name)]).toEqual([name, 0]);
    }
    expect(all.get('livetap_build_info{version="1.2.3",commit="abc"}')).toBe(1);
  });

  it('has no label that names a room or a person', async () => {
    const labels = [...(await newMetrics().text()).matchAll(/[{,](\w+)="/g)].map((match) => match[1]);
    expect([...new Set(labels)].sort()).toEqual([
      'code',
      'commit',
      'failure',
      'le',
      'outcome',
      'pressure',
      'reason',
      'source',
      'stage',
      'state',
      'topic',
      'type',
      'verdict',
      'version',
      'window',
    ]);
  });
});

describe('MeteredPublisher', () => {
  const stored = (offset: number, topic: 'chat' | 'raw' = 'chat'): StoredEvent => ({
    ...sampleEvent(offset),
    topic,
    offset,
  });

  it('counts what was acknowledged once, without raw copies, and apart from what was left by an earlier life', async () => {
    const metrics = newMetrics();
    let fail = true;
    const inner: EventPublisher = {
      start: () => Promise.resolve(),
      publish: () => (fail ? Promise.reject(new Error('away')) : Promise.resolve()),
      stop: () => Promise.resolve(),
    };
    const publisher = new MeteredPublisher(() => inner, metrics, 3);
    const batch = [stored(1), stored(2), stored(3), stored(4), stored(5, 'raw')];
    await expect(publisher.publish(batch)).rejects.toThrow('away');
    fail = false;
    await publisher.publish(batch);
    const all = await values(metrics);
    expect(sum(all, 'livetap_events_published_total')).toBe(2);
    expect(sum(all, 'livetap_events_recovered_total')).toBe(2);
  });

  it('counts an event that was too large as dropped instead of published, however often its batch is repeated', async () => {
    const metrics = newMetrics();
    let failures = 2;
    const make = (onOversize: (event: StoredEvent) => void): EventPublisher => ({
      start: () => Promise.resolve(),
      publish: (events) => {
        for (const event of events) if (event.offset % 2 === 1) onOversize(event);
        failures -= 1;
        return failures >= 0 ? Promise.reject(new Error('away')) : Promise.resolve();
      },
      stop: () => Promise.resolve(),
    });
    const publisher = new MeteredPublisher(make, metrics, 2);
    // Of an earlier life, too large, as it is, and a copy for the raw topic that is too large.
    const batch = [stored(1), stored(3), stored(4), stored(5, 'raw')];
    await expect(publisher.publish(batch)).rejects.toThrow('away');
    await expect(publisher.publish(batch)).rejects.toThrow('away');
    await publisher.publish(batch);
    const all = await values(metrics);
    expect(sum(all, 'livetap_events_published_total')).toBe(1);
    expect(all.get('livetap_events_dropped_total{reason="oversize"}')).toBe(1);
    expect(sum(all, 'livetap_events_recovered_total')).toBe(1);
  });
});
