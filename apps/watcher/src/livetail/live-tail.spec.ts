import { FakeClock, sampleEvent, SeededRandom } from '@livetap/testkit';
import { beforeEach, describe, expect, it } from 'vitest';
import { MemoryJournal } from '../journal/memory-journal.js';
import { JournalTailLog } from './journal-tail-log.js';
import { LiveTail } from './live-tail.js';
import { encodeTailCursor } from './tail-cursor.js';
import type { TailMessage } from './tail-message.js';
import type { TailSubscription } from './tail-subscription.js';

/** Next `count` messages of a subscription; fewer when it ends. */
async function take(subscription: TailSubscription, count: number): Promise<TailMessage[]> {
  const messages: TailMessage[] = [];
  while (messages.length < count) {
    const { value, done } = await subscription.next();
    if (done === true) break;
    messages.push(value);
  }
  return messages;
}

const eventIds = (messages: readonly TailMessage[]): unknown[] =>
  messages.flatMap((message) => (message.kind === 'event' ? [(JSON.parse(message.data) as { id: string }).id] : []));
const lastIdOf = (messages: readonly TailMessage[]): string => {
  const last = messages[messages.length - 1];
  return last !== undefined && last.kind !== 'end' ? (last.lastEventId ?? '') : '';
};
const range = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, n) => String(from + n));

describe('LiveTail', () => {
  let journal: MemoryJournal;
  let clock: FakeClock;
  let tail: LiveTail;
  beforeEach(() => {
    journal = new MemoryJournal({ id: 'j1' });
    clock = new FakeClock();
    tail = new LiveTail({ log: new JournalTailLog(journal), clock });
  });
  const append = (from: number, to: number): Promise<void> =>
    journal.append(range(from, to).map((n) => sampleEvent(Number(n))));

  it('delivers canaries only when their type is asked for, never raw bytes', async () => {
    const canary = { topic: 'canary', type: 'livetap.canary.v1', subject: '' } as const;
    const everything = tail.subscribe();
    const canaries = tail.subscribe({ types: ['canary'] });
    await journal.append([sampleEvent(1, canary), sampleEvent(2, { topic: 'raw' }), sampleEvent(3)]);
    expect(eventIds(await take(everything, 1))).toEqual(['3']);
    await journal.append([sampleEvent(4, canary)]);
    expect(eventIds(await take(canaries, 2))).toEqual(['1', '4']);
  });

  it('delivers what becomes durable from now on, with type and the bytes as they are', async () => {
    await append(0, 3);
    const subscription = tail.subscribe();
    await append(3, 5);
    const messages = await take(subscription, 2);
    expect(messages).toEqual([
      {
        kind: 'event',
        type: 'livetap.chat.v1',
        lastEventId: encodeTailCursor({ journalId: 'j1', offset: 4 }),
        data: sampleEvent(3).value.toString(),
      },
      {
        kind: 'event',
        type: 'livetap.chat.v1',
        lastEventId: encodeTailCursor({ journalId: 'j1', offset: 5 }),
        data: sampleEvent(4).value.toString(),
      },
    ]);
  });

  it('resumes after 100 cuts without a hole and without a repeat', async () => {
    const random = new SeededRandom(7);
    const seen: unknown[] = [];
    let lastEventId: string | undefined = encodeTailCursor({ journalId: 'j1', offset: 0 });
    let appended = 0;
    for (let cut = 0; cut < 100; cut += 1) {
      const before = random.integer(0, 5);
      const during = random.integer(1, 5);
      await append(appended, appended + before);
      const subscription: TailSubscription = tail.subscribe({ lastEventId });
      const reading = take(subscription, random.integer(1, before + during));
      await append(appended + before, appended + before + during);
      appended += before + during;
      const messages = await reading;
      seen.push(...eventIds(messages));
      lastEventId = lastIdOf(messages);
      await subscription.return();
    }
    seen.push(...eventIds(await take(tail.subscribe({ lastEventId }), appended - seen.length)));
    expect(seen).toEqual(range(0, appended));
    expect(seen.length).toBeGreaterThan(200);
  });

  it('hands over from catching up to the shared tail at any moment', async () => {
    await append(0, 2_000);
    const late = tail.subscribe({ lastEventId: encodeTailCursor({ journalId: 'j1', offset: 0 }) });
    const level = tail.subscribe();
    const random = new SeededRandom(3);
    const [lateIds, levelIds] = [take(late, 4_000), take(level, 2_000)];
    for (let at = 2_000; at < 4_000;) {
      const next = Math.min(4_000, at + random.integer(1, 40));
      await append(at, next);
      at = next;
    }
    expect(eventIds(await lateIds)).toEqual(range(0, 4_000));
    expect(eventIds(await levelIds)).toEqual(range(2_000, 4_000));
  });

  it('reads the journal once for all clients that are level', async () => {
    let tails = 0;
    const counted = new Proxy(journal, {
      get: (target, property) => {
        if (property === 'tail') tails += 1;
        const value: unknown = Reflect.get(target, property, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const shared = new LiveTail({ log: new JournalTailLog(counted), clock });
    const clients = Array.from({ length: 50 }, () => shared.subscribe());
    await append(0, 10);
    for (const client of clients) expect(eventIds(await take(client, 10))).toEqual(range(0, 10));
    expect(tails).toBe(1);
  });

  it('filters by streamer and by type, short or whole, and never shows raw bytes', async () => {
    const gifts = tail.subscribe({ streamer: '@Streamer', types: ['gift'] });
    const chats = tail.subscribe({ types: ['livetap.chat.v1', 'livetap.like.v1'] });
    const all = tail.subscribe();
    await journal.append([
      sampleEvent(1),
      sampleEvent(2, { type: 'livetap.gift.v1' }),
      sampleEvent(3, { type: 'livetap.gift.v1', subject: 'other' }),
      sampleEvent(4, { topic: 'raw' }),
      sampleEvent(5),
      sampleEvent(6, { type: 'livetap.gift.v1' }),
    ]);
    expect(eventIds(await take(gifts, 2))).toEqual(['2', '6']);
    expect(eventIds(await take(chats, 2))).toEqual(['1', '5']);
    expect(eventIds(await take(all, 5))).toEqual(['1', '2', '3', '5', '6']);
  });

  it.each([
    ['none of ours', 'invalid', 'not an id', ['10']],
    ['of another journal', 'otherJournal', encodeTailCursor({ journalId: 'j0', offset: 3 }), ['10']],
    ['beyond the end', 'invalid', encodeTailCursor({ journalId: 'j1', offset: 99 }), ['10']],
  ])('says reset for an id %s and goes on from now', async (_name, reason, lastEventId, expected) => {
    await append(0, 10);
    const subscription = tail.subscribe({ lastEventId });
    await append(10, 11);
    const messages = await take(subscription, 2);
    expect(messages[0]).toEqual({
      kind: 'reset',
      reason,
      lastEventId: encodeTailCursor({ journalId: 'j1', offset: 10 }),
    });
    expect(eventIds(messages)).toEqual(expected);
  });

  it('says reset when the next events are deleted, before and while it catches up, and goes on with the oldest left', async () => {
    const small = new MemoryJournal({ id: 'j2', maxBytes: 5_000 });
    const value = (n: number): Buffer => Buffer.from(JSON.stringify({ id: String(n), filling: 'x'.repeat(900) }));
    const fill = async (from: number, to: number): Promise<void> => {
      for (let n = from; n < to; n += 1) await small.append([sampleEvent(n, { value: value(n) })]);
    };
    const other = new LiveTail({ log: new JournalTailLog(small), clock });
    await fill(0, 3);
    const during = other.subscribe({ lastEventId: encodeTailCursor({ journalId: 'j2', offset: 1 }) });
    await fill(3, 20);
    const before = other.subscribe({ lastEventId: encodeTailCursor({ journalId: 'j2', offset: 1 }) });
    const oldest = small.stats().firstOffset;
    for (const subscription of [during, before]) {
      const messages = await take(subscription, 3);
      expect(messages[0]).toMatchObject({ kind: 'reset', reason: 'tooOld' });
      expect(eventIds(messages)).toEqual([String(oldest - 1), String(oldest)]);
    }
  });

  it('cuts a client that does not keep up, with a reason, and lets it come back without a hole', async () => {
    const bounded = new LiveTail({ log: new JournalTailLog(journal), clock, maxClientBytes: 10_000 });
    const slow = bounded.subscribe();
    const quick = bounded.subscribe();
    const reading = take(quick, 200);
    for (let n = 0; n < 200; n += 1) await append(n, n + 1);
    expect(eventIds(await reading)).toHaveLength(200);
    const messages = await take(slow, 1_000);
    expect(messages[messages.length - 1]).toEqual({ kind: 'end', reason: 'slow' });
    const seen = eventIds(messages);
    expect(seen.length).toBeLessThan(60);
    const again = await take(bounded.subscribe({ lastEventId: lastIdOf(messages.slice(0, -1)) }), 200 - seen.length);
    expect([...seen, ...eventIds(again)]).toEqual(range(0, 200));
  });

  it('gives a sign of life when it is quiet, with an id that moves although nothing passed the filter', async () => {
    const subscription = tail.subscribe({ types: ['gift'] });
    await append(0, 7);
    const next = take(subscription, 2);
    await clock.advance(31_000);
    const heartbeat = { kind: 'heartbeat', lastEventId: encodeTailCursor({ journalId: 'j1', offset: 7 }) };
    expect(await next).toEqual([heartbeat, heartbeat]);
  });

  it('ends at a heartbeat whoever may not read any more, without what waits', async () => {
    const allowed = new Set(['a', 'b', 'behind']);
    const open = (name: string, lastEventId?: string): TailSubscription =>
      tail.subscribe({ stillAllowed: () => allowed.has(name), ...(lastEventId === undefined ? {} : { lastEventId }) });
    await append(0, 2);
    const [a, b] = [open('a'), open('b')];
    const behind = open('behind', encodeTailCursor({ journalId: 'j1', offset: 0 }));
    await append(2, 4);
    expect(eventIds(await take(a, 2))).toEqual(['2', '3']);
    await append(4, 6);
    allowed.delete('a');
    allowed.delete('behind');
    await clock.advance(15_000);
    expect(await take(a, 5)).toEqual([{ kind: 'end', reason: 'refused' }]);
    expect(await take(behind, 5)).toEqual([{ kind: 'end', reason: 'refused' }]);
    expect(eventIds(await take(b, 4))).toEqual(['2', '3', '4', '5']);
    expect(tail.clients).toBe(1);
  });

  it('ends every client when it closes or the journal does, and forgets those that leave', async () => {
    const subscription = tail.subscribe();
    const left = tail.subscribe();
    await left.return();
    expect(tail.clients).toBe(1);
    expect(await take(left, 1)).toEqual([]);
    await journal.close();
    expect(await take(subscription, 5)).toEqual([{ kind: 'end', reason: 'closing' }]);
    tail.close();
    expect(await take(tail.subscribe(), 5)).toEqual([{ kind: 'end', reason: 'closing' }]);
    expect(tail.clients).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });
});
