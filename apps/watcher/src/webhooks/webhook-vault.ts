import type { SecretBox } from '../common/secret-box/secret-box.js';
import type { Secret } from '../common/secret.js';
import type { Webhook, WebhookTarget } from './webhook.js';

/** Seals and opens what must not be read in the database: addresses (they may hold tokens) and signing secrets. */
export class WebhookVault {
  constructor(private readonly box: SecretBox) {}

  /** @throws SecretBoxError WATCHER_SECRETS_NO_KEY */
  sealUrl(webhookId: string, url: Secret): string {
    return this.box.seal(url, urlUse(webhookId));
  }

  /** @throws SecretBoxError WATCHER_SECRETS_NO_KEY */
  sealSecret(webhookId: string, secret: Secret): string {
    return this.box.seal(secret, secretUse(webhookId));
  }

  /** @throws SecretBoxError when the settings do not hold the key, or the text was changed */
  openUrl(webhook: Webhook): Secret {
    return this.box.open(webhook.sealedUrl, urlUse(webhook.id));
  }

  /** All that a call needs. @throws SecretBoxError as `openUrl` */
  open(webhook: Webhook): WebhookTarget {
    const sealed = [webhook.sealedSecret, ...(webhook.previous ? [webhook.previous.sealedSecret] : [])];
    return {
      url: this.openUrl(webhook),
      secrets: sealed.map((text) => this.box.open(text, secretUse(webhook.id))),
    };
  }
}

const urlUse = (webhookId: string): string => `webhook:${webhookId}:url`;
/** The same for the present and the previous secret: rotation moves the sealed text from one column to the other. */
const secretUse = (webhookId: string): string => `webhook:${webhookId}:secret`;
