import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTopics, sampleEvent, startKafka, TcpProxy } from '@livetap/testkit';
import { afterAll, describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../../../apps/watcher/src/common/logger.port.js';
import { SystemClock, SystemRandom } from '../../../apps/watcher/src/common/system-clock.adapter.js';
import type { Journal } from '../../../apps/watcher/src/journal/journal.port.js';
import { openJournal } from '../../../apps/watcher/src/journal/open-journal.adapter.js';
import type { EventPublisher } from '../../../apps/watcher/src/publishing/event-publisher.port.js';
import { KafkaEventPublisher } from '../../../apps/watcher/src/publishing/kafka-event-publisher.adapter.js';
import { PublishLoop } from '../../../apps/watcher/src/publishing/publish-loop.js';

const proxy = await TcpProxy.start({ host: '127.0.0.1', port: 1 });
const kafka = await startKafka({ environment: {}, proxyPort: proxy.port });
const own = 'skipped' in kafka ? undefined : kafka;

describe.skipIf(own?.proxyTarget === undefined)('PublishLoop from a journal on disk to Kafka', () => {
  afterAll(async () => {
    await proxy.close();
    await own?.dispose();
  });

  it('loses nothing and keeps the order of first records through an absent broker, cuts, a black hole, a broker killed and restarts of its own', async () => {
    if (own?.proxyTarget === undefined) return;
    const directory = await mkdtemp(join(tmpdir(), 'livetap-loop-'));
    const topics = {
      prefix: `test.${randomUUID()}`,
      strategy: 'single' as const,
      partitions: 3,
      replicationFactor: undefined,
      raw: false,
    };
    const published = { count: 0, codes: new Set<string>() };
    const start = async (): Promise<{ journal: Journal; loop: PublishLoop }> => {
      const journal = await openJournal({
        directory,
        maxBytes: 100_000_000,
        maxAgeMs: 60_000,
        clock: new SystemClock(),
        readers: ['publisher'],
      });
      const publisher = new KafkaEventPublisher({
        kafka: { brokers: [`127.0.0.1:${proxy.port}`], tls: false, sasl: undefined },
        clientId: 'test',
        topics,
      });
      const counting: EventPublisher = {
        start: () => publisher.start(),
        stop: () => publisher.stop(),
        async publish(events) {
          await publisher.publish(events);
          published.count += events.length;
        },
      };
      const loop = new PublishLoop({
        journal,
        publisher: counting,
        clock: new SystemClock(),
        random: new SystemRandom(),
        logger: SILENT_LOGGER,
        metrics: {
          failed: (code) => published.codes.add(code),
          duration: () => undefined,
        },
        maxEvents: 100,
      });
      await loop.start();
      return { journal, loop };
    };
    const keys = Array.from({ length: 5 }, (_, n) => `730000000000000000${n}`);
    let written = 0;
    const write = async (journal: Journal, count: number): Promise<void> => {
      for (let n = 0; n < count; n += 10) {
        await journal.append(
          Array.from({ length: 10 }, () => sampleEvent(written, { key: keys[written++ % keys.length] ?? '' })),
        );
      }
    };

    // The proxy leads nowhere yet: the broker is "down at start".
    let { journal, loop } = await start();
    await write(journal, 500);
    await expect.poll(() => loop.state.status, { timeout: 30_000 }).toBe('retrying');
    expect(loop.problem()).toMatch(/cannot be reached/);
    proxy.target = own.proxyTarget;
    await loop.drain();
    expect(loop.problem()).toBeUndefined();
    expect(loop.pending).toBe(0);

    await write(journal, 1_000);
    proxy.cut();
    await write(journal, 1_000);
    proxy.fault = { kind: 'blackHole' };
    await write(journal, 1_000);
    proxy.fault = { kind: 'none' };
    proxy.cut();
    await loop.drain();

    await own.kill();
    await write(journal, 1_000);
    // A restart of the service while the broker is away: the journal has it all.
    await loop.stop();
    await journal.close();
    await own.restart();
    ({ journal, loop } = await start());
    await write(journal, 500);
    await loop.drain();
    await loop.stop();
    await journal.close();

    const records = await readTopics(own.brokers, [`${topics.prefix}.events`]);
    expect(new Set(records.map((record) => record.headers['ce_id'])).size).toBe(written);
    for (const key of keys) {
      const firsts = [
        ...new Set(records.filter((record) => record.key === key).map((record) => Number(record.headers['ce_id']))),
      ];
      expect(firsts).toEqual([...firsts].sort((a, b) => a - b));
    }
    expect(published.count).toBe(written);
    expect(published.codes.has('WATCHER_KAFKA_UNREACHABLE')).toBe(true);
    await rm(directory, { recursive: true });
  });

  it('repeats nothing when it is stopped in order and started again', async () => {
    if (own?.proxyTarget === undefined) return;
    const directory = await mkdtemp(join(tmpdir(), 'livetap-loop-'));
    const topics = {
      prefix: `test.${randomUUID()}`,
      strategy: 'subject' as const,
      partitions: 3,
      replicationFactor: undefined,
      raw: false,
    };
    let written = 0;
    for (let round = 0; round < 5; round += 1) {
      const journal = await openJournal({
        directory,
        maxBytes: 100_000_000,
        maxAgeMs: 60_000,
        clock: new SystemClock(),
        readers: ['publisher'],
      });
      const publisher = new KafkaEventPublisher({
        kafka: { brokers: own.brokers, tls: false, sasl: undefined },
        clientId: 'test',
        topics,
      });
      const metrics = { failed: () => undefined, duration: () => undefined };
      const loop = new PublishLoop({
        journal,
        publisher,
        clock: new SystemClock(),
        random: new SystemRandom(),
        logger: SILENT_LOGGER,
        metrics,
        maxEvents: 50,
      });
      await loop.start();
      for (let n = 0; n < 30; n += 1) await journal.append(Array.from({ length: 10 }, () => sampleEvent(written++)));
      // In the middle: some batches are acknowledged, one is under way, the rest waits for the next round.
      await loop.stop();
      await journal.close();
    }
    const journal = await openJournal({
      directory,
      maxBytes: 100_000_000,
      maxAgeMs: 60_000,
      clock: new SystemClock(),
      readers: ['publisher'],
    });
    const publisher = new KafkaEventPublisher({
      kafka: { brokers: own.brokers, tls: false, sasl: undefined },
      clientId: 'test',
      topics,
    });
    const metrics = { failed: () => undefined, duration: () => undefined };
    const loop = new PublishLoop({
      journal,
      publisher,
      clock: new SystemClock(),
      random: new SystemRandom(),
      logger: SILENT_LOGGER,
      metrics,
    });
    await loop.start();
    await loop.drain();
    await loop.stop();
    await journal.close();
    const records = await readTopics(own.brokers, [`${topics.prefix}.chat`]);
    expect(records.map((record) => Number(record.headers['ce_id']))).toEqual(
      Array.from({ length: written }, (_, n) => n),
    );
    await rm(directory, { recursive: true });
  });
});
