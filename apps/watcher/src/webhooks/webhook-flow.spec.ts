import { FakeClock, sampleEvent, SeededRandom } from '@livetap/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogFields, Logger } from '../common/logger.port.js';
import { SecretBox } from '../common/secret-box/secret-box.js';
import { Secret } from '../common/secret.js';
import { MemoryJournal } from '../journal/memory-journal.js';
import { DatabaseError } from '../persistence/persistence.errors.js';
import { DELIVERY_RULES } from './delivery-plan.js';
import { MemoryWebhookStorage } from './memory-webhook-storage.js';
import type { NewWebhook } from './webhook.js';
import { WebhookDeliverer } from './webhook-deliverer.js';
import { WebhookFeed } from './webhook-feed.js';
import type { SendRequest, SendResult, WebhookSender } from './webhook-sender.port.js';
import { messageId } from './webhook-signature.js';
import { WebhookVault } from './webhook-vault.js';

const SECONDS = 1_000;
const HOURS = 3_600 * SECONDS;

class ListLogger implements Logger {
  readonly lines: string[] = [];
  readonly debug = (): void => undefined;
  readonly info = (event: string, fields?: LogFields): void =>
    void this.lines.push(`${event} ${JSON.stringify(fields)}`);
  readonly warn = this.info;
  readonly error = this.info;
  events(): string[] {
    return this.lines.map((line) => line.split(' ', 1)[0] ?? '');
  }
}

/** Destinations that answer as they are told; calls are kept. */
class PlayedDestinations implements WebhookSender {
  readonly calls: SendRequest[] = [];
  answer: (request: SendRequest) => SendResult | Promise<SendResult> = () => ({ outcome: 'delivered', status: 204 });
  closed = false;
  async send(request: SendRequest): Promise<SendResult> {
    this.calls.push(request);
    return this.answer(request);
  }
  mayCall = async (): Promise<boolean> => true;
  close(): void {
    this.closed = true;
  }
  ids(): string[] {
    return this.calls.map(({ body }) => (JSON.parse(body.toString()) as { id: string }).id);
  }
}

const vault = new WebhookVault(new SecretBox([{ id: 'k', key: new Secret(Buffer.alloc(32, 1).toString('base64')) }]));

function webhook(id: string, changes: Partial<NewWebhook> = {}): NewWebhook {
  return {
    id,
    sealedUrl: vault.sealUrl(id, new Secret(`https://${id}.example/planted?token=planted`)),
    origin: `https://${id}.example`,
    description: '',
    types: ['livetap.chat.v1'],
    streamers: [],
    labels: [],
    sealedSecret: vault.sealSecret(id, new Secret('whsec_cGxhbnRlZC1zZWNyZXQtb2YtMzItYnl0ZXMtISEhISE=')),
    enabled: true,
    ...changes,
  };
}

let clock: FakeClock;
let storage: MemoryWebhookStorage;
let logger: ListLogger;
beforeEach(() => {
  clock = new FakeClock();
  storage = new MemoryWebhookStorage(clock);
  logger = new ListLogger();
});

describe('the feed', () => {
  let journal: MemoryJournal;
  let counted: Record<'dropped' | 'skipped' | 'woken', number>;
  const feeds: WebhookFeed[] = [];
  beforeEach(() => {
    journal = new MemoryJournal({ id: 'j1' });
    counted = { dropped: 0, skipped: 0, woken: 0 };
  });
  afterEach(async () => {
    for (const feed of feeds.splice(0)) {
      const stopped = feed.stop();
      await clock.advance(0);
      await stopped;
    }
  });

  async function start(maxPending = 1_000): Promise<WebhookFeed> {
    const feed = new WebhookFeed({
      journal,
      intake: storage,
      clock,
      random: new SeededRandom(1),
      logger,
      maxPending,
      maxAgeMs: HOURS,
      onEnqueued: () => (counted.woken += 1),
      metrics: {
        dropped: (count) => (counted.dropped += count),
        skipped: (count) => (counted.skipped += count),
      },
    });
    feed.start();
    feeds.push(feed);
    await clock.advance(0);
    return feed;
  }
  const append = (...ns: number[]): Promise<void> => journal.append(ns.map((n) => sampleEvent(n)));
  /** Five events of which a journal of this size keeps the last one only. */
  async function appendAndDrop(): Promise<void> {
    journal = new MemoryJournal({ id: 'j1', maxBytes: 100 });
    const publisher = await journal.reader('publisher');
    await append(1, 2, 3, 4);
    await publisher.read({ maxEvents: 5, maxBytes: 1e6 });
    publisher.commit(4);
    await append(5);
    expect(journal.firstOffset).toBe(5);
  }
  const eventIds = async (id = 'a'): Promise<string[]> =>
    (await storage.listDeliveries(id, { limit: 1_000 })).items.map(({ eventId }) => eventId).reverse();

  it('takes up what is wanted, in order, once, and goes on after a stop where it was', async () => {
    await storage.add(webhook('a'), 9);
    await storage.add(webhook('b', { types: ['livetap.live.started.v1'] }), 9);
    await append(1, 2);
    const first = await start();
    await clock.advance(200);
    expect(await eventIds()).toEqual(['1', '2']);
    expect(await eventIds('b')).toEqual([]);
    expect(counted.woken).toBeGreaterThan(0);
    const stopped = first.stop();
    await clock.advance(0);
    await stopped;
    expect(await storage.position('j1')).toBe(2);
    await append(3);
    await start();
    await clock.advance(200);
    expect(await eventIds()).toEqual(['1', '2', '3']);
  });

  it('reads again after a crash before the position was written, and takes nothing up twice', async () => {
    await storage.add(webhook('a'), 9);
    await append(1, 2);
    await storage.enqueue(
      [{ webhookId: 'a', event: sampleEvent(1) }],
      { journalId: 'j1', offset: 0 },
      {
        maxPending: 9,
        maxAgeMs: HOURS,
      },
    );
    await start();
    await clock.advance(200);
    expect(await eventIds()).toEqual(['1', '2']);
  });

  it('gives a webhook nothing that was there before it, and everything from then on', async () => {
    await append(1, 2);
    const feed = await start();
    await clock.advance(2 * SECONDS);
    await storage.add(webhook('a'), 9);
    await append(3);
    await clock.advance(2 * SECONDS);
    await append(4);
    await clock.advance(2 * SECONDS);
    expect(await eventIds()).toEqual(['3', '4']);
    expect(feed.problem()).toBeUndefined();
  });

  it('compares labels with those that the streamer has', async () => {
    await storage.add(webhook('a', { labels: ['vip'] }), 9);
    storage.setLabels('anna', ['vip']);
    await journal.append([sampleEvent(1, { subject: 'anna' }), sampleEvent(2, { subject: 'berta' })]);
    await start();
    await clock.advance(200);
    expect(await eventIds()).toEqual(['1']);
  });

  it('counts what too many waited before', async () => {
    await storage.add(webhook('a'), 9);
    await append(1, 2, 3, 4, 5);
    await start(2);
    await clock.advance(200);
    expect(await eventIds()).toEqual(['1', '2']);
    expect(counted.dropped).toBe(3);
  });

  it('waits while the database is away, says so once, loses nothing', async () => {
    await storage.add(webhook('a'), 9);
    const enqueue = storage.enqueue.bind(storage);
    storage.enqueue = () =>
      Promise.reject(new DatabaseError('WATCHER_DATABASE_UNREACHABLE', 'away', { retryable: true }));
    const feed = await start();
    await append(1, 2);
    await clock.advance(30 * SECONDS);
    expect(feed.problem()).toMatch(/database/);
    await feed.idle(new AbortController().signal);
    await append(3);
    storage.enqueue = enqueue;
    await clock.advance(30 * SECONDS);
    expect(await eventIds()).toEqual(['1', '2', '3']);
    expect(feed.problem()).toBeUndefined();
    expect(logger.events()).toEqual(['webhooks.databaseAway', 'webhooks.resumed']);
  });

  it('counts and logs what the journal had deleted, and holds no segment back', async () => {
    await storage.add(webhook('a'), 9);
    await storage.enqueue([], { journalId: 'j1', offset: 1 }, { maxPending: 9, maxAgeMs: HOURS });
    await appendAndDrop();
    await start();
    await clock.advance(200);
    expect(await eventIds()).toEqual(['5']);
    expect(counted.skipped).toBe(3);
    expect(logger.lines.join()).toContain('"events":3');
  });

  it('does not call skipped what nobody wanted', async () => {
    await storage.enqueue([], { journalId: 'j1', offset: 1 }, { maxPending: 9, maxAgeMs: HOURS });
    await appendAndDrop();
    await start();
    await clock.advance(200);
    expect(counted.skipped).toBe(0);
    expect(logger.lines).toEqual([]);
  });
});

describe('the deliverer', () => {
  let destinations: PlayedDestinations;
  const started: WebhookDeliverer[] = [];
  const verdicts: string[] = [];
  beforeEach(() => {
    destinations = new PlayedDestinations();
    verdicts.length = 0;
  });
  afterEach(async () => {
    for (const deliverer of started.splice(0)) {
      const stopped = deliverer.stop();
      await clock.advance(0);
      await stopped;
    }
  });

  function start(with_: { perDestination?: number; vault?: WebhookVault } = {}): WebhookDeliverer {
    const deliverer = new WebhookDeliverer({
      queue: storage,
      vault: with_.vault ?? vault,
      sender: destinations,
      clock,
      random: { next: () => 0.5 },
      logger,
      userAgent: 'Livetap/test',
      timeoutMs: 10 * SECONDS,
      concurrency: 16,
      perDestination: with_.perDestination ?? 4,
      metrics: { attempted: (kind) => verdicts.push(kind) },
    });
    deliverer.start();
    started.push(deliverer);
    return deliverer;
  }
  const enqueue = (webhookId: string, ...events: ReturnType<typeof sampleEvent>[]) =>
    storage.enqueue(
      events.map((event) => ({ webhookId, event })),
      { journalId: 'j', offset: 1 },
      { maxPending: 1_000, maxAgeMs: DELIVERY_RULES.maxAgeMs },
    );
  const deliveries = async (id = 'a') => (await storage.listDeliveries(id, { limit: 100 })).items.toReversed();

  it('sends each event signed, with its bytes, to the address, once', async () => {
    await storage.add(webhook('a'), 9);
    await enqueue('a', sampleEvent(1));
    start();
    await clock.advance(5 * SECONDS);
    expect(destinations.calls).toHaveLength(1);
    const [call] = destinations.calls;
    expect(call?.url.reveal()).toBe('https://a.example/planted?token=planted');
    expect(call?.body).toEqual(sampleEvent(1).value);
    expect(call?.headers).toMatchObject({
      'content-type': 'application/cloudevents+json; charset=UTF-8',
      'user-agent': 'Livetap/test',
      'webhook-id': messageId('a', sampleEvent(1).source, '1'),
      'webhook-timestamp': String(Math.floor(Date.UTC(2026, 0, 1) / 1_000)),
    });
    expect(call?.headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
    expect(await deliveries()).toMatchObject([{ status: 'delivered', attempts: 1, lastStatus: 204 }]);
    expect(verdicts).toEqual(['delivered']);
  });

  it('signs with both secrets after a rotation, until the old one runs out', async () => {
    await storage.add(webhook('a'), 9);
    await storage.rotate('a', vault.sealSecret('a', new Secret('whsec_bmV3')), HOURS);
    await enqueue('a', sampleEvent(1));
    start();
    await clock.advance(SECONDS);
    await clock.advance(2 * HOURS);
    await enqueue('a', sampleEvent(2));
    await clock.advance(2 * SECONDS);
    const signatures = destinations.calls.map(({ headers }) => headers['webhook-signature']?.split(' ').length);
    expect(signatures).toEqual([2, 1]);
  });

  it('keeps the order of a room, also over batches', async () => {
    await storage.add(webhook('a'), 9);
    await enqueue('a', ...Array.from({ length: 20 }, (_, n) => sampleEvent(n)));
    start();
    await clock.advance(30 * SECONDS);
    expect(destinations.ids()).toEqual(Array.from({ length: 20 }, (_, n) => String(n)));
  });

  it('calls one destination so often at once and no more, whoever shares it', async () => {
    for (const id of ['a', 'b']) await storage.add(webhook(id, { origin: 'https://same.example' }), 9);
    let under = 0;
    let most = 0;
    const open: (() => void)[] = [];
    destinations.answer = async () => {
      most = Math.max(most, (under += 1));
      await new Promise<void>((resolve) => open.push(resolve));
      under -= 1;
      return { outcome: 'delivered', status: 200 };
    };
    for (const id of ['a', 'b']) {
      await enqueue(id, ...Array.from({ length: 6 }, (_, n) => sampleEvent(n, { key: `room${n}` })));
    }
    start({ perDestination: 3 });
    for (let round = 0; round < 40 && destinations.calls.length < 12; round += 1) {
      await clock.advance(100);
      open.shift()?.();
    }
    await clock.advance(100);
    for (const end of open.splice(0)) end();
    await clock.advance(100);
    expect(destinations.calls).toHaveLength(12);
    expect(most).toBe(3);
  });

  it('tries again until the destination is back, and sends everything once it is', async () => {
    await storage.add(webhook('a'), 9);
    await enqueue('a', sampleEvent(1), sampleEvent(2), sampleEvent(3));
    let up = false;
    destinations.answer = () => (up ? { outcome: 'delivered', status: 200 } : { outcome: 'unreachable' });
    start();
    await clock.advance(60 * SECONDS);
    const tries = destinations.calls.length;
    expect(tries).toBeGreaterThan(2);
    // The whole webhook waits between tries: it is not three events times as many.
    expect(tries).toBeLessThan(12);
    up = true;
    destinations.calls.length = 0;
    await clock.advance(10 * 60 * SECONDS);
    expect(destinations.ids().sort()).toEqual(['1', '2', '3']);
    expect((await deliveries()).map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered']);
    expect(await storage.find('a')).toMatchObject({ consecutiveFailures: 0 });
    expect(logger.events()).toEqual(['webhook.failing', 'webhook.recovered']);
  });

  it('lets later events pass one that the destination refuses, and keeps that one as a dead letter', async () => {
    await storage.add(webhook('a'), 9);
    await enqueue('a', sampleEvent(1), sampleEvent(2));
    destinations.answer = ({ body }) =>
      body.includes('"id":"1"') ? { outcome: 'refused', status: 422 } : { outcome: 'delivered', status: 200 };
    start();
    await clock.advance(2 * SECONDS);
    expect(await deliveries()).toMatchObject([{ status: 'pending', attempts: 1 }, { status: 'delivered' }]);
    for (let hour = 0; hour < 72; hour += 1) {
      await enqueue('a', sampleEvent(100 + hour));
      await clock.advance(HOURS);
    }
    const [first, ...rest] = await deliveries();
    expect(first).toMatchObject({
      status: 'dead',
      attempts: DELIVERY_RULES.maxAttempts,
      deadReason: 'refused',
      lastStatus: 422,
    });
    expect(rest.map(({ status }) => status)).toEqual(Array(73).fill('delivered'));
    expect(await storage.find('a')).toMatchObject({ enabled: true });
  });

  it('leaves a destination alone for as long as it asks', async () => {
    await storage.add(webhook('a'), 9);
    await enqueue('a', sampleEvent(1), sampleEvent(2, { key: 'other' }));
    destinations.answer = () => ({ outcome: 'busy', status: 429, retryAfterMs: 120 * SECONDS });
    start({ perDestination: 1 });
    await clock.advance(119 * SECONDS);
    expect(destinations.calls).toHaveLength(1);
    await clock.advance(30 * SECONDS);
    expect(destinations.calls.length).toBeGreaterThan(1);
  });

  it('switches off at 410 and calls no more', async () => {
    await storage.add(webhook('a'), 9);
    await enqueue('a', sampleEvent(1), sampleEvent(2));
    destinations.answer = () => ({ outcome: 'gone', status: 410 });
    start();
    await clock.advance(60 * SECONDS);
    expect(destinations.calls).toHaveLength(1);
    expect(await storage.find('a')).toMatchObject({ enabled: false, disabledReason: 'gone' });
    expect(await deliveries()).toMatchObject([{ status: 'dead', deadReason: 'gone' }, { status: 'pending' }]);
  });

  it('pauses one that fails for long, with the reason, and goes on when it is switched on again', async () => {
    await storage.add(webhook('a'), 9);
    await enqueue('a', ...Array.from({ length: 15 }, (_, n) => sampleEvent(n, { key: `room${n}` })));
    destinations.answer = () => ({ outcome: 'timeout' });
    const deliverer = start();
    for (let hour = 0; hour < 30; hour += 1) await clock.advance(HOURS);
    expect(await storage.find('a')).toMatchObject({ enabled: false, disabledReason: 'failing' });
    const before = destinations.calls.length;
    await clock.advance(HOURS);
    expect(destinations.calls).toHaveLength(before);
    destinations.answer = () => ({ outcome: 'delivered', status: 200 });
    await storage.update('a', { enabled: true });
    deliverer.nudge();
    await clock.advance(10 * SECONDS);
    expect((await deliveries()).filter(({ status }) => status === 'delivered').length).toBeGreaterThan(0);
    expect(await storage.pending()).toBe(0);
  });

  it('switches one off whose secret cannot be decrypted, and sends it nothing', async () => {
    await storage.add(webhook('a'), 9);
    await enqueue('a', sampleEvent(1));
    const other = new SecretBox([{ id: 'k2', key: new Secret(Buffer.alloc(32, 2).toString('base64')) }]);
    start({ vault: new WebhookVault(other) });
    await clock.advance(5 * SECONDS);
    expect(destinations.calls).toEqual([]);
    expect(await storage.find('a')).toMatchObject({ enabled: false, disabledReason: 'unreadable' });
    expect(await deliveries()).toMatchObject([{ status: 'pending', attempts: 0 }]);
  });

  it('at a stop finishes the call under way and gives the rest back', async () => {
    await storage.add(webhook('a'), 9);
    await enqueue('a', sampleEvent(1), sampleEvent(2), sampleEvent(3));
    let end: () => void = () => undefined;
    destinations.answer = () => new Promise((resolve) => (end = () => resolve({ outcome: 'delivered', status: 200 })));
    const deliverer = start();
    await clock.advance(100);
    let stopped = false;
    const stopping = deliverer.stop().then(() => (stopped = true));
    await clock.advance(100);
    expect(stopped).toBe(false);
    end();
    await clock.advance(100);
    await stopping;
    expect(destinations.closed).toBe(true);
    expect((await deliveries()).map(({ status }) => status)).toEqual(['delivered', 'pending', 'pending']);
    const claimed = await storage.claim({ limit: 9, perWebhook: 9, claimMs: 1, except: [] });
    expect(claimed.map(({ eventId }) => eventId)).toEqual(['2', '3']);
  });

  it('writes the outcome down when the database is back, and does not send again meanwhile', async () => {
    await storage.add(webhook('a'), 9);
    await enqueue('a', sampleEvent(1));
    const report = storage.report.bind(storage);
    storage.report = () =>
      Promise.reject(new DatabaseError('WATCHER_DATABASE_UNREACHABLE', 'away', { retryable: true }));
    start();
    await clock.advance(20 * SECONDS);
    storage.report = report;
    await clock.advance(20 * SECONDS);
    expect(destinations.calls).toHaveLength(1);
    expect(await deliveries()).toMatchObject([{ status: 'delivered', attempts: 1 }]);
  });

  it('writes no address and no secret into the log, whatever happens', async () => {
    await storage.add(webhook('a'), 9);
    await enqueue('a', sampleEvent(1), sampleEvent(2, { key: 'r2' }), sampleEvent(3, { key: 'r3' }));
    const outcomes = ['unreachable', 'tls', 'refused', 'forbiddenAddress', 'gone'] as const;
    let n = 0;
    destinations.answer = () => ({ outcome: outcomes[n++ % outcomes.length] ?? 'gone', detail: 'ECODE' });
    start();
    for (let minute = 0; minute < 30; minute += 1) await clock.advance(60 * SECONDS);
    expect(logger.lines.length).toBeGreaterThan(2);
    expect(logger.lines.join('\n')).not.toMatch(/planted|token=|whsec_/);
    expect(logger.lines.join('\n')).toContain('"host":"a.example"');
  });
});
