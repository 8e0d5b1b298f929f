import type { FinishedEvent } from '../pipeline/finished-event.js';
import type { DeliveryVerdict } from './delivery-plan.js';
import type {
  AttemptOutcome,
  ClaimedDelivery,
  Delivery,
  DeliveryStatus,
  DisabledReason,
  NewWebhook,
  Webhook,
  WebhookChanges,
} from './webhook.js';

export interface Page<T> {
  readonly items: readonly T[];
  /** Opaque cursor of the next page, absent on the last one. */
  readonly nextCursor?: string;
}

export interface PageRequest {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** The webhooks themselves. All failures are DatabaseErrors. */
export interface WebhookStore {
  /** undefined when there are `most` already. */
  add(webhook: NewWebhook, most: number): Promise<Webhook | undefined>;
  find(id: string): Promise<Webhook | undefined>;
  /** In the order of creation. */
  list(request: PageRequest): Promise<Page<Webhook>>;
  /**
   * undefined when there is no such webhook. Enabling forgets why it was off and what failed; what waits is due at once.
   */
  update(id: string, changes: WebhookChanges): Promise<Webhook | undefined>;
  /** Puts a secret in place of the present one, which stays valid for `keepMs`. undefined when there is no such webhook. */
  rotate(id: string, sealedSecret: string, keepMs: number): Promise<Webhook | undefined>;
  /** With all its deliveries. False when there was none. */
  remove(id: string): Promise<boolean>;
}

/** An event that a webhook wants. */
export interface WantedEvent {
  readonly webhookId: string;
  readonly event: FinishedEvent;
}

export interface JournalPosition {
  readonly journalId: string;
  /** Offset of the last event that was looked at. */
  readonly offset: number;
}

export interface EnqueueResult {
  /** Rows that are new. */
  readonly enqueued: number;
  /** Events that were not taken up because so many wait for their webhook already. */
  readonly dropped: number;
}

/** From the journal to the queue. */
export interface WebhookIntake {
  /** undefined when this journal was never read. */
  position(journalId: string): Promise<number | undefined>;
  /** Webhooks that are on. */
  enabled(): Promise<readonly Webhook[]>;
  /** Labels of streamers by unique id or earlier name; those that are not monitored are absent. */
  labelsOf(uniqueIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /**
   * Rows and position in one transaction, in the order given. An event that a webhook was given before (`source`, `id`) and one of a
   * webhook that is gone or off by now is left out. `maxPending`: most that may wait for one webhook; `maxAgeMs`: how long it may take.
   */
  enqueue(
    wanted: readonly WantedEvent[],
    position: JournalPosition,
    limits: { readonly maxPending: number; readonly maxAgeMs: number },
  ): Promise<EnqueueResult>;
}

export interface ClaimRequest {
  /** Most deliveries of all. */
  readonly limit: number;
  /** Most of one webhook. */
  readonly perWebhook: number;
  /** After this another replica may take them. */
  readonly claimMs: number;
  /** Webhooks that have enough under way here. */
  readonly except: readonly string[];
}

/** What an attempt came to. */
export interface AttemptReport {
  readonly deliveryId: string;
  readonly webhookId: string;
  readonly outcome: AttemptOutcome;
  readonly status?: number;
  readonly durationMs: number;
  readonly verdict: DeliveryVerdict;
}

/** From the queue to the destinations. */
export interface WebhookQueue {
  /**
   * Takes deliveries that are due, oldest first, for this caller alone until the claim runs out. While one of a room and a
   * webhook is claimed, no later one of them is handed out. Webhooks that are off or wait get nothing.
   */
  claim(request: ClaimRequest): Promise<readonly ClaimedDelivery[]>;
  /** Writes what an attempt came to, for the delivery and for its webhook. A delivery or webhook that is gone is passed over. */
  report(report: AttemptReport): Promise<void>;
  /** Gives claims back without an attempt: due as before. */
  release(deliveryIds: readonly string[]): Promise<void>;
  /** Switches a webhook off. */
  disable(webhookId: string, reason: DisabledReason): Promise<void>;
  pending(): Promise<number>;
  /**
   * Gives up what is over its time, deletes finished deliveries older than `keepMs` and, of each webhook, all finished but the newest
   * `keepEach`; positions of journals that were not seen for `keepPositionsMs`. Does a bounded part each time.
   */
  prune(limits: {
    readonly keepMs: number;
    readonly keepEach: number;
    readonly keepPositionsMs: number;
  }): Promise<{ readonly expired: number; readonly deleted: number }>;
}

/** What became of deliveries, and sending them again. */
export interface DeliveryLog {
  /** Newest first. */
  listDeliveries(
    webhookId: string,
    request: PageRequest & { readonly status?: DeliveryStatus | undefined },
  ): Promise<Page<Delivery>>;
  /** Due at once, with all attempts before it. undefined when there is none such. */
  redeliver(webhookId: string, deliveryId: string, maxAgeMs: number): Promise<Delivery | undefined>;
  /** Every dead one; returns how many. */
  redeliverDead(webhookId: string, maxAgeMs: number): Promise<number>;
}

/** All of it, over one set of tables. */
export interface WebhookStorage {
  readonly webhooks: WebhookStore;
  readonly intake: WebhookIntake;
  readonly queue: WebhookQueue;
  readonly log: DeliveryLog;
}

export const WEBHOOK_STORAGE = Symbol('WebhookStorage');
