import { WatcherError, type WatcherErrorOptions } from '../common/watcher.error.js';

export const WEBHOOK_ERROR_CODES = [
  /** There is no such webhook. Final. */
  'WATCHER_WEBHOOK_NOT_FOUND',
  /** The webhook has no such delivery, or it is pruned already. Final. */
  'WATCHER_WEBHOOK_DELIVERY_NOT_FOUND',
  /** The address is none that may be called. Final. */
  'WATCHER_WEBHOOK_ADDRESS_REFUSED',
  /** There are as many webhooks as there may be. Final until one is removed. */
  'WATCHER_WEBHOOK_TOO_MANY',
] as const;
export type WebhookErrorCode = (typeof WEBHOOK_ERROR_CODES)[number];

/** Message and context never hold more of an address than its host. */
export class WebhookError extends WatcherError<WebhookErrorCode> {
  override readonly name = 'WebhookError';

  constructor(code: WebhookErrorCode, message: string, options: WatcherErrorOptions = {}) {
    super(code, message, options);
  }
}
