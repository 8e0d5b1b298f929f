import { FakeClock, sampleEvent, SeededRandom } from '@livetap/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import type { LogFields, Logger } from '../common/logger.port.js';
import type { JournalReader, StoredEvent } from '../journal/journal.port.js';
import { MemoryJournal } from '../journal/memory-journal.js';
import type { EventPublisher } from './event-publisher.port.js';
import { MemoryEventPublisher } from './memory-event-publisher.js';
import { PublishLoop } from './publish-loop.js';
import { PublishError } from './publish.errors.js';

class Lines implements Logger {
  readonly lines: string[] = [];
  debug(event: string): void {
    this.lines.push(event);
  }
  info = this.debug.bind(this);
  warn(event: string, fields?: LogFields): void {
    this.lines.push(`${event} ${String(fields?.['code'])}`);
  }
  error = this.warn.bind(this);
}

class Counts {
  readonly codes: string[] = [];
  batches = 0;
  failed(code: string): void {
    this.codes.push(code);
  }
  duration(): void {
    this.batches += 1;
  }
}

const ids = (events: readonly StoredEvent[]): number[] => events.map((event) => Number(event.id));
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);

describe('PublishLoop', () => {
  let journal: MemoryJournal;
  let broker: MemoryEventPublisher;
  let clock: FakeClock;
  let logger: Lines;
  let metrics: Counts;
  let fatal: Error[];
  beforeEach(() => {
    journal = new MemoryJournal();
    broker = new MemoryEventPublisher();
    clock = new FakeClock();
    logger = new Lines();
    metrics = new Counts();
    fatal = [];
  });
  const loopOf = (publisher: EventPublisher = broker, maxEvents = 10): PublishLoop =>
    new PublishLoop({
      journal,
      publisher,
      clock,
      random: new SeededRandom(1),
      logger,
      metrics,
      maxEvents,
      onFatal: (error) => fatal.push(error),
    });
  const append = (from: number, to: number): Promise<void> =>
    journal.append(range(from, to).map((n) => sampleEvent(n, { type: n % 2 === 0 ? 'even' : 'odd' })));

  it('publishes in order, in bounded batches, and moves the cursor', async () => {
    const loop = loopOf();
    await append(0, 25);
    await loop.start();
    await loop.drain();
    expect(ids(broker.published)).toEqual(range(0, 25));
    expect(broker.attempts).toBe(3);
    expect(loop.pending).toBe(0);
    expect(metrics).toMatchObject({ codes: [], batches: 3 });
    expect(loop.state.status).toBe('publishing');
    await loop.stop();
    expect(loop.state.status).toBe('stopped');
  });

  it('never moves the cursor before the acknowledgement', async () => {
    let acknowledge = (): void => undefined;
    const seen: number[][] = [];
    const held: EventPublisher = {
      start: async () => undefined,
      stop: async () => undefined,
      publish: (events) => {
        seen.push(ids(events));
        return new Promise((resolve) => (acknowledge = resolve));
      },
    };
    const loop = loopOf(held);
    await append(0, 4);
    await loop.start();
    await clock.advance(0);
    expect(seen).toEqual([[0, 1, 2, 3]]);
    expect(journal.committed('publisher')).toBe(0);
    await clock.advance(6_000);
    expect(loop.problem()).toMatch(/not answered for 6 s/);
    acknowledge();
    await loop.drain();
    expect(journal.committed('publisher')).toBe(4);
    expect(loop.problem()).toBeUndefined();
    await loop.stop();
  });

  it('moves the cursor to the end of what was acknowledged, and no further', async () => {
    const loop = loopOf();
    await loop.start();
    for (const end of [25, 26, 60]) {
      await append(journal.stats().lastOffset, end);
      await clock.advance(1_000);
      expect(journal.committed('publisher')).toBe(end);
    }
    broker.down();
    await append(60, 70);
    await clock.advance(1_000);
    expect(journal.committed('publisher')).toBe(60);
    await loop.stop();
  });

  it('fills a batch from several small reads, and reads on while it is under way', async () => {
    const acknowledge: (() => void)[] = [];
    const batches: number[][] = [];
    const held: EventPublisher = {
      start: async () => undefined,
      stop: async () => undefined,
      publish: (events) => {
        batches.push(ids(events));
        return new Promise((resolve) => acknowledge.push(resolve));
      },
    };
    const reads: number[] = [];
    const open = journal.reader.bind(journal);
    journal.reader = async (name) => {
      const reader = await open(name);
      const read = reader.read.bind(reader);
      reader.read = async (limits, signal) => {
        const events = await read({ ...limits, maxEvents: Math.min(3, limits.maxEvents) }, signal);
        reads.push(events.length);
        return events;
      };
      return reader;
    };
    const loop = loopOf(held);
    await append(0, 14);
    await loop.start();
    await clock.advance(0);
    expect(batches).toEqual([range(0, 10)]);
    // 3 + 3 + 3 + 1, and the whole next batch.
    expect(reads).toEqual([3, 3, 3, 1, 3, 1]);
    acknowledge[0]?.();
    await clock.advance(0);
    expect(batches).toEqual([range(0, 10), range(10, 14)]);
    expect(journal.committed('publisher')).toBe(10);
    acknowledge[1]?.();
    await loop.drain();
    await loop.stop();
  });

  it('sends the same events again after a failure: all arrive, first records in order, one line for each change', async () => {
    const loop = loopOf();
    await append(0, 30);
    broker.failOnce(4);
    broker.failOnce(0);
    await loop.start();
    const drained = loop.drain();
    await clock.advance(60_000);
    await drained;
    expect([...new Set(ids(broker.published))]).toEqual(range(0, 30));
    expect(broker.published).toHaveLength(34);
    expect(metrics.codes).toEqual(['WATCHER_KAFKA_NOT_ACKNOWLEDGED', 'WATCHER_KAFKA_NOT_ACKNOWLEDGED']);
    expect(logger.lines).toEqual([
      'publisher.connected',
      'publisher.failing WATCHER_KAFKA_NOT_ACKNOWLEDGED',
      'publisher.connected',
    ]);
    await loop.stop();
  });

  it('waits for a broker that is down at start, for ever and ever less often, and says so once', async () => {
    broker.down();
    const loop = loopOf();
    await append(0, 3);
    await loop.start();
    await clock.advance(3_600_000);
    expect(loop.state).toMatchObject({ status: 'retrying', error: { code: 'WATCHER_KAFKA_UNREACHABLE' } });
    expect(loop.problem()).toBe('The memory broker is down.');
    const failures = metrics.codes.length;
    // An hour of pauses of 2 s on average, at most 4 s.
    expect(failures).toBeGreaterThan(900);
    expect(failures).toBeLessThan(3_600);
    expect(logger.lines).toEqual(['publisher.failing WATCHER_KAFKA_UNREACHABLE']);
    broker.up();
    await clock.advance(10_000);
    expect(ids(broker.published)).toEqual([0, 1, 2]);
    expect(logger.lines).toEqual(['publisher.failing WATCHER_KAFKA_UNREACHABLE', 'publisher.connected']);
    await loop.stop();
  });

  it('gives up on what no retry mends, and tells', async () => {
    broker.down(new PublishError('WATCHER_KAFKA_PARTITIONS_CHANGED', 'Other partitions.'));
    const loop = loopOf();
    await append(0, 1);
    await loop.start();
    await loop.drain();
    expect(loop.state.status).toBe('failed');
    expect(fatal).toMatchObject([{ code: 'WATCHER_KAFKA_PARTITIONS_CHANGED' }]);
    await loop.stop();
    expect(loop.state.status).toBe('failed');
  });

  it('stops after the batch under way and leaves the rest for the next start', async () => {
    const loop = loopOf();
    await loop.start();
    await append(0, 5);
    await loop.drain();
    await loop.stop();
    await append(5, 8);
    const next = loopOf();
    await next.start();
    await next.drain();
    await next.stop();
    expect(ids(broker.published)).toEqual(range(0, 8));
  });

  it('drains no longer than it may, and stops while a broker hangs', async () => {
    const hanging: EventPublisher = {
      start: async () => undefined,
      stop: async () => undefined,
      publish: () => new Promise(() => undefined),
    };
    const loop = loopOf(hanging);
    await append(0, 5);
    await loop.start();
    const limit = new AbortController();
    const drained = loop.drain(limit.signal);
    limit.abort();
    await drained;
    await loop.stop(limit.signal);
    expect(journal.committed('publisher')).toBe(0);
  });

  it('keeps order and loses nothing under random failures', async () => {
    const random = new SeededRandom(11);
    const loop = loopOf(broker, 7);
    await loop.start();
    let appended = 0;
    for (let round = 0; round < 200; round += 1) {
      if (random.next() < 0.3) broker.failOnce(random.integer(0, 7));
      const count = random.integer(1, 12);
      await append(appended, appended + count);
      appended += count;
      await clock.advance(random.integer(0, 300));
      const committed: JournalReader['committed'] = journal.committed('publisher');
      expect(committed).toBeLessThanOrEqual(Math.max(0, ...broker.published.map((event) => event.offset)));
    }
    await clock.advance(3_600_000);
    expect([...new Set(ids(broker.published))]).toEqual(range(0, appended));
    await loop.stop();
  });
});
