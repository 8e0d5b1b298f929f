import type { Secret } from '../common/secret.js';
import type { Attempt } from './delivery-plan.js';

export interface SendRequest {
  readonly url: Secret;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** For all of it, milliseconds. */
  readonly timeoutMs: number;
}

/** `detail`: a code or a few words for people; never an address. */
export type SendResult = Attempt & { readonly detail?: string };

/** Calls destinations. */
export interface WebhookSender {
  /**
   * One POST, never redirected, to an address that was checked. The answer's body is thrown away. Never rejects: what went
   * wrong is the outcome.
   */
  send(request: SendRequest): Promise<SendResult>;
  /** Looks a host up as a call would: false when it leads (also) to an address that may not be called; true also when it is not known. */
  mayCall(url: Secret): Promise<boolean>;
  /** Ends idle connections. */
  close(): void;
}

export const WEBHOOK_SENDER = Symbol('WebhookSender');
