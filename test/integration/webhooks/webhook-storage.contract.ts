import { sampleEvent } from '@livetap/testkit';
import { describe, expect, it } from 'vitest';
import type { NewWebhook } from '../../../apps/watcher/src/webhooks/webhook.js';
import type { DeliveryVerdict } from '../../../apps/watcher/src/webhooks/delivery-plan.js';
import type { AttemptReport, WebhookStorage } from '../../../apps/watcher/src/webhooks/webhook-store.port.js';

/** A storage with the means to play the world around it. */
export interface WebhookWorld {
  readonly storage: WebhookStorage;
  /** Lets so much time pass, for everything that the storage compares with its clock. */
  readonly pass: (ms: number) => Promise<void>;
  readonly setLabels: (uniqueId: string, labels: readonly string[]) => Promise<void>;
}

const HOUR = 3_600_000;
const LIMITS = { maxPending: 100, maxAgeMs: 72 * HOUR };
const CLAIM = { limit: 100, perWebhook: 100, claimMs: 60_000, except: [] };

export const newWebhook = (id: string, changes: Partial<NewWebhook> = {}): NewWebhook => ({
  id,
  sealedUrl: 'v1.k.address',
  origin: 'https://example.com',
  description: 'one',
  types: ['*'],
  streamers: [],
  labels: [],
  sealedSecret: 'v1.k.secret',
  enabled: true,
  ...changes,
});

const wanted = (webhookId: string, ...ns: number[]) =>
  ns.map((n) => ({ webhookId, event: sampleEvent(n, { key: n >= 1_000 ? 'roomB' : 'roomA', source: 'roomA' }) }));
const at = (offset: number) => ({ journalId: 'j1', offset });
const report = (deliveryId: string, webhookId: string, verdict: DeliveryVerdict): AttemptReport => ({
  deliveryId,
  webhookId,
  outcome: verdict.kind === 'delivered' ? 'delivered' : 'refused',
  status: verdict.kind === 'delivered' ? 204 : 500,
  durationMs: 12.4,
  verdict,
});

/** What every storage of webhooks promises. */
export function webhookStorageContract(make: () => Promise<WebhookWorld>): void {
  describe('webhooks', () => {
    it('keeps what it is given, lists in the order of creation, page by page, and knows its limit', async () => {
      const { webhooks } = (await make()).storage;
      const first = await webhooks.add(newWebhook('a', { streamers: ['x'], labels: ['vip'], types: ['t1', 't2'] }), 3);
      expect(first).toMatchObject({ id: 'a', streamers: ['x'], labels: ['vip'], types: ['t1', 't2'], enabled: true });
      expect(first).toMatchObject({ consecutiveFailures: 0, droppedEvents: 0, description: 'one' });
      expect(await webhooks.find('a')).toEqual(first);
      expect(await webhooks.find('b')).toBeUndefined();
      await webhooks.add(newWebhook('b', { enabled: false }), 3);
      await webhooks.add(newWebhook('c'), 3);
      expect(await webhooks.add(newWebhook('d'), 3)).toBeUndefined();
      const page = await webhooks.list({ limit: 2 });
      expect(page.items.map(({ id }) => id)).toEqual(['a', 'b']);
      expect(page.items[1]).toMatchObject({ enabled: false, disabledReason: 'operator' });
      const rest = await webhooks.list({ limit: 2, cursor: page.nextCursor });
      expect(rest).toMatchObject({ items: [{ id: 'c' }] });
      expect(rest.nextCursor).toBeUndefined();
      await expect(webhooks.list({ limit: 1, cursor: 'nonsense' })).rejects.toMatchObject({
        code: 'WATCHER_CURSOR_INVALID',
      });
    });

    it('changes only what is named; switching off keeps who did it, switching on forgets the failures', async () => {
      const { storage } = await make();
      const { webhooks, intake, queue } = storage;
      await webhooks.add(newWebhook('a'), 9);
      expect(await webhooks.update('a', { description: 'two', streamers: ['y'] })).toMatchObject({
        description: 'two',
        streamers: ['y'],
        types: ['*'],
        enabled: true,
      });
      await intake.enqueue(wanted('a', 1), at(1), LIMITS);
      const [one] = await queue.claim(CLAIM);
      await queue.report(report(one!.id, 'a', { kind: 'retry', inMs: HOUR, holdMs: HOUR, disable: 'failing' }));
      expect(await webhooks.find('a')).toMatchObject({
        enabled: false,
        disabledReason: 'failing',
        consecutiveFailures: 1,
      });
      await queue.disable('a', 'gone');
      expect((await webhooks.find('a'))?.disabledReason).toBe('failing');
      expect(await webhooks.update('a', { enabled: false })).toMatchObject({ disabledReason: 'operator' });
      const on = await webhooks.update('a', { enabled: true });
      expect(on).toMatchObject({ enabled: true, consecutiveFailures: 0 });
      expect(on).not.toHaveProperty('disabledReason');
      expect(on).not.toHaveProperty('failingSince');
      // What waited for its hour is due at once.
      expect(await queue.claim(CLAIM)).toMatchObject([{ eventId: '1', attempts: 1 }]);
      expect(await webhooks.update('nobody', { enabled: true })).toBeUndefined();
    });

    it('keeps the secret before a rotation for its time', async () => {
      const { storage, pass } = await make();
      await storage.webhooks.add(newWebhook('a'), 9);
      expect(await storage.webhooks.rotate('a', 'v1.k.new', HOUR)).toMatchObject({
        sealedSecret: 'v1.k.new',
        previous: { sealedSecret: 'v1.k.secret' },
      });
      await pass(HOUR + 1_000);
      expect(await storage.webhooks.find('a')).not.toHaveProperty('previous');
      expect(await storage.webhooks.rotate('nobody', 'v1.k.new', HOUR)).toBeUndefined();
    });

    it('removes a webhook with its deliveries', async () => {
      const { webhooks, intake, queue, log } = (await make()).storage;
      await webhooks.add(newWebhook('a'), 9);
      await intake.enqueue(wanted('a', 1, 2), at(2), LIMITS);
      expect(await webhooks.remove('a')).toBe(true);
      expect(await webhooks.remove('a')).toBe(false);
      expect(await queue.pending()).toBe(0);
      expect((await log.listDeliveries('a', { limit: 10 })).items).toEqual([]);
    });
  });

  describe('intake', () => {
    it('writes rows and position together, and each event of a webhook once', async () => {
      const { webhooks, intake, queue } = (await make()).storage;
      await webhooks.add(newWebhook('a'), 9);
      await webhooks.add(newWebhook('b'), 9);
      await webhooks.add(newWebhook('off', { enabled: false }), 9);
      expect((await intake.enabled()).map(({ id }) => id)).toEqual(['a', 'b']);
      expect(await intake.position('j1')).toBeUndefined();
      expect(await intake.enqueue(wanted('a', 1, 2), at(7), LIMITS)).toEqual({ enqueued: 2, dropped: 0 });
      expect(await intake.position('j1')).toBe(7);
      const again = [...wanted('a', 2, 3), ...wanted('b', 2), ...wanted('off', 2), ...wanted('gone', 2)];
      expect(await intake.enqueue(again, at(8), LIMITS)).toEqual({ enqueued: 2, dropped: 0 });
      expect(await intake.enqueue([], { journalId: 'j2', offset: 1 }, LIMITS)).toEqual({ enqueued: 0, dropped: 0 });
      expect([await intake.position('j1'), await intake.position('j2')]).toEqual([8, 1]);
      expect(await queue.pending()).toBe(4);
    });

    it('takes up no more than may wait, and counts the rest', async () => {
      const { webhooks, intake, queue } = (await make()).storage;
      await webhooks.add(newWebhook('a'), 9);
      await webhooks.add(newWebhook('b'), 9);
      const few = { ...LIMITS, maxPending: 3 };
      expect(await intake.enqueue(wanted('a', 1, 2, 3, 4, 5), at(5), few)).toEqual({ enqueued: 3, dropped: 2 });
      expect(await intake.enqueue([...wanted('a', 6), ...wanted('b', 6)], at(6), few)).toEqual({
        enqueued: 1,
        dropped: 1,
      });
      expect((await webhooks.find('a'))?.droppedEvents).toBe(3);
      expect(await queue.pending()).toBe(4);
    });

    it('keeps the bytes of an event as they are', async () => {
      const { webhooks, intake, queue } = (await make()).storage;
      await webhooks.add(newWebhook('a'), 9);
      const value = Buffer.from([0, 255, 123, 10, 195, 40]);
      await intake.enqueue([{ webhookId: 'a', event: sampleEvent(1, { value }) }], at(1), LIMITS);
      expect((await queue.claim(CLAIM))[0]?.body).toEqual(value);
    });

    it('knows the labels of the streamers that are monitored', async () => {
      const { storage, setLabels } = await make();
      await setLabels('anna', ['vip', 'music']);
      await setLabels('berta', []);
      const labels = await storage.intake.labelsOf(['anna', 'berta', 'nobody']);
      expect(new Map(labels)).toEqual(
        new Map([
          ['anna', ['vip', 'music']],
          ['berta', []],
        ]),
      );
    });
  });

  describe('queue', () => {
    it('hands out what is due once, oldest first, within its limits', async () => {
      const { webhooks, intake, queue } = (await make()).storage;
      await webhooks.add(newWebhook('a'), 9);
      await webhooks.add(newWebhook('b'), 9);
      await intake.enqueue([...wanted('a', 1, 2, 3), ...wanted('b', 1)], at(3), LIMITS);
      const claimed = await queue.claim({ ...CLAIM, perWebhook: 2 });
      expect(claimed.map(({ webhook, eventId }) => `${webhook.id}${eventId}`)).toEqual(['a1', 'a2', 'b1']);
      expect(claimed[0]).toMatchObject({ key: 'roomA', source: 'roomA', attempts: 0, webhook: { enabled: true } });
      expect(await queue.claim({ ...CLAIM, except: ['a'] })).toEqual([]);
      // Of the same room, and two before it are under way.
      expect(await queue.claim(CLAIM)).toEqual([]);
      await intake.enqueue(wanted('a', 1_001), at(4), LIMITS);
      expect((await queue.claim(CLAIM)).map(({ eventId }) => eventId)).toEqual(['1001']);
      await queue.release(claimed.map(({ id }) => id));
      expect((await queue.claim({ ...CLAIM, limit: 1 })).map(({ eventId }) => eventId)).toEqual(['1']);
    });

    it('gives a claim that ran out to the next who asks', async () => {
      const { storage, pass } = await make();
      await storage.webhooks.add(newWebhook('a'), 9);
      await storage.intake.enqueue(wanted('a', 1), at(1), LIMITS);
      const [first] = await storage.queue.claim(CLAIM);
      await pass(61_000);
      expect(await storage.queue.claim(CLAIM)).toMatchObject([{ id: first!.id }]);
    });

    it('retries later, holds the whole webhook when asked, and forgets failures at the first success', async () => {
      const { storage, pass } = await make();
      const { webhooks, intake, queue, log } = storage;
      await webhooks.add(newWebhook('a'), 9);
      await intake.enqueue(wanted('a', 1, 1_002), at(2), LIMITS);
      const [one] = await queue.claim(CLAIM);
      await queue.report(report(one!.id, 'a', { kind: 'retry', inMs: 10_000, holdMs: 0 }));
      const { items } = await log.listDeliveries('a', { limit: 9 });
      const failed = items.find(({ id }) => id === one!.id);
      expect(failed).toMatchObject({ attempts: 1, lastOutcome: 'refused', lastStatus: 500, lastDurationMs: 12 });
      const { failingSince, consecutiveFailures } = (await webhooks.find('a'))!;
      expect(failingSince).toBeInstanceOf(Date);
      expect(consecutiveFailures).toBe(1);
      expect(await queue.claim(CLAIM)).toEqual([]);
      await pass(11_000);
      const [again] = await queue.claim(CLAIM);
      expect(again).toMatchObject({ id: one!.id, attempts: 1, webhook: { consecutiveFailures: 1 } });
      await queue.report(report(again!.id, 'a', { kind: 'retry', inMs: 0, holdMs: 90_000 }));
      await pass(61_000);
      expect(await queue.claim(CLAIM)).toEqual([]);
      await pass(30_000);
      const both = await queue.claim(CLAIM);
      expect(both.map(({ eventId }) => eventId).sort()).toEqual(['1', '1002']);
      await queue.report(report(both[0]!.id, 'a', { kind: 'delivered' }));
      const healthy = (await webhooks.find('a'))!;
      expect(healthy).toMatchObject({ consecutiveFailures: 0 });
      expect(healthy.lastSuccessAt).toBeInstanceOf(Date);
      expect(healthy).not.toHaveProperty('failingSince');
    });

    it('keeps dead letters with their reason, and sends them again when told', async () => {
      const { webhooks, intake, queue, log } = (await make()).storage;
      await webhooks.add(newWebhook('a'), 9);
      await intake.enqueue(wanted('a', 1, 1_002, 3), at(3), LIMITS);
      for (const { id } of await queue.claim(CLAIM)) {
        const verdict: DeliveryVerdict = { kind: 'dead', reason: 'timeout', holdMs: 0 };
        await queue.report(report(id, 'a', verdict));
      }
      const dead = (await log.listDeliveries('a', { limit: 9, status: 'dead' })).items;
      expect(dead.map(({ eventId, deadReason }) => [eventId, deadReason])).toEqual([
        ['3', 'timeout'],
        ['1002', 'timeout'],
        ['1', 'timeout'],
      ]);
      expect(dead[0]?.finishedAt).toBeInstanceOf(Date);
      expect(await log.redeliver('a', dead[2]!.id, HOUR)).toMatchObject({ status: 'pending', attempts: 0 });
      expect(await log.redeliver('a', '999999', HOUR)).toBeUndefined();
      expect(await log.redeliver('a', 'x', HOUR)).toBeUndefined();
      expect(await log.redeliver('other', dead[1]!.id, HOUR)).toBeUndefined();
      expect(await log.redeliverDead('a', HOUR)).toBe(2);
      expect(await queue.claim(CLAIM)).toHaveLength(3);
    });

    it('gives up what is over its time, and forgets what is old or too much', async () => {
      const { storage, pass } = await make();
      const { webhooks, intake, queue, log } = storage;
      await webhooks.add(newWebhook('a'), 9);
      await intake.enqueue(wanted('a', 1, 2, 3, 4, 5, 6), at(6), { ...LIMITS, maxAgeMs: HOUR });
      for (const { id, eventId } of await queue.claim({ ...CLAIM, perWebhook: 5 })) {
        const dead: DeliveryVerdict = { kind: 'dead', reason: 'refused', holdMs: 0 };
        await queue.report(report(id, 'a', eventId === '1' ? dead : { kind: 'delivered' }));
      }
      const limits = { keepMs: 24 * HOUR, keepEach: 2, keepPositionsMs: 48 * HOUR };
      expect(await queue.prune(limits)).toEqual({ expired: 0, deleted: 2 });
      const left = (await log.listDeliveries('a', { limit: 9 })).items.map(({ eventId }) => eventId);
      expect(left).toEqual(['6', '5', '4', '1']);
      await pass(2 * HOUR);
      expect(await queue.claim(CLAIM)).toEqual([]);
      expect(await queue.prune(limits)).toEqual({ expired: 1, deleted: 0 });
      expect((await log.listDeliveries('a', { limit: 1, status: 'dead' })).items[0]).toMatchObject({
        eventId: '6',
        deadReason: 'expired',
      });
      await pass(25 * HOUR);
      expect((await queue.prune(limits)).deleted).toBe(4);
      expect(await intake.position('j1')).toBe(6);
      await pass(24 * HOUR);
      await queue.prune(limits);
      expect(await intake.position('j1')).toBeUndefined();
    });

    it('pages through the log, newest first', async () => {
      const { webhooks, intake, log } = (await make()).storage;
      await webhooks.add(newWebhook('a'), 9);
      await intake.enqueue(wanted('a', 1, 2, 3), at(3), LIMITS);
      const page = await log.listDeliveries('a', { limit: 2 });
      const rest = await log.listDeliveries('a', { limit: 2, cursor: page.nextCursor });
      expect([...page.items, ...rest.items].map(({ eventId }) => eventId)).toEqual(['3', '2', '1']);
      expect(rest.nextCursor).toBeUndefined();
      expect((await log.listDeliveries('a', { limit: 2, status: 'dead' })).items).toEqual([]);
    });
  });
}
