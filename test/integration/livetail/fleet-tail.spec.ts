import { randomUUID } from 'node:crypto';
import { sampleEvent, SeededRandom } from '@livetap/testkit';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { SILENT_LOGGER } from '../../../apps/watcher/src/common/logger.port.js';
import { SystemClock } from '../../../apps/watcher/src/common/system-clock.adapter.js';
import { FleetTailLog } from '../../../apps/watcher/src/livetail/fleet-tail-log.js';
import { KafkaFleetFeed } from '../../../apps/watcher/src/livetail/kafka-fleet-feed.adapter.js';
import { LiveTail } from '../../../apps/watcher/src/livetail/live-tail.js';
import type { TailMessage } from '../../../apps/watcher/src/livetail/tail-message.js';
import type { TailSubscription } from '../../../apps/watcher/src/livetail/tail-subscription.js';
import { KafkaEventPublisher } from '../../../apps/watcher/src/publishing/kafka-event-publisher.adapter.js';

const brokers = inject('kafkaBrokers');

const idOf = (message: TailMessage): string[] =>
  message.kind === 'event' ? [(JSON.parse(message.data) as { id: string }).id] : [];

describe.skipIf(brokers.length === 0)('the live tail of a fleet, with real Kafka', () => {
  const ends: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  const kafka = { brokers, tls: false as const, sasl: undefined };
  const topics = {
    prefix: `test.${randomUUID()}`,
    strategy: 'subject' as const,
    partitions: 3,
    replicationFactor: undefined,
    raw: false,
  };

  function replica(maxBytes?: number): LiveTail {
    const log = new FleetTailLog({
      feed: new KafkaFleetFeed({ kafka, clientId: 'test', topics }),
      clock: new SystemClock(),
      random: new SeededRandom(1),
      logger: SILENT_LOGGER,
      ...(maxBytes === undefined ? {} : { maxBytes }),
    });
    const tail = new LiveTail({ log, clock: new SystemClock() });
    ends.push(() => tail.close());
    return tail;
  }

  it('shows the events of all replicas at each; 100 cuts from one replica to the other leave no hole and repeat no event', async () => {
    const publisher = new KafkaEventPublisher({ kafka, clientId: 'test', topics });
    ends.push(() => publisher.stop());
    const rooms = ['a', 'b', 'c', 'd', 'e'];
    let published = 0;
    /** As replicas do: rooms of different owners, over several topics and partitions. */
    const publish = async (count: number): Promise<void> => {
      const events = Array.from({ length: count }, (_, index) => {
        const n = published + index;
        const room = rooms[n % rooms.length] ?? '';
        const gift = n % 3 === 0 ? { topic: 'gift' as const, type: 'livetap.gift.v1' } : {};
        const value = Buffer.from(JSON.stringify({ specversion: '1.0', id: String(n), subject: room, data: {} }));
        const source = `/tiktok/rooms/${room}`;
        return { ...sampleEvent(n, { key: room, source, subject: room, value, ...gift }), offset: n + 1 };
      });
      await publisher.publish(events);
      published += count;
    };
    await publish(10);

    // Little memory: many of the returning clients find their place only in the topics themselves.
    const replicas = [replica(4_000), replica()];
    const watcher = replicas[1]?.subscribe({ types: ['gift'] }) as TailSubscription;
    const random = new SeededRandom(11);
    const seen: string[] = [];
    let lastEventId: string | undefined;
    /** Reads until a place was told behind at least one event, as a client that is cut anywhere keeps the last place. */
    const readSome = async (tail: LiveTail, atLeast: number): Promise<void> => {
      const subscription = tail.subscribe(lastEventId === undefined ? {} : { lastEventId });
      let placed: string[] = [];
      for await (const message of subscription) {
        placed.push(...idOf(message));
        expect(message.kind).not.toBe('reset');
        if ('lastEventId' in message && message.lastEventId !== undefined) {
          lastEventId = message.lastEventId;
          seen.push(...placed);
          placed = [];
          atLeast -= 1;
        }
        if (atLeast <= 0) break;
      }
      // What came behind the last place was under way: it comes again with the same ids.
    };
    /** Other replicas go on while the work goes on. */
    const whilePublishing = async (work: Promise<void>): Promise<void> => {
      let done = false;
      const ended = work.finally(() => {
        done = true;
      });
      while (!done) {
        await publish(random.integer(1, 4));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      await ended;
    };
    // From now on: what is published after the tail is open.
    await whilePublishing(readSome(replicas[0] as LiveTail, 1));
    const gifts: number[] = [];
    await whilePublishing(
      watcher.next().then(({ value }) => {
        if (value !== undefined) gifts.push(...idOf(value).map(Number));
      }),
    );
    // The topics are not asked for their ends at one instant: from here on each event is surely behind all of them.
    const sure = published;
    for (let cut = 0; cut < 100; cut += 1) {
      await whilePublishing(readSome(replicas[cut % 2] as LiveTail, random.integer(1, 2)));
    }
    await publish(5);
    // Partitions arrive in any order, so the last one is not the last to be seen.
    const wanted = (): boolean => new Set(seen.filter((id) => Number(id) >= sure)).size < published - sure;
    while (wanted()) await readSome(replicas[0] as LiveTail, 1);

    expect(new Set(seen).size).toBe(seen.length);
    const numbers = seen
      .map(Number)
      .filter((n) => n >= sure)
      .sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: published - sure }, (_, index) => sure + index));
    expect(numbers.length).toBeGreaterThan(100);
    // A client beside it sees the gifts of all rooms, each once.
    const sureGifts = (): number[] => {
      for (let message = watcher.poll(); message !== undefined; message = watcher.poll())
        gifts.push(...idOf(message).map(Number));
      return gifts.filter((n) => n >= sure).sort((a, b) => a - b);
    };
    const expected = numbers.filter((n) => n % 3 === 0);
    await expect.poll(sureGifts, { timeout: 60_000 }).toEqual(expected);
  });

  it('says reset for places that are none of the topics, and goes on from now', async () => {
    const tail = replica();
    const subscription = tail.subscribe({ lastEventId: 'none-of-ours' });
    const { value } = await subscription.next();
    expect(value).toMatchObject({ kind: 'reset', reason: 'invalid' });
  });
});
