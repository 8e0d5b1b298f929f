import type { Secret } from '../common/secret.js';

/** Event types of a webhook that names none. */
export const DEFAULT_TYPES = ['livetap.live.started.v1', 'livetap.live.ended.v1', 'livetap.room.gap.v1'] as const;
/** Stands for every type but canaries. Raw records are never sent. */
export const ANY_TYPE = '*';

/** Which events a webhook gets: all conditions that are not empty must hold. */
export interface WebhookFilter {
  /** Whole event types, or `*`; at least one. */
  readonly types: readonly string[];
  /** Unique ids, lower case; empty: all streamers. */
  readonly streamers: readonly string[];
  /** Streamers with at least one of these labels when the event is taken up; empty: whatever their labels. */
  readonly labels: readonly string[];
}

/**
 * Why a webhook is off. `operator`: somebody said so. `gone`: the destination answered 410. `failing`: nothing was taken
 * for long. `unreadable`: its address or secret cannot be decrypted with the keys of the settings.
 */
export const DISABLED_REASONS = ['operator', 'gone', 'failing', 'unreadable'] as const;
export type DisabledReason = (typeof DISABLED_REASONS)[number];

/** A destination of events. Address and secrets are kept sealed; see `webhook-vault.ts`. */
export interface Webhook extends WebhookFilter {
  readonly id: string;
  readonly sealedUrl: string;
  /** Scheme, host and port of the address: what may be shown to everybody. */
  readonly origin: string;
  readonly description: string;
  readonly sealedSecret: string;
  /** The secret before the last rotation, as long as it is valid. */
  readonly previous?: { readonly sealedSecret: string; readonly validUntil: Date };
  readonly enabled: boolean;
  readonly disabledReason?: DisabledReason;
  readonly disabledAt?: Date;
  /** Since when nothing was taken; absent while the last attempt succeeded. */
  readonly failingSince?: Date;
  readonly consecutiveFailures: number;
  readonly lastSuccessAt?: Date;
  /** Events that were not taken up because too many waited already. */
  readonly droppedEvents: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export type NewWebhook = WebhookFilter &
  Pick<Webhook, 'id' | 'sealedUrl' | 'origin' | 'description' | 'sealedSecret' | 'enabled'>;

export type WebhookChanges = Partial<WebhookFilter & Pick<Webhook, 'sealedUrl' | 'origin' | 'description' | 'enabled'>>;

/** `pending`: due now or later. `delivered`: the destination took it. `dead`: given up; kept, and can be sent again. */
export const DELIVERY_STATUSES = ['pending', 'delivered', 'dead'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUSES)[number];

/** How an attempt ended. Closed: also a label of metrics and a reason of dead letters. */
export const ATTEMPT_OUTCOMES = [
  /** 2xx. */
  'delivered',
  /** 410: the destination wants nothing any more. */
  'gone',
  /** 429 or 503: it wants to be left alone for a while. */
  'busy',
  /** 3xx: redirects are not followed. */
  'redirect',
  /** Any other answer. */
  'refused',
  /** No answer in time. */
  'timeout',
  /** No connection, or it was cut: refused, reset, no such name. */
  'unreachable',
  /** The certificate is not right, or TLS is not spoken there. */
  'tls',
  /** The address is not one that may be called. */
  'forbiddenAddress',
] as const;
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** Why a delivery was given up: its last outcome, or its time was over before an attempt was made. */
export type DeadReason = Exclude<AttemptOutcome, 'delivered'> | 'expired';

/** One event on its way to one webhook, or what became of it. */
export interface Delivery {
  /** Decimal; later deliveries have higher ones. */
  readonly id: string;
  readonly webhookId: string;
  readonly source: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly subject: string;
  readonly status: DeliveryStatus;
  /** Attempts since it was taken up or sent again. */
  readonly attempts: number;
  readonly dueAt: Date;
  /** No attempt is made after this. */
  readonly expiresAt: Date;
  readonly lastAttemptAt?: Date;
  readonly lastOutcome?: AttemptOutcome;
  /** HTTP status of the last answer. */
  readonly lastStatus?: number;
  readonly lastDurationMs?: number;
  readonly deadReason?: DeadReason;
  readonly createdAt: Date;
  readonly finishedAt?: Date;
}

/** A delivery that this replica may attempt now, with all that the attempt needs. */
export interface ClaimedDelivery {
  readonly id: string;
  /** What keeps order: the room. */
  readonly key: string;
  readonly source: string;
  readonly eventId: string;
  /** Exactly the event's bytes. */
  readonly body: Buffer;
  readonly attempts: number;
  readonly expiresAt: Date;
  readonly webhook: Webhook;
}

/** What a destination is called with, opened. */
export interface WebhookTarget {
  readonly url: Secret;
  /** Newest first; every one signs. */
  readonly secrets: readonly Secret[];
}
