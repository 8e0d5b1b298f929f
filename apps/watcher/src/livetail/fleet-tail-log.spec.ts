import { FakeClock, SeededRandom } from '@livetap/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { SILENT_LOGGER } from '../common/logger.port.js';
import type { FleetBounds, FleetFeed, FleetRecord } from './fleet-feed.port.js';
import { encodeFleetPlace, type FleetPlace } from './fleet-place.js';
import { FleetTailLog } from './fleet-tail-log.js';
import { LiveTail } from './live-tail.js';
import { encodeTailCursor } from './tail-cursor.js';
import type { TailMessage } from './tail-message.js';
import type { TailSubscription } from './tail-subscription.js';

const TOPIC = 'live.chat';
const VALUE_BYTES = 100;

/** Topics in memory, with two partitions. */
class MemoryFleet implements FleetFeed {
  readonly topics = [TOPIC];
  away = false;
  /** Reads that began behind the end: those of clients that catch up. */
  catchUps = 0;
  readonly #partitions: FleetRecord[][] = [[], []];
  readonly #oldest = [0, 0];
  readonly #followers = new Set<{
    deliver: (records: readonly FleetRecord[]) => Promise<void>;
    fail: (e: Error) => void;
  }>();

  async bounds(): Promise<FleetBounds> {
    if (this.away) throw new Error('no broker answers');
    const of = (offset: (partition: number) => number): FleetPlace =>
      new Map(this.#partitions.map((_, partition) => [`${TOPIC}:${partition}`, offset(partition)]));
    return { oldest: of((p) => this.#oldest[p] ?? 0), end: of((p) => this.#partitions[p]?.length ?? 0) };
  }

  async follow(
    from: FleetPlace,
    deliver: (records: readonly FleetRecord[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    if (this.away) throw new Error('no broker answers');
    const behind = this.#partitions.flatMap((records, p) => records.slice(from.get(`${TOPIC}:${p}`) ?? 0));
    if (behind.length > 0) {
      this.catchUps += 1;
      await deliver(behind);
    }
    await new Promise<void>((resolve, reject) => {
      const follower = { deliver, fail: reject };
      this.#followers.add(follower);
      signal.addEventListener('abort', () => {
        this.#followers.delete(follower);
        resolve();
      });
    });
  }

  /** One record, named by its number over both partitions. */
  async publish(partition: number, id: string): Promise<void> {
    const records = this.#partitions[partition] as FleetRecord[];
    const value = Buffer.from(JSON.stringify({ id }).padEnd(VALUE_BYTES));
    const record = {
      stream: `${TOPIC}:${partition}`,
      at: records.length,
      type: 'livetap.chat.v1',
      topic: 'chat' as const,
      subject: `s${partition}`,
      value,
    };
    records.push(record);
    for (const { deliver } of [...this.#followers]) await deliver([record]);
  }

  /** What retention takes. */
  forget(partition: number, before: number): void {
    this.#oldest[partition] = before;
  }

  breakConnections(): void {
    for (const { fail } of [...this.#followers]) fail(new Error('the connection is lost'));
    this.#followers.clear();
  }
}

describe('the tail of a fleet', () => {
  let fleet: MemoryFleet;
  let clock: FakeClock;
  beforeEach(() => {
    fleet = new MemoryFleet();
    clock = new FakeClock();
  });

  function replica(maxBytes?: number): LiveTail {
    const random = new SeededRandom(1);
    const log = new FleetTailLog({
      feed: fleet,
      clock,
      random,
      logger: SILENT_LOGGER,
      ...(maxBytes === undefined ? {} : { maxBytes }),
    });
    return new LiveTail({ log, clock });
  }
  const settle = async (ms = 100): Promise<void> => {
    for (let step = 0; step < 10; step += 1) await clock.advance(ms / 10);
  };
  /** What waits for the client by now. */
  async function taken(subscription: TailSubscription): Promise<TailMessage[]> {
    const messages: TailMessage[] = [];
    for (;;) {
      const first = await Promise.race([subscription.next(), settle().then(() => undefined)]);
      if (first === undefined || first.done === true) return messages;
      messages.push(first.value);
      for (let more = subscription.poll(); more !== undefined; more = subscription.poll()) messages.push(more);
      if (messages.some(({ kind }) => kind === 'place' || kind === 'reset')) return messages;
    }
  }
  const ids = (messages: readonly TailMessage[]): unknown[] =>
    messages.flatMap((message) => (message.kind === 'event' ? [(JSON.parse(message.data) as { id: string }).id] : []));
  const placeOf = (messages: readonly TailMessage[]): string => {
    const places = messages.filter((message) => message.kind === 'place');
    return places[places.length - 1]?.lastEventId ?? '';
  };

  async function opened(tail: LiveTail): Promise<TailSubscription> {
    const subscription = tail.subscribe();
    await settle();
    return subscription;
  }

  it('goes on at another replica, which saw the partitions in another order, without a hole or a repeat', async () => {
    const [one, two] = [replica(), replica()];
    const here = await opened(one);
    await opened(two);
    await fleet.publish(0, 'a');
    await fleet.publish(1, 'b');
    await settle();
    const first = await taken(here);
    expect(ids(first)).toEqual(['a', 'b']);
    await here.return();
    await fleet.publish(1, 'c');
    await fleet.publish(0, 'd');
    await settle();
    const there = two.subscribe({ lastEventId: placeOf(first) });
    expect(ids(await taken(there))).toEqual(['c', 'd']);
    expect(fleet.catchUps).toBe(0);
    await fleet.publish(0, 'e');
    await settle();
    expect(ids(await taken(there))).toEqual(['e']);
  });

  it('reads the topics for a client that is behind what is in memory, then follows with the others', async () => {
    const tail = replica(3 * VALUE_BYTES);
    const here = await opened(tail);
    await fleet.publish(0, 'a');
    await settle();
    const place = placeOf(await taken(here));
    for (let n = 0; n < 20; n += 1) await fleet.publish(n % 2, String(n));
    await settle();
    const late = tail.subscribe({ lastEventId: place });
    const seen = ids(await taken(late)).sort((a, b) => Number(a) - Number(b));
    const all = Array.from({ length: 20 }, (_, n) => String(n));
    expect(seen).toEqual(all);
    // So much at once is more than fits into memory: who was level was overtaken as well, and misses nothing either.
    expect(ids(await taken(here)).sort((a, b) => Number(a) - Number(b))).toEqual(all);
    expect(fleet.catchUps).toBeGreaterThan(0);
    await fleet.publish(1, 'new');
    await settle();
    expect(ids(await taken(late))).toEqual(['new']);
    expect(ids(await taken(here))).toEqual(['new']);
  });

  it.each([
    ['none of ours', 'invalid', 'nothing'],
    ['of a journal', 'otherJournal', encodeTailCursor({ journalId: 'j', offset: 2 })],
    ['beyond the end', 'invalid', encodeFleetPlace(new Map([[`${TOPIC}:0`, 99]]), [TOPIC])],
    ['older than the retention', 'tooOld', encodeFleetPlace(new Map([[`${TOPIC}:0`, 0]]), [TOPIC])],
  ])('says reset for a place %s and goes on from now', async (_name, reason, lastEventId) => {
    for (const id of ['a', 'b', 'c']) await fleet.publish(0, id);
    fleet.forget(0, 2);
    const tail = replica();
    const subscription = tail.subscribe({ lastEventId });
    const messages = await taken(subscription);
    expect(messages[0]).toMatchObject({ kind: 'reset', reason });
    await fleet.publish(0, 'd');
    await settle();
    expect(ids(await taken(subscription))).toEqual(['d']);
  });

  it('stands still while no broker answers, says so, and goes on where it was', async () => {
    const tail = replica();
    const subscription = await opened(tail);
    await fleet.publish(0, 'a');
    await settle();
    await taken(subscription);
    fleet.away = true;
    fleet.breakConnections();
    await settle(2_000);
    expect(tail.problem()).toBe('no broker answers');
    await fleet.publish(0, 'b');
    fleet.away = false;
    await settle(60_000);
    expect(tail.problem()).toBeUndefined();
    const messages = await taken(subscription);
    expect(ids(messages)).toEqual(['b']);
    expect(messages.some(({ kind }) => kind === 'reset')).toBe(false);
  });

  it('ends its clients when it closes, and leaves no timer', async () => {
    const tail = replica();
    const subscription = await opened(tail);
    tail.close();
    expect(await taken(subscription)).toEqual([{ kind: 'end', reason: 'closing' }]);
    expect(clock.pendingTimers).toBe(0);
  });
});
