import { FakeClock, sampleEvent } from '@livetap/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../../apps/watcher/src/persistence/database.js';
import { MemoryWebhookStorage } from '../../../apps/watcher/src/webhooks/memory-webhook-storage.js';
import { PostgresWebhookIntake } from '../../../apps/watcher/src/webhooks/postgres-webhook-intake.adapter.js';
import { PostgresWebhookQueue } from '../../../apps/watcher/src/webhooks/postgres-webhook-queue.adapter.js';
import { PostgresWebhookStore } from '../../../apps/watcher/src/webhooks/postgres-webhook-store.adapter.js';
import type { WebhookStorage } from '../../../apps/watcher/src/webhooks/webhook-store.port.js';
import { PostgresStreamerStore } from '../../../apps/watcher/src/streamers/postgres-streamer-store.adapter.js';
import { startTestPostgres, type TestPostgres } from '../../setup/postgres.js';
import { newWebhook, webhookStorageContract } from './webhook-storage.contract.js';

let postgres: TestPostgres;
let database: Database;

beforeAll(async () => {
  postgres = await startTestPostgres();
  database = new Database({ url: await postgres.createMigratedDatabase() });
  await database.connect();
});
afterAll(async () => {
  await database.close();
  await postgres.stop();
});

async function inPostgres(): Promise<WebhookStorage> {
  await database.run((client) => client.$executeRaw`TRUNCATE webhooks, webhook_positions, streamers CASCADE`);
  const store = new PostgresWebhookStore(database);
  const intake = new PostgresWebhookIntake(database);
  return { webhooks: store, log: store, intake, queue: new PostgresWebhookQueue(database) };
}

/** The database's clock cannot be moved, so what it is compared with is moved the other way. */
async function pass(ms: number): Promise<void> {
  await database.run(
    (client) => client.$executeRaw`
      UPDATE webhook_deliveries SET due_at = due_at - ${ms} * interval '1 millisecond',
        expires_at = expires_at - ${ms} * interval '1 millisecond',
        claimed_until = claimed_until - ${ms} * interval '1 millisecond',
        finished_at = finished_at - ${ms} * interval '1 millisecond'`,
  );
  await database.run(
    (client) => client.$executeRaw`
      UPDATE webhooks SET hold_until = hold_until - ${ms} * interval '1 millisecond',
        previous_secret_until = previous_secret_until - ${ms} * interval '1 millisecond'`,
  );
  await database.run(
    (client) => client.$executeRaw`
      UPDATE webhook_positions SET updated_at = updated_at - ${ms} * interval '1 millisecond'`,
  );
}

describe('webhooks in memory', () =>
  webhookStorageContract(async () => {
    const clock = new FakeClock();
    const memory = new MemoryWebhookStorage(clock);
    return {
      storage: memory.storage,
      pass: (ms) => clock.advance(ms),
      setLabels: async (name, labels) => memory.setLabels(name, labels),
    };
  }));

describe('webhooks in Postgres', () => {
  webhookStorageContract(async () => ({
    storage: await inPostgres(),
    pass,
    setLabels: async (name, labels) => void (await new PostgresStreamerStore(database).add(name, { labels })),
  }));

  it('never hands one delivery to two of many that ask at once', async () => {
    const { webhooks, intake, queue } = await inPostgres();
    const wanted = Array.from({ length: 120 }, (_, n) => ({
      webhookId: `w${n % 3}`,
      event: sampleEvent(n, { key: String(n) }),
    }));
    for (const id of ['w0', 'w1', 'w2']) await webhooks.add(newWebhook(id), 9);
    await intake.enqueue(wanted, { journalId: 'j', offset: 120 }, { maxPending: 1_000, maxAgeMs: 1e6 });
    const taken: string[] = [];
    for (let round = 0; taken.length < 120 && round < 50; round += 1) {
      const rounds = await Promise.all(
        Array.from({ length: 8 }, () => queue.claim({ limit: 5, perWebhook: 3, claimMs: 60_000, except: [] })),
      );
      taken.push(...rounds.flat().map(({ id }) => id));
    }
    expect(taken).toHaveLength(120);
    expect(new Set(taken).size).toBe(120);
  });

  it('takes an event up once when two replicas bring it at the same time', async () => {
    const { webhooks, intake, queue } = await inPostgres();
    await webhooks.add(newWebhook('a'), 9);
    const wanted = Array.from({ length: 50 }, (_, n) => ({ webhookId: 'a', event: sampleEvent(n) }));
    const results = await Promise.all(
      ['j1', 'j2', 'j3'].map((journalId) =>
        intake.enqueue(wanted, { journalId, offset: 50 }, { maxPending: 1_000, maxAgeMs: 1e6 }),
      ),
    );
    expect(results.reduce((sum, { enqueued }) => sum + enqueued, 0)).toBe(50);
    expect(await queue.pending()).toBe(50);
  });

  it('holds the limit of webhooks when many are added at once', async () => {
    const { webhooks } = await inPostgres();
    const added = await Promise.all(Array.from({ length: 12 }, (_, n) => webhooks.add(newWebhook(`w${n}`), 5)));
    expect(added.filter((one) => one !== undefined)).toHaveLength(5);
  });
});
