import type { Provider } from '@nestjs/common';
import { SecretBox } from './common/secret-box/secret-box.js';
import { JOURNAL, type Journal } from './journal/journal.port.js';
import type { Foundation } from './operations/foundation.js';
import { Database } from './persistence/database.js';
import { DELIVERY_RULES, type DeliveryVerdict } from './webhooks/delivery-plan.js';
import { HttpWebhookSender } from './webhooks/http-webhook-sender.adapter.js';
import { PostgresWebhookIntake } from './webhooks/postgres-webhook-intake.adapter.js';
import { PostgresWebhookQueue } from './webhooks/postgres-webhook-queue.adapter.js';
import { PostgresWebhookStore } from './webhooks/postgres-webhook-store.adapter.js';
import { WebhookDeliverer } from './webhooks/webhook-deliverer.js';
import { WebhookFeed } from './webhooks/webhook-feed.js';
import { WebhookRunner } from './webhooks/webhook-runner.js';
import { WEBHOOK_SENDER, type WebhookSender } from './webhooks/webhook-sender.port.js';
import { WebhookService } from './webhooks/webhook-service.js';
import { WEBHOOK_STORAGE, type WebhookStorage } from './webhooks/webhook-store.port.js';
import { WebhookVault } from './webhooks/webhook-vault.js';

/** Deliveries in hand for one destination at once. */
const PER_DESTINATION = 8;
/** Most deliveries that may wait for one webhook. */
const MAX_PENDING = 10_000;

const OUTCOMES = { delivered: 'delivered', retry: 'retried', dead: 'dead' } as const satisfies Record<
  DeliveryVerdict['kind'],
  string
>;

/** The part of the composition root that binds webhooks. */
export function webhookProviders({ config, clock, random, logger, metrics, build }: Foundation): Provider[] {
  const { allowPrivate, timeoutMs, concurrency, retentionMs } = config.webhooks;
  const userAgent = `Livetap/${build.version}`;
  return [
    { provide: WebhookVault, inject: [SecretBox], useFactory: (box: SecretBox) => new WebhookVault(box) },
    {
      provide: WEBHOOK_STORAGE,
      inject: [Database],
      useFactory: (database: Database): WebhookStorage => {
        const store = new PostgresWebhookStore(database);
        return {
          webhooks: store,
          log: store,
          intake: new PostgresWebhookIntake(database),
          queue: new PostgresWebhookQueue(database),
        };
      },
    },
    {
      provide: WEBHOOK_SENDER,
      // One more than is in hand, for a test call.
      useFactory: (): WebhookSender =>
        new HttpWebhookSender({ clock, allowPrivate, maxConnections: PER_DESTINATION + 1 }),
    },
    {
      provide: WebhookDeliverer,
      inject: [WEBHOOK_STORAGE, WebhookVault, WEBHOOK_SENDER],
      useFactory: ({ queue }: WebhookStorage, vault: WebhookVault, sender: WebhookSender) =>
        new WebhookDeliverer({
          queue,
          vault,
          sender,
          clock,
          random,
          logger,
          userAgent,
          timeoutMs,
          concurrency,
          perDestination: PER_DESTINATION,
          metrics: { attempted: (kind) => metrics.webhookDelivery(OUTCOMES[kind]) },
        }),
    },
    {
      provide: WebhookRunner,
      inject: [WEBHOOK_STORAGE, WebhookDeliverer, JOURNAL],
      useFactory: ({ intake, queue }: WebhookStorage, deliverer: WebhookDeliverer, journal: Journal) =>
        new WebhookRunner({
          feed: new WebhookFeed({
            journal,
            intake,
            clock,
            random,
            logger,
            maxPending: MAX_PENDING,
            maxAgeMs: DELIVERY_RULES.maxAgeMs,
            onEnqueued: () => deliverer.nudge(),
            metrics: {
              dropped: (count) => metrics.webhookDelivery('dropped', count),
              skipped: (count) => metrics.webhookDelivery('skipped', count),
            },
          }),
          deliverer,
          queue,
          clock,
          logger,
          keepMs: retentionMs,
          metrics: { expired: (count) => metrics.webhookDelivery('expired', count) },
        }),
    },
    {
      provide: WebhookService,
      inject: [WEBHOOK_STORAGE, WebhookVault, WEBHOOK_SENDER, WebhookDeliverer],
      useFactory: (storage: WebhookStorage, vault: WebhookVault, sender: WebhookSender, deliverer: WebhookDeliverer) =>
        new WebhookService({
          storage,
          vault,
          sender,
          clock,
          allowPrivate,
          userAgent,
          timeoutMs,
          onDue: () => deliverer.nudge(),
        }),
    },
  ];
}
