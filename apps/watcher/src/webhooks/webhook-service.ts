import { randomBytes } from 'node:crypto';
import type { Clock } from '../common/clock.port.js';
import { Secret } from '../common/secret.js';
import { addressFault } from './address-guard.js';
import { DELIVERY_RULES } from './delivery-plan.js';
import type { AttemptOutcome, Delivery, DeliveryStatus, Webhook, WebhookChanges, WebhookFilter } from './webhook.js';
import { WebhookError } from './webhook.errors.js';
import { eventHeaders, sampleLiveStarted, TEST_HEADER } from './webhook-request.js';
import type { WebhookSender } from './webhook-sender.port.js';
import { SECRET_BYTES, webhookSecret } from './webhook-signature.js';
import type { Page, PageRequest, WebhookStorage } from './webhook-store.port.js';
import type { WebhookVault } from './webhook-vault.js';

/** Each enabled one is compared with every event. */
export const MAX_WEBHOOKS = 100;
const ID_BYTES = 12;

export interface WebhookServiceOptions {
  readonly storage: Pick<WebhookStorage, 'webhooks' | 'log'>;
  readonly vault: WebhookVault;
  readonly sender: WebhookSender;
  readonly clock: Clock;
  readonly allowPrivate: boolean;
  readonly userAgent: string;
  readonly timeoutMs: number;
  /** Told when something became due. */
  readonly onDue: () => void;
}

/** The fields of a request; types are whole types or `*`. */
export type WebhookInput = WebhookFilter & Pick<Webhook, 'description' | 'enabled'> & { readonly url: Secret };
export type WebhookPatch = Partial<WebhookInput>;

/** What a test call came to. */
export interface TestResult {
  readonly delivered: boolean;
  readonly outcome: AttemptOutcome;
  readonly status?: number;
  readonly detail?: string;
  readonly durationMs: number;
  readonly messageId: string;
}

/** What operators do with webhooks. */
export class WebhookService {
  constructor(private readonly options: WebhookServiceOptions) {}

  /**
   * The secret is handed out here and never again.
   * @throws WebhookError WATCHER_WEBHOOK_ADDRESS_REFUSED, WATCHER_WEBHOOK_TOO_MANY; SecretBoxError; DatabaseError
   */
  async add(input: WebhookInput): Promise<{ readonly webhook: Webhook; readonly secret: Secret }> {
    const { url, ...rest } = input;
    const id = `wh_${randomBytes(ID_BYTES).toString('base64url')}`;
    const secret = webhookSecret(randomBytes(SECRET_BYTES));
    const sealedSecret = this.options.vault.sealSecret(id, secret);
    const webhook = await this.options.storage.webhooks.add(
      { id, ...rest, ...(await this.#address(id, url)), sealedSecret },
      MAX_WEBHOOKS,
    );
    if (webhook !== undefined) return { webhook, secret };
    throw new WebhookError(
      'WATCHER_WEBHOOK_TOO_MANY',
      `There are ${MAX_WEBHOOKS} webhooks already, the most that there may be. Remove one first.`,
    );
  }

  list(request: PageRequest): Promise<Page<Webhook>> {
    return this.options.storage.webhooks.list(request);
  }

  /** @throws WebhookError WATCHER_WEBHOOK_NOT_FOUND */
  async get(id: string): Promise<Webhook> {
    return (await this.options.storage.webhooks.find(id)) ?? notFound(id);
  }

  /** The whole address, for those who may see it; undefined when it cannot be decrypted. */
  urlOf(webhook: Webhook): string | undefined {
    try {
      return this.options.vault.openUrl(webhook).reveal();
    } catch {
      // The webhook says so itself when it is used: it is switched off as unreadable.
      return undefined;
    }
  }

  /** @throws WebhookError WATCHER_WEBHOOK_NOT_FOUND, WATCHER_WEBHOOK_ADDRESS_REFUSED; SecretBoxError */
  async change(id: string, patch: WebhookPatch): Promise<Webhook> {
    const { url, ...rest } = patch;
    const changes: WebhookChanges = { ...rest, ...(url === undefined ? {} : await this.#address(id, url)) };
    const webhook = (await this.options.storage.webhooks.update(id, changes)) ?? notFound(id);
    if (patch.enabled === true) this.options.onDue();
    return webhook;
  }

  /** @throws WebhookError WATCHER_WEBHOOK_NOT_FOUND */
  async remove(id: string): Promise<void> {
    if (!(await this.options.storage.webhooks.remove(id))) notFound(id);
  }

  /**
   * A new secret; the one before signs as well for `keepMs`. @throws WebhookError WATCHER_WEBHOOK_NOT_FOUND; SecretBoxError
   */
  async rotate(id: string, keepMs: number): Promise<{ readonly webhook: Webhook; readonly secret: Secret }> {
    const secret = webhookSecret(randomBytes(SECRET_BYTES));
    const sealed = this.options.vault.sealSecret(id, secret);
    const webhook = (await this.options.storage.webhooks.rotate(id, sealed, keepMs)) ?? notFound(id);
    return { webhook, secret };
  }

  /**
   * Sends a signed sample at once, also to a webhook that is off, and changes nothing about it.
   * @throws WebhookError WATCHER_WEBHOOK_NOT_FOUND; SecretBoxError
   */
  async test(id: string): Promise<TestResult> {
    const { clock, sender, vault, userAgent, timeoutMs } = this.options;
    const { url, secrets } = vault.open(await this.get(id));
    const body = sampleLiveStarted(clock.now());
    const messageId = `msg_test_${randomBytes(ID_BYTES).toString('base64url')}`;
    const message = { id: messageId, timestamp: Math.floor(clock.now() / 1_000), body };
    const headers = { ...eventHeaders(message, secrets, userAgent), [TEST_HEADER]: 'true' };
    const startedAt = clock.monotonic();
    const { outcome, status, detail } = await sender.send({ url, headers, body, timeoutMs });
    return {
      delivered: outcome === 'delivered',
      outcome,
      ...(status === undefined ? {} : { status }),
      ...(detail === undefined ? {} : { detail }),
      durationMs: Math.round(clock.monotonic() - startedAt),
      messageId,
    };
  }

  /** @throws WebhookError WATCHER_WEBHOOK_NOT_FOUND */
  async deliveries(
    id: string,
    request: PageRequest & { readonly status?: DeliveryStatus | undefined },
  ): Promise<Page<Delivery>> {
    await this.get(id);
    return this.options.storage.log.listDeliveries(id, request);
  }

  /** @throws WebhookError WATCHER_WEBHOOK_NOT_FOUND, WATCHER_WEBHOOK_DELIVERY_NOT_FOUND */
  async redeliver(id: string, deliveryId: string): Promise<Delivery> {
    await this.get(id);
    const delivery = await this.options.storage.log.redeliver(id, deliveryId, DELIVERY_RULES.maxAgeMs);
    if (delivery === undefined) {
      throw new WebhookError(
        'WATCHER_WEBHOOK_DELIVERY_NOT_FOUND',
        'This webhook has no such delivery; old ones are removed after a while.',
      );
    }
    this.options.onDue();
    return delivery;
  }

  /** Returns how many. @throws WebhookError WATCHER_WEBHOOK_NOT_FOUND */
  async redeliverDead(id: string): Promise<number> {
    await this.get(id);
    const count = await this.options.storage.log.redeliverDead(id, DELIVERY_RULES.maxAgeMs);
    this.options.onDue();
    return count;
  }

  async #address(id: string, url: Secret): Promise<{ readonly sealedUrl: string; readonly origin: string }> {
    const { allowPrivate, sender, vault } = this.options;
    const fault =
      addressFault(url.reveal(), allowPrivate) ??
      ((await sender.mayCall(url)) ? undefined : 'must not lead to a loopback, private or reserved network');
    if (fault !== undefined) throw new WebhookError('WATCHER_WEBHOOK_ADDRESS_REFUSED', `The address ${fault}.`);
    return { sealedUrl: vault.sealUrl(id, url), origin: new URL(url.reveal()).origin };
  }
}

function notFound(id: string): never {
  throw new WebhookError('WATCHER_WEBHOOK_NOT_FOUND', `There is no webhook ${JSON.stringify(id.slice(0, 60))}.`);
}
